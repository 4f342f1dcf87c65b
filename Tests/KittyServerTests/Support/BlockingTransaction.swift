import KittyShared
import Postgres
import Testing

@testable import KittyServer

/// A transaction of another connection on PostgreSQL, kept open until a request waits for its locks.
enum BlockingTransaction {
  /// Runs `statements` in a transaction, starts `work`, waits until it is blocked, calls `whileWaiting` and commits.
  ///
  /// Transactions with the same `lock` wait for each other.
  static func run<Value: Sendable>(
    on server: TestServer, at location: TestServer.DataLocation, lock: Int64 = 4713, _ statements: String,
    _ work: @escaping @Sendable () async throws -> Value,
    whileWaiting: @Sendable () async throws -> Void = {}
  ) async throws -> Value {
    let client = PostgresClient(connectionString: location.databaseURL ?? "", connections: 1)
    let value = try await client.exclusive(lock: lock) { session in
      let rows = try await session.run([PostgresStatement("select pg_backend_pid()")])[0].rows
      let pid = rows[0].columns[0] ?? ""
      try await session.script("begin; \(statements)")
      let working = Task { try await work() }
      try await until {
        let waiting = try await server.dependencies.database.read(
          "select count(*) from pg_stat_activity where \(pid)::integer = any(pg_blocking_pids(pid))")
        return try waiting[0].decode(Int.self) > 0
      }
      try await whileWaiting()
      try await session.script("commit")
      return try await working.value
    }
    await client.close()
    return value
  }
}
