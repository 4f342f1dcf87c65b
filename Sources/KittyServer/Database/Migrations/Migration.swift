/// One numbered step of the schema. Steps only go forward, and one that was released never changes.
struct Migration: Sendable {
  let version: Int
  let name: String
  /// The statements, in the dialect asked for.
  let script: @Sendable (Dialect) -> String

  /// All steps, in order. A new one goes at the end.
  static let all: [Migration] = [.foundation]
}

/// Where the two databases differ. Only migrations know.
enum Dialect: Sendable {
  case postgres, sqlite

  var id: String { self == .postgres ? "uuid" : "text" }
  var integer: String { self == .postgres ? "bigint" : "integer" }
  var date: String { self == .postgres ? "date" : "text" }
  /// What a table ends in: SQLite checks types only when told to.
  var strict: String { self == .postgres ? "" : " strict" }
}
