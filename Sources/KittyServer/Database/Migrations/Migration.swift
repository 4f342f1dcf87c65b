/// A numbered change of the schema. Migrations only go forward, and a released one never changes: neither its name,
/// which databases store, nor its SQL.
struct Migration: Sendable {
  let version: Int
  let name: String
  /// The changes of rows after the statements of `script`, in the same transaction.
  var rewrites: [Rewrite] = []
  /// Returns the statements in a dialect of SQL.
  let script: @Sendable (Dialect) -> String

  /// All migrations, in order. A new one goes at the end.
  static let all: [Migration] = [
    .initialSchema, .dropRowLevelForeignKeys, .users, .tokensAndSecondFactors, .rolesAndInvites,
    .changeSequence,
    .jobs, .photoConversions, .statementLevelPostingChecks, .entriesByKind, .revisionSequence,
    .namesInOneForm, .groupBytes, .confirmedAddresses, .formerMembersAndSignUps, .givenSequence,
    .unfinishedImports, .sshKeys, .accountFiles, .categories, .entryTexts,
    .recurring, .spending, .receipts, .settlements, .imports, .receiptAddresses, .triggersWithoutSettings,
    .authorIndexes, .halfwidthMarks, .searchIndexes, .wishedUndo,
  ]

  /// A change of rows that SQL cannot compute.
  struct Rewrite: Sendable {
    /// Returns the query for a page of rows after the last one of the page before; `nil` after the last page.
    let query: @Sendable (_ after: Row?) throws -> SQL?
    /// Returns the statements for the rows of a page.
    let statements: @Sendable ([Row]) throws -> [SQL]

    /// A change of few rows, which are read at once.
    init(_ query: SQL, _ statements: @escaping @Sendable ([Row]) throws -> [SQL]) {
      self.init(pages: { $0 == nil ? query : nil }, statements)
    }

    /// A change of many rows, which are read in pages.
    init(
      pages query: @escaping @Sendable (_ after: Row?) throws -> SQL?,
      _ statements: @escaping @Sendable ([Row]) throws -> [SQL]
    ) {
      self.query = query
      self.statements = statements
    }
  }

  /// Checks that a database was migrated by this program, or by an older version of it.
  /// - Parameter applied: The names of the migrations in the database, by version.
  /// - Throws: `MigrationFailure` when a name differs from the one in `migrations`, or the database is newer.
  static func check(_ applied: [Int: String], against migrations: [Migration]) throws {
    let newest = migrations.map(\.version).max() ?? 0
    if let found = applied.keys.max(), found > newest {
      throw MigrationFailure.newer(found: found, known: newest)
    }
    for migration in migrations {
      guard let name = applied[migration.version], name != migration.name else { continue }
      throw MigrationFailure.other(version: migration.version, found: name, known: migration.name)
    }
  }
}

/// The differences between the two databases in SQL: mostly of their schemas.
enum Dialect: Sendable {
  case postgres, sqlite

  var id: String { self == .postgres ? "uuid" : "text" }
  var integer: String { self == .postgres ? "bigint" : "integer" }
  var date: String { self == .postgres ? "date" : "text" }
  /// The end of a table's definition: SQLite checks types only in strict tables.
  var strict: String { self == .postgres ? "" : " strict" }
}

extension Database {
  /// Reads the versions and names of the migrations that were applied, in order.
  /// - Throws: `DatabaseFailure.fault` when the database has no data of KittyCash.
  func appliedMigrations() async throws -> [(Int, String)] {
    try await read("select version, name from schema_migrations order by version")
      .map { try $0.decode(Int.self, String.self) }
  }
}
