import FoundationEssentials
import GRDB
import KittyShared

extension SQLiteDatabase: BackupDatabase {
  func snapshot<Value: Sendable>(_ body: (any SnapshotReader) async throws -> Value) async throws -> Value {
    try await Self.translating { try await body(SQLiteSnapshot(reader: try pool.makeSnapshot())) }
  }

  func restore<Value: Sendable>(_ body: (any RestoreTransaction) async throws -> Value) async throws -> Value
  {
    try await Self.translating {
      var configuration = pool.configuration
      // The transaction stays open from one statement to the next.
      configuration.allowsUnsafeTransactions = true
      let queue = try DatabaseQueue(path: pool.path, configuration: configuration)
      defer { try? queue.close() }
      try await queue.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
      do {
        let value = try await body(SQLiteTransaction(queue: queue))
        try await queue.writeWithoutTransaction { try $0.commit() }
        return value
      } catch {
        // A full disk has rolled the transaction back already. Closing the file rolls it back in any case.
        try? await queue.writeWithoutTransaction { database in
          if database.isInsideTransaction { try database.rollback() }
        }
        throw error
      }
    }
  }
}

private struct SQLiteSnapshot: SnapshotReader {
  let reader: DatabaseSnapshot

  func read(_ statement: SQL) async throws -> [Row] {
    try await reader.read { try SQLiteStatement(statement).run(on: $0) }
  }
}

/// A transaction of many statements, on its own connection.
private struct SQLiteTransaction: RestoreTransaction {
  let queue: DatabaseQueue

  func read(_ statement: SQL) async throws -> [Row] {
    try await queue.writeWithoutTransaction { try SQLiteStatement(statement).run(on: $0) }
  }

  func run(_ statement: SQL) async throws { _ = try await read(statement) }

  func appliedMigrations() async throws -> [Int: String] {
    try await queue.writeWithoutTransaction { try $0.execute(sql: SQLiteDatabase.migrationList) }
    let rows = try await read("select version, name from schema_migrations")
    return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(Int.self, String.self) })
  }

  func apply(_ migration: Migration) async throws {
    try await queue.writeWithoutTransaction { database in
      try database.execute(sql: migration.script(.sqlite))
      try SQLiteDatabase.rewrite(by: migration, on: database)
    }
    try await run(
      """
      insert into schema_migrations (version, name, applied_at)
      values (\(migration.version), \(migration.name), \(Instant.now))
      """)
  }

  /// Does nothing: the transaction is the only writer of the file.
  func lock(_ table: BackupTable) async throws {}

  func insert(_ rows: [[SQL.Value]], into table: BackupTable, _ columns: [BackupTable.Column]) async throws {
    let names = columns.map { "\($0.name)" }.joined(separator: ", ")
    let parameters = columns.map { _ in "?" }.joined(separator: ", ")
    let text = "insert into \(table.name) (\(names)) values (\(parameters))"
    try await queue.writeWithoutTransaction { database in
      let statement = try database.cachedStatement(sql: text)
      for row in rows {
        try statement.execute(arguments: StatementArguments(row.map(\.databaseValue)))
      }
    }
  }

  func removeSchema(_ tables: [BackupTable]) async throws {
    try await queue.writeWithoutTransaction { database in
      // A table that refers to another must be dropped before it.
      for table in tables.reversed() { try database.execute(sql: "drop table if exists \(table.name)") }
      try database.execute(sql: "delete from schema_migrations")
    }
  }

  func analyze(_ tables: [BackupTable]) async throws {}
}
