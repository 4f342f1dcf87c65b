/// A database that can be copied as a whole, out and in: both can.
protocol BackupDatabase: Database {
  /// Runs `body` on everything as it is at one moment, however long it takes and whoever writes meanwhile.
  /// - Throws: `DatabaseFailure`, or what `body` throws.
  func snapshot<Value: Sendable>(_ body: (any SnapshotReader) async throws -> Value) async throws -> Value

  /// Runs `body` as one transaction: all that it wrote is there when this returns, or nothing when it throws or
  /// the process ends. No server migrates meanwhile.
  /// - Throws: `DatabaseFailure`, or what `body` throws.
  func fill<Value: Sendable>(_ body: (any RestoreTransaction) async throws -> Value) async throws -> Value
}

/// The database at one moment.
protocol SnapshotReader {
  /// Runs one statement that only reads.
  func read(_ statement: SQL) async throws -> [Row]
}

/// One long transaction that makes or fills a database.
protocol RestoreTransaction: SnapshotReader {
  /// The steps of the schema that the database has, by version. Makes the list of them where there is none.
  func migrations() async throws -> [Int: String]
  /// Takes one step of the schema.
  func apply(_ migration: Migration) async throws
  /// Keeps everybody else from writing to a table until the transaction ends.
  func lock(_ table: Table) async throws
  /// Writes rows, each with a value for each column: in one statement where triggers look at whole statements.
  func insert(_ rows: [[SQL.Value]], into table: Table, _ columns: [Table.Column]) async throws
  /// Runs one statement.
  func run(_ statement: SQL) async throws
  /// Removes the schema, so that its first step can be taken again. Only tables that are named go.
  func removeSchema(_ tables: [Table]) async throws
  /// Counts anew what the database believes of its tables.
  func analyze(_ tables: [Table]) async throws
}
