import FoundationEssentials
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Migrations of the schema.
@Suite struct MigrationTests {
  @Test(arguments: Backend.available) func secondMigrationDoesNothingAndNewerSchemaIsRefused(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      #expect(try await server.dependencies.migrate() == [])
      let next = (Migration.all.last?.version ?? 0) + 1
      let broken = Migration(version: next, name: "broken") { _ in
        "create table fine (x integer); create table broken ("
      }
      await #expect(throws: (any Error).self) {
        try await server.dependencies.database.migrate(Migration.all + [broken])
      }
      // A failed migration is rolled back completely.
      await #expect(throws: DatabaseFailure.self) {
        try await server.dependencies.database.read("select x from fine")
      }
      let later = Migration(version: next, name: "later") { _ in "create table later (x integer)" }
      #expect(try await server.dependencies.database.migrate(Migration.all + [later]) == [next])
      let newer = await #expect(throws: MigrationFailure.self) { try await server.dependencies.migrate() }
      #expect(
        newer?.description.contains("this server (KittyCash \(KittyCash.version)) knows versions") == true)
      // The migrations of another program are recognized.
      let other = Migration(version: 1, name: "other") { _ in "" }
      let failure = await #expect(throws: MigrationFailure.self) {
        try await server.dependencies.database.migrate([other, later])
      }
      #expect(failure?.description.contains("\"books\" as version 1") == true)
    }
  }

  @Test(arguments: Backend.available) func concurrentMigrationsRunOnce(backend: Backend) async throws {
    try await withTemporaryFolder { folder in
      let url = try await backend.freshURL()
      let databases: [any Database] = try (0..<2).map { _ in
        if let url { return PostgresDatabase(url: url) }
        return try SQLiteDatabase(path: folder + "/x.sqlite")
      }
      async let first = databases[0].migrate(Migration.all)
      async let second = databases[1].migrate(Migration.all)
      let applied = try await [first, second]
      // Each of them runs some, and none twice.
      #expect(applied.flatMap { $0 }.sorted() == Migration.all.map(\.version))
      for database in databases { await database.close() }
    }
  }
}
