import FoundationEssentials
import GRDB
import KittyShared

/// The embedded database: one file, one writer (see `SQLiteWriter`), many readers (WAL).
struct SQLiteDatabase: Database {
  let skippingLocked: SQL = ""
  let pool: DatabasePool
  private let writer: SQLiteWriter
  var isOverloaded: Bool { writer.isFull }

  static let migrationList = """
    create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at integer not null) strict
    """

  /// Opens the file, or creates it.
  /// - Throws: GRDB's error when the file cannot be opened.
  init(path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      // A committed transaction must survive a power failure; GRDB's default with WAL is NORMAL.
      try database.execute(sql: "pragma synchronous = full")
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    writer = SQLiteWriter(pool)
  }

  /// Opens an existing file for reading only.
  /// - Throws: GRDB's error when the file cannot be opened.
  init(reading path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    configuration.readonly = true
    pool = try DatabasePool(path: path, configuration: configuration)
    writer = SQLiteWriter(pool)
  }

  /// Number of transactions that are not on the disk yet.
  var openWrites: Int { writer.open }

  /// Reads the current load.
  @Sendable func load() -> [DatabaseLoad] { [DatabaseLoad(pool: "writer", waiting: writer.open)] }

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    try await Self.translating { try await pool.read { database in try Self.run(statements, on: database) } }
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    try await Self.translating { try await writer.transact(statements) }
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] {
    // SQLite's lock keeps other processes from writing during this transaction.
    try await pool.writeWithoutTransaction { database in
      try database.inTransaction(.immediate) { .commit }
      try database.execute(sql: Self.migrationList)
      var applied: [Int] = []
      for migration in migrations {
        try database.inTransaction(.immediate) {
          let names = try GRDB.Row.fetchAll(database, sql: "select version, name from schema_migrations")
          let stored = Dictionary(uniqueKeysWithValues: names.map { ($0[0] as Int, $0[1] as String) })
          try Migration.check(stored, against: migrations)
          guard stored[migration.version] == nil else { return .commit }
          try database.execute(sql: migration.script(.sqlite))
          try database.execute(
            sql: "insert into schema_migrations (version, name, applied_at) values (?, ?, ?)",
            arguments: [migration.version, migration.name, Int64(Date().timeIntervalSince1970 * 1000)])
          applied.append(migration.version)
          return .commit
        }
      }
      return applied
    }
  }

  func close() async {
    // The last connection to close moves the write-ahead log into the file, unless it is a read-only one.
    pool.invalidateReadOnlyConnections()
    // Closing fails only while a statement runs, and the process ends after this.
    try? pool.close()
  }

  /// Maximum length of a statement in the statement cache, in bytes.
  private static let cachedLength = 4096

  static func run(_ statements: [SQL], on database: GRDB.Database) throws -> [[Row]] {
    try statements.map { sql in
      // A long statement contains a list of rows and hardly occurs twice, and the cache never evicts.
      let statement =
        try sql.text.utf8.count <= cachedLength
        ? database.cachedStatement(sql: sql.text) : database.makeStatement(sql: sql.text)
      let arguments = StatementArguments(sql.values.map(\.databaseValue))
      return try GRDB.Row.fetchAll(statement, arguments: arguments).map { row in
        Row(columns: row.databaseValues.map(SQL.Value.init))
      }
    }
  }

  static func translating<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as DatabaseError {
      throw DatabaseFailure(error)
    }
  }
}

extension SQL.Value {
  var databaseValue: DatabaseValue {
    switch self {
    case .text(let text): text.databaseValue
    case .integer(let number): number.databaseValue
    case .bool(let flag): flag.databaseValue
    case .null: .null
    }
  }

  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .int64(let number): self = .integer(number)
    case .string(let text): self = .text(text)
    case .null: self = .null
    case .double(let number): self = .text(String(number))
    case .blob: self = .null
    }
  }
}

extension DatabaseFailure {
  init(_ error: DatabaseError) {
    let message = error.message ?? ""
    switch error.extendedResultCode {
    case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
      // "UNIQUE constraint failed: users.name", or "… failed: index 'accounts_name'".
      if let quoted = message.split(separator: "'").dropFirst().first {
        self = .notUnique(String(quoted))
      } else {
        let column = message.split(separator: " ").last.map(String.init) ?? ""
        self = .notUnique(column.replacing(".", with: "_"))
      }
    case .SQLITE_CONSTRAINT_FOREIGNKEY: self = .brokenReference
    case .SQLITE_CONSTRAINT_CHECK, .SQLITE_CONSTRAINT_TRIGGER, .SQLITE_CONSTRAINT_NOTNULL:
      self = .refused(message)
    // A sum past 64 bits turns into a floating-point number, which a strict table refuses.
    case .SQLITE_CONSTRAINT_DATATYPE: self = .outOfRange
    default:
      switch error.resultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY:
        self = .unavailable("\(error)", maybeApplied: false)
      default: self = .fault("\(error)")
      }
    }
  }
}
