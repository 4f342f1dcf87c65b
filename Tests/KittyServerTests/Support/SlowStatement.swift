@testable import KittyServer

/// Statements that run for many seconds.
enum SlowStatement {
  static func read(_ backend: Backend) -> SQL {
    backend == .postgres ? "select pg_sleep(8)" : "select count(*) from (\(part: numbers)) numbers"
  }

  /// Inserts into a table `numbers` of SQLite.
  static let insert: SQL = "insert into numbers \(part: numbers)"

  private static let numbers: SQL = """
    with recursive c (n) as (select 1 union all select n + 1 from c where n < 1000000000) select n from c
    """
}
