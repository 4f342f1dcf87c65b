import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Transactions and parameters, on both databases.
@Suite struct DatabaseTests {
  @Test(arguments: Backend.available) func failedBatchWritesNothing(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      let database = server.dependencies.database
      await #expect(throws: DatabaseFailure.notUnique("users_name")) {
        try await database.transact([
          "update users set display_name = 'changed'",
          """
          insert into users (id, name, display_name, password_hash, created_at)
          values (\(ID(at: .now)), 'anna', 'x', 'x', 0)
          """,
        ])
      }
      let rows = try await database.read("select display_name from users")
      #expect(try rows[0].decode(String.self) == "anna")
    }
  }

  @Test(arguments: Backend.available) func valuesAreBoundAsParameters(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let hostile = "'; drop table users; --\u{1F600} $1 \\"
      let rows = try await server.dependencies.database.read(
        "select cast(\(hostile) as text), cast(\(nil as String?) as text), \(7 as Int64) + 0")
      let (text, nothing, seven) = try rows[0].decode(String.self, String?.self, Int64.self)
      #expect(text == hostile && nothing == nil && seven == 7)
    }
  }
}
