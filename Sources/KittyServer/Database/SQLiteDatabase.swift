import FoundationEssentials
import GRDB
import KittyShared

/// The embedded database: one file, one writer (see `SQLiteWriter`), many readers (WAL).
struct SQLiteDatabase: Database {
  let skippingLocked: SQL = ""
  let pool: DatabasePool
  let writer: SQLiteWriter
  private let timeLimit: Duration
  /// Long reads, and a few of the other reads of some users.
  private static let readers = 12
  var isOverloaded: Bool { writer.isFull }

  static let migrationList = """
    create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at integer not null) strict
    """

  /// Opens the file, or creates it.
  /// - Parameter timeLimit: Time limit of a statement; the wait for another process has half of it.
  /// - Throws: GRDB's error when the file cannot be opened.
  init(path: String, timeLimit: Duration = .seconds(10)) throws {
    self.timeLimit = timeLimit
    var configuration = Configuration()
    configuration.maximumReaderCount = Self.readers
    configuration.busyMode = .timeout(timeLimit / .seconds(2))
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      database.add(function: Self.octetLength)
      // A committed transaction must survive a power failure; GRDB's default with WAL is NORMAL.
      try database.execute(sql: "pragma synchronous = full")
      if !database.configuration.readonly { try database.execute(sql: Self.writerSettings) }
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    writer = SQLiteWriter(pool, timeLimit: timeLimit)
  }

  /// Opens an existing file for reading only.
  /// - Throws: GRDB's error when the file cannot be opened.
  init(reading path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    configuration.readonly = true
    configuration.prepareDatabase { $0.add(function: Self.octetLength) }
    pool = try DatabasePool(path: path, configuration: configuration)
    timeLimit = .seconds(10)
    writer = SQLiteWriter(pool, timeLimit: timeLimit)
  }

  /// The settings of the connection that writes. An expense changes some twenty pages of 4 KB: with a cache of 8 MB few of them
  /// are read again. `SQLiteCheckpoints` moves the log before a commit does.
  private static let writerSettings =
    "pragma cache_size = -8000; pragma wal_autocheckpoint = \(SQLiteCheckpoints.mostPages)"

  /// The most values of a transaction that is not large: an expense of three members has a hundred, a piece of an import some thousand.
  private static let smallValues = 500

  /// The number of bytes of a text, as PostgreSQL has it. Versions of SQLite before 3.43 do not.
  private static let octetLength = DatabaseFunction("octet_length", argumentCount: 1, pure: true) { values in
    String.fromDatabaseValue(values[0])?.utf8.count
  }

  /// Number of transactions that are not on the disk yet.
  var openWrites: Int { writer.open }

  /// SQLite's counter of the commits of other processes, and whether it is the one of the last second.
  var othersCommits: (count: Int64?, isCurrent: Bool) { writer.othersCommits }

  /// Reads the counter of the commits of other processes, unless a transaction is being written, which reads it too.
  func countOthersCommits() async { await writer.countOthersCommits() }

  /// Reads the current load.
  @Sendable func load() -> [DatabaseLoad] { [DatabaseLoad(pool: "writer", waiting: writer.open)] }

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    try statements.requireSizes()
    let statements = statements.map(SQLiteStatement.init)
    return try await Self.translating {
      try await pool.read { database in try statements.map { try $0.run(on: database, for: timeLimit) } }
    }
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    try statements.requireSizes()
    let isLarge = statements.reduce(0) { $0 + $1.values.count } > Self.smallValues
    // A job may change a whole group by one statement.
    let size: SQLiteWriter.Size = isLarge ? .large : DatabaseCaller.current.user == nil ? .unknown : .small
    // Made ready here, while other transactions use the writer.
    let prepared = statements.map(SQLiteStatement.init)
    return try await Self.translating { try await writer.transact(prepared, size) }
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
          try Self.rewrite(by: migration, on: database)
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
    writer.checkpoints.wait()
    // The last connection to close moves the write-ahead log into the file, unless it is a read-only one.
    pool.invalidateReadOnlyConnections()
    // Closing fails only while a statement runs, and the process ends after this.
    try? pool.close()
  }

  /// Runs the changes of rows of a migration in the open transaction.
  static func rewrite(by migration: Migration, on database: GRDB.Database) throws {
    for rewrite in migration.rewrites {
      var last: Row?
      while let query = try rewrite.query(last) {
        let rows = try SQLiteStatement(query).run(on: database)
        for statement in try rewrite.statements(rows) {
          _ = try SQLiteStatement(statement).run(on: database)
        }
        last = rows.last
        if rows.isEmpty { break }
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
      case .SQLITE_INTERRUPT: self = .tooSlow("\(error)")
      case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY:
        self = .unavailable("\(error)", maybeApplied: false)
      default: self = .fault("\(error)")
      }
    }
  }
}
