/// One long transaction that creates or fills the tables of a database.
protocol RestoreTransaction: SnapshotReader {
  /// Returns the names of the applied migrations, by version. Creates the table of migrations when it does not exist.
  /// - Throws: `DatabaseFailure`, here and below.
  func appliedMigrations() async throws -> [Int: String]
  /// Applies a migration.
  func apply(_ migration: Migration) async throws
  /// Blocks other writers of a table until the transaction ends.
  func lock(_ table: BackupTable) async throws
  /// Inserts rows with a value for each column. Where triggers check whole statements, one statement inserts all rows.
  func insert(_ rows: [[SQL.Value]], into table: BackupTable, _ columns: [BackupTable.Column]) async throws
  /// Runs one statement.
  func run(_ statement: SQL) async throws
  /// Removes these tables with their triggers, so that all migrations can be applied again. Other tables stay.
  func removeSchema(_ tables: [BackupTable]) async throws
  /// Updates the statistics that the database plans its queries with.
  func analyze(_ tables: [BackupTable]) async throws
}
