import GRDB
import GRDBSQLite

extension GRDB.Database {
  /// `true` when a row written by the open transaction refers to a row that does not exist. SQLite checks this at
  /// the commit; GRDB has no call to check before.
  package var hasBrokenReferences: Bool {
    var (count, highest) = (Int32(0), Int32(0))
    let status = sqlite3_db_status(sqliteConnection, SQLITE_DBSTATUS_DEFERRED_FKS, &count, &highest, 0)
    return status != SQLITE_OK || count != 0
  }
}
