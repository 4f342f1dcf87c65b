import KittyShared
import Postgres

extension PostgresDatabase: BackupDatabase {
  func snapshot<Value: Sendable>(_ body: (any SnapshotReader) async throws -> Value) async throws -> Value {
    try await Self.mappingErrors {
      try await writer.session { session in
        try await session.script(
          """
          set idle_in_transaction_session_timeout = 600000;
          begin isolation level repeatable read, read only
          """)
        return try await body(PostgresTransaction(session: session))
      }
    }
  }

  func restore<Value: Sendable>(_ body: (any RestoreTransaction) async throws -> Value) async throws -> Value
  {
    try await Self.mappingErrors {
      try await writer.exclusive(lock: Self.migrationLock) { session in
        try await session.script("set idle_in_transaction_session_timeout = 600000; begin")
        let value = try await body(PostgresTransaction(session: session))
        try await session.script("commit")
        return value
      }
    }
  }

  private static func mappingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as PostgresError { throw DatabaseFailure(error) }
  }
}

/// A transaction of many batches, on its own connection.
private struct PostgresTransaction: RestoreTransaction {
  let session: PostgresSession

  func read(_ statement: SQL) async throws -> [Row] {
    try await session.run([PostgresStatement(statement)])[0].rows.map { Row($0) }
  }

  func run(_ statement: SQL) async throws { _ = try await session.run([PostgresStatement(statement)]) }

  func appliedMigrations() async throws -> [Int: String] {
    try await session.script(PostgresDatabase.migrationList)
    let rows = try await read("select version, name from schema_migrations")
    return Dictionary(uniqueKeysWithValues: try rows.map { try $0.decode(Int.self, String.self) })
  }

  func apply(_ migration: Migration) async throws {
    // A table cannot be altered while deferred checks of its rows are pending.
    try await session.script("set constraints all immediate")
    try await session.script(migration.script(.postgres))
    try await session.rewrite(by: migration)
    try await session.script("set constraints all deferred")
    try await run(
      "insert into schema_migrations (version, name) values (\(migration.version), \(migration.name))")
  }

  func lock(_ table: BackupTable) async throws {
    try await run("lock table \(name: table.name) in exclusive mode")
  }

  /// Sends one array for each column, so that the statement is the same for any number of rows.
  func insert(_ rows: [[SQL.Value]], into table: BackupTable, _ columns: [BackupTable.Column]) async throws {
    let names = columns.map { "\(name: $0.name)" as SQL }
    let arrays = columns.enumerated().map { index, column -> SQL in
      "\(Self.array(rows, index))::\(name: column.kind.arrayType)"
    }
    try await run(
      "insert into \(name: table.name) (\(list: names)) select * from unnest(\(list: arrays))")
  }

  /// Returns the literal of an array. All texts are in quotes, so that none is read as a keyword.
  private static func array(_ rows: [[SQL.Value]], _ index: Int) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for row in rows {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      switch row[index] {
      case .null: bytes += "null".utf8
      case .integer(let number): bytes += number.description.utf8
      case .bool(let flag): bytes += (flag ? "true" : "false").utf8
      case .id(let id): bytes += id.description.utf8
      case .text(let text):
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
          if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
          bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
      }
    }
    bytes.append(UInt8(ascii: "}"))
    return String(decoding: bytes, as: UTF8.self)
  }

  func removeSchema(_ tables: [BackupTable]) async throws {
    let names = tables.map { "'\($0.name)'" }.joined(separator: ", ")
    // The functions of triggers are not dropped with the tables.
    try await session.script(
      """
      do $$
      declare
        functions text;
        dropped text;
      begin
        select string_agg(distinct t.tgfoid::regprocedure::text, ', ') into functions
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and c.relnamespace = current_schema()::regnamespace
          and c.relname in (\(names));
        select string_agg(format('%I', c.relname), ', ') into dropped from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and c.relname in (\(names));
        execute 'drop table ' || dropped;
        if functions is not null then execute 'drop function ' || functions; end if;
        delete from schema_migrations;
      end $$
      """)
  }

  func analyze(_ tables: [BackupTable]) async throws {
    for table in tables { try await run("analyze \(name: table.name)") }
  }
}

extension BackupTable.Kind {
  fileprivate var arrayType: StaticString {
    switch self {
    case .id: "uuid[]"
    case .text: "text[]"
    case .integer: "bigint[]"
    case .date: "date[]"
    }
  }
}
