import Synchronization

/// The writes of one request, job or command. Each transaction names the context that it belongs to.
///
/// - A guard is a statement that runs first in each transaction of the context: its row and the other rows are
///   committed together or not at all. A request with an `Idempotency-Key` sets one.
/// - `hasWritten` decides whether an error may say that nothing was changed.
///
/// A request has its context in `AppRequestContext`; a job or a command makes one of its own.
final class WriteContext: Sendable {
  private struct State {
    var guardStatement: SQL?
    var isGuardCommitted = false
    var hasWritten = false
  }

  private let state = Mutex(State())

  /// `true` once a transaction was committed.
  var hasWritten: Bool { state.withLock { $0.hasWritten } }

  /// `true` once the row of the guard is in the database.
  var isGuardCommitted: Bool { state.withLock { $0.isGuardCommitted } }

  /// `true` when each transaction has a guard, so that the request cannot be done twice.
  var hasGuard: Bool { state.withLock { $0.guardStatement != nil } }

  /// Sets the statement that runs first in each transaction from now on.
  func setGuard(_ statement: SQL) { state.withLock { $0.guardStatement = statement } }

  fileprivate var guardStatement: SQL? { state.withLock { $0.guardStatement } }

  fileprivate func noteCommit(withGuard: Bool) {
    state.withLock { state in
      state.hasWritten = true
      if withGuard { state.isGuardCommitted = true }
    }
  }
}

extension Database {
  /// Runs statements in one transaction, in one round trip: all of them happen or none. The guard of the context
  /// runs before them.
  /// - Returns: The rows of each statement, in order, without those of the guard.
  /// - Throws: `DatabaseFailure`.
  @discardableResult func transact(_ statements: [SQL], in context: WriteContext) async throws -> [[Row]] {
    guard let guardStatement = context.guardStatement else {
      let rows = try await runTransaction(statements)
      context.noteCommit(withGuard: false)
      return rows
    }
    let rows = try await runTransaction([guardStatement] + statements)
    context.noteCommit(withGuard: true)
    return Array(rows.dropFirst())
  }
}
