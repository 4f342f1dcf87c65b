import KittyShared

/// Where statements go. Two real implementations: PostgreSQL and SQLite.
protocol Database: Sendable {
  /// Runs statements that only read, in one round trip.
  /// - Returns: The rows of each statement, in order.
  /// - Throws: `DatabaseFailure`.
  func read(_ statements: [SQL]) async throws -> [[Row]]

  /// Runs statements in one transaction, in one round trip: all of them happen or none. Only drivers and what wraps
  /// them call it; everything else calls `transact(_:in:)`.
  /// - Returns: The rows of each statement, in order.
  /// - Throws: `DatabaseFailure`.
  func runTransaction(_ statements: [SQL]) async throws -> [[Row]]

  /// Brings the schema up to `migrations`; one server at a time, each migration in a transaction.
  /// - Returns: The versions that were applied now.
  /// - Throws: `MigrationFailure` or `DatabaseFailure`.
  func migrate(_ migrations: [Migration]) async throws -> [Int]

  /// What a `select` ends in that looks for a row to change, so that of several which look at once none waits for
  /// another, nor gets the same row; nothing where there is one writer.
  var skippingLocked: SQL { get }

  /// Whether a transaction would be refused just now, because too many wait.
  var isOverloaded: Bool { get }

  /// Finishes what runs and closes every connection.
  func close() async
}

extension Database {
  /// Runs one statement that only reads.
  func read(_ statement: SQL) async throws -> [Row] { try await read([statement])[0] }

  /// Reads nothing, to find out that the database answers.
  func ping() async throws { _ = try await read("select 1") }
}

/// Why the database did not do what it was asked.
enum DatabaseFailure: Error, Equatable {
  /// A key or unique index has the value already. Named `table_column`, or as the index is.
  case notUnique(String)
  /// A row refers to one that is not there, or no longer as it must be.
  case brokenReference
  /// A check of the schema refused a row; the zero-sum rule is one of them.
  case refused(String)
  /// A number left the range of 64 bits.
  case outOfRange
  /// So many wait for the database that it would take long: nothing was done.
  case overloaded
  /// The database cannot be reached, or does not answer. Nothing, or an unknown part, was done.
  case unavailable(String, maybeApplied: Bool)
  /// Anything else: a fault of the program, for the log only.
  case fault(String)
}

/// The schema cannot be brought up to date.
enum MigrationFailure: Error, CustomStringConvertible {
  /// The database was migrated by a newer server.
  case newer(found: Int, known: Int)
  /// A step was applied that is not the one of this number here: the database comes from another program,
  /// or from a version that was never released.
  case other(version: Int, found: String, known: String)

  var description: String {
    switch self {
    case .newer(let found, let known):
      """
      The database has schema version \(found), and this server knows versions up to \(known). \
      Start a newer server, or restore a backup that was made before the upgrade.
      """
    case .other(let version, let found, let known):
      """
      The database has "\(found)" as version \(version) of its schema, and this server has "\(known)". It was \
      made by a version before the first release: use another database or data folder.
      """
    }
  }
}
