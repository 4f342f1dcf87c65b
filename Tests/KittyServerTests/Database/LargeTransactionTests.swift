import KittyShared
import Testing

@testable import KittyServer

/// A transaction that PostgreSQL gets in pieces is still one: all of it happens or nothing.
@Suite struct LargeTransactionTests {
  /// More rows than are sent at once.
  private static let rows = 30_000

  /// Returns statements that insert rows of a user.
  private func inserts(_ prefix: String, of user: ID) -> [SQL] {
    (0..<Self.rows).map { "(\("\(prefix)-\($0)"), \(user), \($0))" as SQL }.chunks(of: 5000).map { rows in
      "insert into device_tokens (token_hash, user_id, expires_at) values \(list: rows)"
    }
  }

  private func count(_ prefix: String, in database: any Database) async throws -> Int {
    let found = try await database.read(
      "select count(*) from device_tokens where token_hash like \(prefix + "-%")")
    return try #require(found.first).decode(Int.self)
  }

  @Test(arguments: Backend.available) func largeTransactionHappensAsAWhole(backend: Backend) async throws {
    try await TestServer.run(on: backend) { server in
      _ = try await server.signUp()
      let database = server.dependencies.database
      let user = try #require(try await database.read("select id from users").first).decode(ID.self)
      let write = WriteContext()
      write.setGuard(
        "insert into device_tokens (token_hash, user_id, expires_at) values (\("guard-0"), \(user), \(0))")
      // The last statement breaks a unique key: nothing of the others stays, nor the guard.
      let failing =
        inserts("a", of: user)
        + ["insert into device_tokens (token_hash, user_id, expires_at) values (\("a-7"), \(user), \(0))"]
      let failure = await #expect(throws: DatabaseFailure.self) {
        try await database.transact(failing, in: write)
      }
      guard case .notUnique = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(try await count("a", in: database) == 0)
      #expect(try await count("guard", in: database) == 0)
      #expect(!write.hasWritten)
      try await database.transact(inserts("a", of: user), in: write)
      #expect(try await count("a", in: database) == Self.rows)
      #expect(try await count("guard", in: database) == 1)
      #expect(write.isGuardCommitted)
    }
  }
}
