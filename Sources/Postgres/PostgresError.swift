/// The reason why PostgreSQL did not run a batch.
package enum PostgresError: Error, Sendable, Equatable {
  /// The server refused a statement; the transaction was rolled back.
  case server(sqlState: String, message: String, constraint: String?)
  /// libpq refused a statement: nothing of the batch was done. The connection and its other batches are not concerned.
  case refused(String)
  /// There is no connection, or it broke. If `maybeApplied`, the batch may have been committed.
  case unavailable(String, maybeApplied: Bool)
  /// Too many batches are waiting.
  case overloaded
  /// The time limit passed before the batch was sent.
  case timedOut
  /// The client was closed.
  case closed
  /// The task was cancelled. A batch that was sent may have been committed.
  case cancelled
}

extension PostgresError {
  private var sqlState: String? {
    if case .server(let state, _, _) = self { state } else { nil }
  }

  /// `true` if another attempt may succeed: a deadlock, a conflict of transactions, or a changed schema.
  var isWorthRetrying: Bool {
    sqlState == "40001" || sqlState == "40P01" || isStalePlan || isUnknownStatement
  }

  /// The server no longer has a prepared statement.
  var isUnknownStatement: Bool { sqlState == "26000" }

  /// A prepared statement no longer matches the schema.
  var isStalePlan: Bool {
    guard case .server("0A000", let message, _) = self else { return false }
    return message.contains("cached plan")
  }

  /// A cancellation was requested. A time limit has the same code, but another message.
  var isCancellation: Bool {
    guard case .server("57014", let message, _) = self else { return false }
    return message.contains("user request")
  }
}
