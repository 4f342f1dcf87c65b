import GRDB
import GRDBSQLite

@testable import KittyServer

extension SQLiteDatabase {
  /// Runs a statement and returns the number of instructions that the virtual machine of SQLite executed.
  func steps(of text: String, _ values: [DatabaseValue]) async throws -> Int {
    try await pool.read { connection in
      let statement = try connection.makeStatement(sql: text)
      _ = try GRDB.Row.fetchAll(statement, arguments: StatementArguments(values))
      return Int(sqlite3_stmt_status(statement.sqliteStatement, SQLITE_STMTSTATUS_VM_STEP, 0))
    }
  }
}
