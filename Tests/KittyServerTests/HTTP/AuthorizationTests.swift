import KittyShared
import Testing

@testable import KittyServer

/// Requests without a valid token, and requests about groups of other users. Generated from the route table, which
/// includes new routes.
@Suite struct AuthorizationTests {
  @Test(arguments: Backend.available) func requestWithoutTokenGets401(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let id = ID(at: .now)
      for route in Endpoints.all where route.access != .anyone {
        for token in [nil, "kitty_wrong", ""] {
          let answer = try await server.send(route.method.rawValue, route.path([id, id]), token: token)
          #expect(answer.status == 401, "\(route)")
          #expect(answer.header("WWW-Authenticate") == "Bearer")
        }
      }
    }
  }

  @Test(arguments: Backend.available) func groupOfOthersIsNotFound(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let anna = try await server.signUp("anna")
      let bob = try await server.signUp("bob")
      let (group, members) = try await server.makeGroup(anna)
      let json = #"{"description": "x", "amount": 3, "payer": "\#(group.me)"}"#
      let expense = try await server.send("POST", "/v1/groups/\(group.id)/expenses", token: anna, json: json)
        .decode(Entry.self)
      for route in Endpoints.all {
        guard case .member = route.access else { continue }
        let second = route.path.contains("{expense}") ? expense.id : members[1].id
        let path = route.path([group.id, second])
        let body: String? = route.method == .get || route.method == .delete ? nil : #"{"name": "x"}"#
        let headers = [("If-Match", "*"), ("Content-Type", "application/json")]
        let answer = try await server.send(
          route.method.rawValue, path, token: bob, body: body.map { .bytes(Array($0.utf8)) } ?? .none,
          headers: headers)
        // The same response as for a group that does not exist.
        #expect(answer.status == 404, "\(route.method.rawValue) \(route.path): \(answer.text)")
        #expect(try answer.problem().code == "not_found")
      }
      #expect(try await server.send("GET", "/v1/groups", token: bob).decode(Page<Group>.self).items.isEmpty)
      #expect(try await server.balances(group.id, anna).first?.paid == 3)
    }
  }

  @Test(arguments: Backend.available) func expenseOfAnotherGroupIsNotFound(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let anna = try await server.signUp("anna")
      let (one, members) = try await server.makeGroup(anna)
      let (two, _) = try await server.makeGroup(anna)
      let json = #"{"description": "x", "amount": 3, "payer": "\#(one.me)"}"#
      let expense = try await server.send("POST", "/v1/groups/\(one.id)/expenses", token: anna, json: json)
        .decode(Entry.self)
      #expect(
        try await server.send("GET", "/v1/groups/\(two.id)/expenses/\(expense.id)", token: anna).status == 404
      )
      #expect(
        try await server.send("DELETE", "/v1/groups/\(two.id)/expenses/\(expense.id)", token: anna).status
          == 404)
      #expect(
        try await server.send("DELETE", "/v1/groups/\(two.id)/members/\(members[1].id)", token: anna).status
          == 404)
      // A member of one group cannot take part in the other.
      let foreign =
        #"{"description": "x", "amount": 3, "payer": "\#(two.me)", "participants": ["\#(members[1].id)"]}"#
      let refused = try await server.send("POST", "/v1/groups/\(two.id)/expenses", token: anna, json: foreign)
      #expect(try refused.problem().errors?.first?.field == "participants.0")
    }
  }
}
