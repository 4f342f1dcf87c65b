import GRDB
import SQLite

/// A statement in the form in which GRDB takes it.
///
/// GRDB's form of the values is made when the statement runs: in that form the statements of a large import would take
/// several times the memory.
struct SQLiteStatement: Sendable {
  private let sql: SQL

  /// Maximum length of a statement in the statement cache, in bytes.
  private static let cachedLength = 4096

  init(_ sql: SQL) { self.sql = sql }

  /// Runs the statement. It is interrupted after the time limit.
  func run(on database: GRDB.Database, for limit: Duration) throws -> [Row] {
    try database.withTimeLimit(limit) { try run(on: database) }
  }

  /// Runs the statement, however long it takes.
  /// - Returns: Its rows.
  func run(on database: GRDB.Database) throws -> [Row] {
    // A long statement contains a list of rows and hardly occurs twice, and the cache never evicts.
    let statement =
      try sql.isRepeated && sql.text.utf8.count <= Self.cachedLength
      ? database.cachedStatement(sql: sql.text) : database.makeStatement(sql: sql.text)
    let arguments = StatementArguments(sql.values.map(\.databaseValue))
    return try GRDB.Row.fetchAll(statement, arguments: arguments).map { row in
      Row(columns: row.databaseValues.map(SQL.Value.init))
    }
  }
}

extension SQL.Value {
  var databaseValue: DatabaseValue {
    switch self {
    case .text(let text): text.databaseValue
    case .id(let id): id.description.databaseValue
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
