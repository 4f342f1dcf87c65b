import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Two servers on one database and one Redis.
@Suite(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
struct TwoServersTests {
  private func run(_ body: ([TestServer]) async throws -> Void) async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    let second = TestServer.DataLocation(databaseURL: location.databaseURL)
    defer { for location in [location, second] { location.remove() } }
    try await TestServer.run(at: location, redis: Backend.redisURL) { (one) async throws in
      try await TestServer.run(at: second, redis: Backend.redisURL) { (other) async throws in
        for server in [one, other] {
          try await until { server.dependencies.cache?.versions(of: []) != nil }
        }
        try await body([one, other])
      }
    }
  }

  @Test func changesOfGroupReachTheOtherServer() async throws {
    try await run { servers in
      let token = try await servers[0].signUp()
      let (group, members) = try await servers[0].makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      for number in 1...20 {
        // Both servers cache the balances; an expense on either invalidates both.
        for server in servers { _ = try await server.balances(group.id, token) }
        let made = try await servers[number % 2].send(
          "POST", path + "/expenses", token: token,
          json: #"{"description": "Dinner", "amount": 300, "payer": "\#(members[0].id)"}"#)
        #expect(made.status == 201)
        let expected = Int64(number) * 200
        #expect(try await servers[number % 2].balances(group.id, token)[0].net == expected)
        try await until { try await servers[(number + 1) % 2].balances(group.id, token)[0].net == expected }
      }
      // A changed name, and an archived group.
      let renamed = try await servers[0].send(
        "PATCH", path + "/members/\(members[1].id)", token: token, json: #"{"name": "Bert"}"#,
        headers: [("If-Match", "*")])
      #expect(renamed.status == 200, "\(renamed.text)")
      for server in servers {
        try await until { try await server.balances(group.id, token).contains { $0.name == "Bert" } }
      }
      let archived = try await servers[1].send(
        "PATCH", path, token: token, json: #"{"archived": true}"#, headers: [("If-Match", "*")])
      #expect(archived.status == 200, "\(archived.text)")
      for server in servers {
        try await until {
          try await server.send(
            "POST", path + "/members", token: token, json: #"{"name": "Dora\#(Int.random(in: 0...999_999))"}"#
          ).status == 409
        }
      }
    }
  }

  @Test func membershipAndRoleReachTheOtherServer() async throws {
    try await run { servers in
      let owner = try await servers[0].signUp()
      let bob = try await servers[0].signUp("bob")
      let group = try await servers[0].makeGroup(owner).group.id
      let path = "/v1/groups/\(group)"
      // A user who joins on one server is a member on the other.
      for server in servers { #expect(try await server.send("GET", path, token: bob).status == 404) }
      let invite = try await servers[0].invite(group, owner)
      for server in servers { try await until { try await server.balances(group, owner).count == 3 } }
      let tags = [CacheTag.group(group)]
      let before = try #require(servers[1].dependencies.cache?.versions(of: tags))
      let me = try await servers[0].accept(invite.code, bob).decode(Group.self).me
      #expect(try await servers[0].balances(group, owner).count == 4)
      try await until { servers[1].dependencies.cache?.versions(of: tags) != before }
      #expect(try await servers[1].balances(group, owner).count == 4)
      try await until { try await servers[1].send("GET", path, token: bob).status == 200 }
      func enter(_ server: TestServer) async throws -> Int {
        try await server.send("POST", path + "/members", token: bob, json: #"{"name": "\#(ID(at: .now))"}"#)
          .status
      }
      for server in servers { #expect(try await enter(server) == 201) }
      for (role, status) in [("viewer", 403), ("admin", 201), ("viewer", 403)] {
        let changed = try await servers[0].send(
          "PATCH", path + "/members/\(me)", token: owner, json: #"{"role": "\#(role)"}"#,
          headers: [("If-Match", "*")])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(try await enter(servers[0]) == status)
        try await until { try await enter(servers[1]) == status }
      }
      #expect(try await servers[0].send("DELETE", path + "/members/\(me)", token: owner).status == 204)
      #expect(try await servers[0].send("GET", path, token: bob).status == 404)
      try await until { try await servers[1].send("GET", path, token: bob).status == 404 }
    }
  }

  @Test func signOutReachesTheOtherServer() async throws {
    try await run { servers in
      let token = try await servers[0].signUp()
      for server in servers { #expect(try await server.send("GET", "/v1/me", token: token).status == 200) }
      #expect(try await servers[0].send("DELETE", "/v1/sessions/current", token: token).status == 204)
      #expect(try await servers[0].send("GET", "/v1/me", token: token).status == 401)
      try await until { try await servers[1].send("GET", "/v1/me", token: token).status == 401 }
    }
  }

  @Test func endedSessionsReachTheOtherServer() async throws {
    try await run { servers in
      func begin(_ name: String) async throws -> String {
        let json = #"{"name": "\#(name)", "password": "a long password"}"#
        return try await servers[0].send("POST", "/v1/sessions", json: json).decode(Session.self).token
      }
      func status(_ number: Int, _ token: String) async throws -> Int {
        try await servers[number].send("GET", "/v1/me", token: token).status
      }
      let anna = [try await servers[0].signUp("anna"), try await begin("anna")]
      let bob = try await servers[0].signUp("bob")
      for token in anna + [bob] { for number in 0...1 { #expect(try await status(number, token) == 200) } }
      let changed = try await servers[0].send(
        "PUT", "/v1/me/password", token: anna[0],
        json: #"{"current": "a long password", "new": "another password"}"#)
      #expect(changed.status == 200)
      #expect(try await status(0, anna[1]) == 401)
      try await until { try await status(1, anna[1]) == 401 }
      for number in 0...1 { #expect(try await status(number, anna[0]) == 200) }
      let deleted = try await servers[1].send(
        "DELETE", "/v1/me", token: bob, json: #"{"password": "a long password"}"#)
      #expect(deleted.status == 204)
      #expect(try await status(1, bob) == 401)
      try await until { try await status(0, bob) == 401 }
    }
  }

  /// A session or token that ends on one server is refused by the other within a second. Cached values live until they
  /// are invalidated, so an invalidation must have arrived. The median of three, since a busy machine may pause.
  @Test(arguments: ["a session", "all others", "a token"])
  func revocationReachesTheOtherServerWithinASecond(what: String) async throws {
    try await run { servers in
      let own = try await servers[0].signUp()
      var times: [Duration] = []
      for _ in 0..<3 {
        let (lost, path): (String, String)
        switch what {
        case "a token":
          let token = try await servers[0].makeToken(own)
          (lost, path) = (try #require(token.token), "/v1/me/tokens/\(token.id)")
        default:
          lost = try await servers[0].signIn()
          let list = try await servers[0].send("GET", "/v1/me/sessions", token: lost)
          let id = try list.decode(Page<OpenSession>.self).items.first { $0.current }?.id
          path = what == "all others" ? "/v1/me/sessions" : "/v1/me/sessions/\(try #require(id))"
        }
        for server in servers {
          for secret in [lost, own] {
            #expect(try await server.send("GET", "/v1/me", token: secret).status == 200)
          }
        }
        #expect(try await servers[0].send("DELETE", path, token: own).status == 204)
        let start = ContinuousClock.now
        #expect(try await servers[0].send("GET", "/v1/me", token: lost).status == 401)
        try await until { try await servers[1].send("GET", "/v1/me", token: lost).status == 401 }
        times.append(.now - start)
        #expect(try await servers[1].send("GET", "/v1/me", token: own).status == 200)
      }
      #expect(times.sorted()[1] < .seconds(1), "\(times)")
    }
  }
}
