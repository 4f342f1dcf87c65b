import KittyShared

/// A connection to an SQL database.
///
/// - Queries go through `read`, in one round trip however many there are.
/// - Writes go through `transact(_:in:)`: all statements of a transaction in one round trip, with the `WriteContext` that
///   they belong to.
/// - Every failure is a `DatabaseFailure`.
///
///     let rows = try await database.read("select name from groups where id = \(group)")
///     try await database.transact(["update groups set name = \(name) where id = \(group)"], in: write)
///
/// There are two drivers, `PostgresDatabase` and `SQLiteDatabase`; `MeasuredDatabase` and `JobNotifyingDatabase` wrap
/// one. `DATABASE_URL` decides which driver is used, and no other code depends on it.
protocol Database: Sendable {
  /// Runs statements that only read, in one round trip.
  /// - Returns: The rows of each statement, in order.
  /// - Throws: `DatabaseFailure`.
  func read(_ statements: [SQL]) async throws -> [[Row]]

  /// Runs statements in one transaction, in one round trip: all of them happen or none. Only drivers and their wrappers
  /// call this; all other code calls `transact(_:in:)`.
  /// - Returns: The rows of each statement, in order.
  /// - Throws: `DatabaseFailure`.
  func runTransaction(_ statements: [SQL]) async throws -> [[Row]]

  /// Runs one transaction whose statements are made while it runs: its memory is bounded. Only drivers and their wrappers call
  /// this; all other code calls `transact(in:_:)`.
  /// - Parameter body: Runs statements by its argument. The transaction is committed when it returns, and rolled back when it
  ///   throws.
  /// - Throws: `DatabaseFailure`, or the error of `body`.
  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws

  /// Updates the schema to the last of `migrations`. One server does this at a time, each migration in a transaction.
  /// - Returns: The versions that were applied.
  /// - Throws: `MigrationFailure` or `DatabaseFailure`.
  func migrate(_ migrations: [Migration]) async throws -> [Int]

  /// The end of a `select` that looks for a row to change: it skips rows that another transaction has locked. Empty where
  /// there is one writer.
  var skippingLocked: SQL { get }

  /// `true` while a transaction would be refused, because too many wait.
  var isOverloaded: Bool { get }

  /// Completes the running statements and closes every connection.
  func close() async
}

/// Runs statements of an open transaction.
typealias StatementRunner = ([SQL]) async throws -> Void

extension Database {
  /// Runs one statement that only reads.
  func read(_ statement: SQL) async throws -> [Row] { try await read([statement])[0] }

  /// Collects the statements and runs them together: for databases whose long transactions hold up all others.
  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws {
    var statements: [SQL] = []
    try await body { statements += $0 }
    _ = try await runTransaction(statements)
  }

  /// `true` where one transaction at a time writes, so that a long one holds up all others.
  var hasOneWriter: Bool { skippingLocked.text.isEmpty }

  /// The dialect of SQL: where both databases have no statement in common.
  var dialect: Dialect { hasOneWriter ? .sqlite : .postgres }

  /// Checks that the database answers.
  func ping() async throws { _ = try await read("select 1") }
}
