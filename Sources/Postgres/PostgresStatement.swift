/// A statement with numbered parameters, `$1` and so on, in PostgreSQL's text form.
package struct PostgresStatement: Sendable, Hashable {
  /// The SQL.
  package let text: String
  /// One value for each parameter; `nil` is null. The server infers their types.
  package let values: [String?]

  /// Makes a statement.
  package init(_ text: String, _ values: [String?] = []) {
    self.text = text
    self.values = values
  }
}

/// A row of a result, in PostgreSQL's text form.
package struct PostgresRow: Sendable, Hashable {
  /// One value for each column; `nil` is null.
  package let columns: [String?]

  /// Makes a row.
  package init(columns: [String?]) { self.columns = columns }
}

/// What a statement gave.
package struct PostgresResult: Sendable, Hashable {
  /// The rows that it returned.
  package let rows: [PostgresRow]
  /// How many rows it inserted, changed or deleted.
  package let affected: Int
}

/// Why PostgreSQL did not do what it was asked.
package enum PostgresError: Error, Sendable, Equatable {
  /// The server refused; the transaction was rolled back.
  case server(sqlState: String, message: String, constraint: String?)
  /// No connection, or it broke. When `maybeApplied` is true the statements may have been done.
  case unavailable(String, maybeApplied: Bool)
  /// Too many requests wait already.
  case overloaded
  /// The time limit passed before the statements were sent: nothing was done.
  case timedOut
  /// The client was closed.
  case closed
  /// The task was cancelled; what was sent already may have been done.
  case cancelled
}

extension PostgresError {
  private var sqlState: String? {
    if case .server(let state, _, _) = self { state } else { nil }
  }

  /// Two transactions were in each other's way, or the schema changed: the next attempt may succeed.
  var isWorthRetrying: Bool {
    sqlState == "40001" || sqlState == "40P01" || isOutdatedPlan || isUnknownStatement
  }

  /// The server has forgotten a prepared statement.
  var isUnknownStatement: Bool { sqlState == "26000" }

  /// A prepared statement no longer fits the schema.
  var isOutdatedPlan: Bool {
    guard case .server("0A000", let message, _) = self else { return false }
    return message.contains("cached plan")
  }

  /// Somebody asked for the end of a statement; a time limit has the same code and says so.
  var isCancellation: Bool {
    guard case .server("57014", let message, _) = self else { return false }
    return message.contains("user request")
  }
}
