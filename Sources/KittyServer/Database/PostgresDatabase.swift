import KittyShared
import Postgres

/// PostgreSQL through libpq in pipeline mode: a batch is one round trip.
struct PostgresDatabase: Database {
  /// Few connections: waiting statements share a flush, and few processes of PostgreSQL compete for the cores.
  private let reader: PostgresClient
  /// The connections of long reads, apart from the others: a statement behind a long one would wait for it.
  private let longReader: PostgresClient
  /// Several: transactions that commit at the same time share the write to the disk.
  let writer: PostgresClient
  private let timeLimit: Duration

  /// Key of the advisory lock under which one server at a time changes the schema: "kittyc" as a number.
  static let migrationLock: Int64 = 0x6b69_7474_7963
  static let migrationList = """
    create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now())
    """

  let skippingLocked: SQL = "for update skip locked"
  var isOverloaded: Bool { writer.isOverloaded }

  /// Connects with the first statement.
  /// - Parameters:
  ///   - timeLimit: Time limit of a statement; one of a long transaction has three times as much, a lock and a new connection half.
  ///   - onState: Called with a sentence when the connection is lost and when it is back.
  init(
    url: String, timeLimit: Duration = .seconds(10), onState: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    func connect(
      _ connections: Int, spares: Int = 0, onlyReads: Bool, onState: @escaping @Sendable (String) -> Void
    ) -> PostgresClient {
      PostgresClient(
        connectionString: url, connections: connections, spares: spares, statementTimeout: timeLimit,
        connectTimeout: timeLimit / 2, onlyReads: onlyReads, onState: onState)
    }
    self.timeLimit = timeLimit
    reader = connect(2, spares: 4, onlyReads: true, onState: onState)
    // The state of the database is told once, not by each pool.
    longReader = connect(FairDatabase.longReads, onlyReads: true) { _ in }
    writer = connect(8, onlyReads: false, onState: onState)
  }

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    let caller = DatabaseCaller.current
    return try await run(
      statements, on: caller.isLong ? longReader : reader, for: caller.user.map(\.hashValue))
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    statements.areLarge
      ? try await runInPieces(statements) : try await run(statements, on: writer)
  }

  /// Runs a large transaction a few statements at a time.
  private func runInPieces(_ statements: [SQL]) async throws -> [[Row]] {
    var rows: [[Row]] = []
    try await runLongTransaction(returning: { rows += $0 }) { run in try await run(statements) }
    return rows
  }

  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws {
    try await runLongTransaction(returning: { _ in }, body)
  }

  /// Runs a transaction on a connection of its own, a few statements at a time: its memory is bounded, and the connections of the
  /// other transactions stay free. A deadlock is not tried again: it fails, and nothing is changed.
  private func runLongTransaction(
    returning rows: @escaping ([[Row]]) -> Void,
    _ body: (_ run: @escaping StatementRunner) async throws -> Void
  ) async throws {
    var isCommitting = false
    do {
      try await writer.session(statementTimeout: timeLimit * 3, lockTimeout: timeLimit / 2) { session in
        try await session.script("begin")
        try await body { statements in
          try statements.requireSizes()
          for piece in statements.chunks(of: 8) {
            if Task.isCancelled {
              throw DatabaseFailure.unavailable("the request was cancelled", maybeApplied: false)
            }
            let results = try await session.run(piece.map(PostgresStatement.init))
            rows(results.map { $0.rows.map(Row.init) })
          }
        }
        isCommitting = true
        _ = try await session.run([PostgresStatement("commit")])
      }
    } catch PostgresError.unavailable(let why, _) {
      throw DatabaseFailure(.unavailable(why, maybeApplied: isCommitting))
    } catch let error as PostgresError {
      throw DatabaseFailure(error)
    }
  }

  /// - Parameter owner: The user for whom the statements run; not for writes, since all of them are slow on a slow disk.
  private func run(_ statements: [SQL], on client: PostgresClient, for owner: Int? = nil) async throws
    -> [[Row]]
  {
    try statements.requireSizes()
    do throws(PostgresError) {
      let results = try await client.run(statements.map(PostgresStatement.init), for: owner)
      return results.map { $0.rows.map(Row.init) }
    } catch {
      throw DatabaseFailure(error)
    }
  }

  /// Runs `body` with a connection for changes of the schema. Other servers cannot change it at the same time.
  func exclusive<Value: Sendable>(_ body: (PostgresSession) async throws -> Value) async throws -> Value {
    try await writer.exclusive(lock: Self.migrationLock, body)
  }

  /// Reads the current load of both pools.
  @Sendable func load() -> [DatabaseLoad] {
    [("reader", reader), ("long_reader", longReader), ("writer", writer)].map { name, client in
      let load = client.load
      return DatabaseLoad(
        pool: name, connections: (load.open, load.busy, load.limit), waiting: load.waiting)
    }
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] {
    try await exclusive { session in
      try await session.script(Self.migrationList)
      let rows = try await session.run([
        PostgresStatement("select version, name from schema_migrations")
      ])
      let stored = try rows[0].rows.map { try Row($0).decode(Int.self, String.self) }
      try Migration.check(Dictionary(uniqueKeysWithValues: stored), against: migrations)
      var applied: [Int] = []
      for migration in migrations where !stored.contains(where: { $0.0 == migration.version }) {
        // One transaction: closing the connection after an error rolls it back.
        try await session.script("begin; \(migration.script(.postgres))")
        try await session.rewrite(by: migration)
        try await session.script(
          """
          insert into schema_migrations (version, name) values (\(migration.version), '\(migration.name)');
          commit;
          """)
        applied.append(migration.version)
      }
      return applied
    }
  }

  func close() async {
    await reader.close()
    await longReader.close()
    await writer.close()
  }
}

extension [SQL] {
  /// `true` for a transaction that takes too long to be sent at once: then other transactions would wait for it.
  var areLarge: Bool {
    reduce(0) { $0 + $1.values.count } > 2 * SQL.maxParameters || reduce(0) { $0 + $1.textBytes } > 4 << 20
  }
}

extension PostgresSession {
  /// Runs the changes of rows of a migration in the open transaction.
  func rewrite(by migration: Migration) async throws {
    for rewrite in migration.rewrites {
      var last: Row?
      while let query = try rewrite.query(last) {
        let rows = try await run([PostgresStatement(query)])[0].rows.map(Row.init)
        for statements in try rewrite.statements(rows).chunks(of: 500) {
          _ = try await run(statements.map(PostgresStatement.init))
        }
        last = rows.last
        if rows.isEmpty { break }
      }
    }
  }
}

extension PostgresStatement {
  init(_ sql: SQL) {
    self.init(
      sql.text,
      sql.values.map { value in
        switch value {
        case .text(let text): text
        case .id(let id): id.description
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        case .null: nil
        }
      }, places: sql.places, isRepeated: sql.isRepeated)
  }
}

extension Row {
  init(_ row: PostgresRow) {
    self.init(columns: row.columns.map { $0.map(SQL.Value.text) ?? .null })
  }
}

extension DatabaseFailure {
  init(_ error: PostgresError) {
    switch error {
    case .server("23505", _, let constraint):
      // A primary key is called "users_pkey"; its last column is the id.
      let name = constraint ?? ""
      self = .notUnique(name.hasSuffix("_pkey") ? name.dropLast(5) + "_id" : name)
    case .server("23503", _, _): self = .brokenReference
    case .server("23514", let message, let constraint): self = .refused(constraint ?? message)
    case .server("23502", let message, _): self = .refused(message)
    case .server("22003", _, _): self = .outOfRange
    // A statement that took too long, or waited too long for a lock.
    case .server("57014", let message, _), .server("55P03", let message, _): self = .tooSlow(message)
    case .server(let state, let message, _) where Self.isTemporary(state):
      self = .unavailable("\(state): \(message)", maybeApplied: false)
    case .server(let state, let message, _): self = .fault("\(state): \(message)")
    case .refused(let why): self = .fault("a statement cannot be sent: \(why)")
    case .unavailable(let why, let maybeApplied): self = .unavailable(why, maybeApplied: maybeApplied)
    case .overloaded: self = .overloaded
    case .timedOut: self = .unavailable("the request waited too long for the database", maybeApplied: false)
    case .closed: self = .unavailable("the server is stopping", maybeApplied: false)
    case .cancelled: self = .unavailable("the request was cancelled", maybeApplied: true)
    }
  }

  /// Returns `true` for an SQL state of a temporary failure: the transaction was rolled back, and the same statements
  /// may succeed later. See PostgreSQL's appendix "Error Codes".
  private static func isTemporary(_ state: String) -> Bool {
    // Deadlocks and serialization failures, missing resources such as disk or connections, system errors.
    if ["40", "53", "58"].contains(state.prefix(2)) { return true }
    // A standby server, and shutdowns.
    return state == "25006" || state.hasPrefix("57P0")
  }
}
