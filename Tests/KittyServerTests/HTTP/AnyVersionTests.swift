import KittyShared
import Testing

@testable import KittyServer

/// Changes with `If-Match: *`, "whatever it is by now": none is refused because of another one at the same time.
@Suite struct AnyVersionTests {
  private static let any = [("If-Match", "*")]

  private func statuses(
    _ count: Int, _ send: @escaping @Sendable (Int) async throws -> Int
  ) async throws -> Set<Int> {
    try await withThrowingTaskGroup(of: Int.self) { tasks in
      for number in 0..<count { tasks.addTask { try await send(number) } }
      return try await tasks.reduce(into: []) { $0.insert($1) }
    }
  }

  @Test(arguments: Backend.available) func thirtyChangesAtOnceAreMade(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 30, "payer": "\#(books.anna)"}"#)
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "\#(books.bob)", "amount": 30}"#)
      let changes: [(path: String, json: @Sendable (Int) -> String, version: Int64)] = [
        ("/expenses/\(expense.id)", { #"{"amount": \#(100 + $0)}"# }, expense.version),
        ("/payments/\(payment.id)", { #"{"amount": \#(100 + $0)}"# }, payment.version),
        ("/members/\(books.bob)", { #"{"weight": \#($0)}"# }, 1),
        ("", { #"{"name": "Flat \#($0)"}"# }, 1),
      ]
      for change in changes {
        let found = try await statuses(30) { number in
          try await books.send("PATCH", change.path, change.json(number), headers: Self.any).status
        }
        #expect(found == [200], "\(change.path)")
        let path = change.path.replacing("expenses", with: "entries").replacing("payments", with: "entries")
        let etag = try await books.send("GET", path).header("ETag")
        #expect(etag == "\"\(change.version + 30)\"", "\(path)")
      }
      let me = try await statuses(30) { number in
        try await books.send("PATCH", "/v1/me", #"{"displayName": "Anna \#(number)"}"#, headers: Self.any)
          .status
      }
      #expect(me == [200])
    }
  }

  /// A change of a member is made to the member of another role that they have by then.
  @Test(arguments: Backend.available) func changesOfRolesAtOnceAreMade(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let kinds = ["admin", "member", "viewer"].map { #"{"role": "\#($0)"}"# } + [#"{"weight": 3}"#]
      let found = try await statuses(30) { number in
        try await roles.send(.owner, "PATCH", roles.path(.viewer), kinds[number % kinds.count]).status
      }
      #expect(found == [200])
    }
  }
}
