import GRDB
import GRDBSQLite

extension GRDB.Database {
  /// The number of instructions of SQLite's virtual machine between two looks at the clock: well below a millisecond.
  private static let interval: Int32 = 10_000

  /// Runs `body`. A statement that still runs after this time is interrupted, and fails with `SQLITE_INTERRUPT`.
  package func withTimeLimit<Value>(_ limit: Duration, _ body: () throws -> Value) throws -> Value {
    var deadline = ContinuousClock.now + limit
    return try withUnsafeMutablePointer(to: &deadline) { deadline in
      sqlite3_progress_handler(
        sqliteConnection, Self.interval,
        { deadline in
          guard let deadline else { return 0 }
          let end = deadline.assumingMemoryBound(to: ContinuousClock.Instant.self).pointee
          return ContinuousClock.now < end ? 0 : 1
        }, deadline)
      defer { sqlite3_progress_handler(sqliteConnection, 0, nil, nil) }
      return try body()
    }
  }
}
