import GRDB
import GRDBSQLite

extension GRDB.Database {
  /// Returns the number of pages that this connection has written to the write-ahead log, and counts from 0 again; `nil` for
  /// a closed connection.
  package func takeWrittenPages() -> Int? {
    guard let sqliteConnection else { return nil }
    var (count, highest) = (Int32(0), Int32(0))
    let status = sqlite3_db_status(sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &count, &highest, 1)
    return status == SQLITE_OK ? Int(count) : 0
  }
}
