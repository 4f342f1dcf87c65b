import Postgres
import Testing

@testable import KittyServer

struct CollationVersionTests {
  @Test(.enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set"))
  func otherCollationVersionIsReported() async throws {
    let url = try #require(Backend.postgresURL)
    let server = PostgresClient(connectionString: url, connections: 1)
    let name = "collation_\(UInt32.random(in: 0 ... .max))"
    _ = try await server.run([PostgresStatement("create database \(name)")])
    let database = PostgresDatabase(url: url.replacing(/\/kitty$/, with: "/\(name)"))
    #expect(try await CollationVersion(database: database).problem() == nil)
    let change = "update pg_database set datcollversion = '2.31' where datname = '\(name)'"
    _ = try await server.run([PostgresStatement(change)])
    let problem = try #require(try await CollationVersion(database: database).problem())
    #expect(problem.contains("version 2.31 of its collation"))
    #expect(
      problem.contains("REINDEX DATABASE \"\(name)\"; ALTER DATABASE \"\(name)\" REFRESH COLLATION VERSION;"))
    await database.close()
    _ = try await server.run([PostgresStatement("drop database \(name)")])
    await server.close()
  }
}
