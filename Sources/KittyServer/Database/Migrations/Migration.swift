/// One numbered step of the schema. Steps only go forward, and one that was released never changes.
struct Migration: Sendable {
  let version: Int
  let name: String
  /// The statements, in the dialect asked for.
  let script: @Sendable (Dialect) -> String

  /// All steps, in order. A new one goes at the end.
  static let all: [Migration] = [
    .initialSchema, .dropRowLevelForeignKeys, .accounts, .tokens, .rolesAndInvites, .sequenceOfChanges, .jobs,
    .photoConversions, .statementLevelPostingChecks, .listsByKind,
  ]

  /// - Parameter applied: The names of the steps that a database has, by version.
  /// - Throws: `MigrationFailure` when they are not the first of `migrations`.
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

/// Where the two databases differ in their schema. Only migrations know.
enum Dialect: Sendable {
  case postgres, sqlite

  var id: String { self == .postgres ? "uuid" : "text" }
  var integer: String { self == .postgres ? "bigint" : "integer" }
  var date: String { self == .postgres ? "date" : "text" }
  /// What a table ends in: SQLite checks types only when told to.
  var strict: String { self == .postgres ? "" : " strict" }
}
