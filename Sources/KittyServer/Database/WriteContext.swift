import Synchronization

/// The writes of one request, job or command. Each transaction names the context that it belongs to.
///
/// - A guard is a statement that runs first in each transaction of the context: its row and the other rows are
///   committed together or not at all. A request with an `Idempotency-Key` sets one.
/// - Before each transaction of a change of cached data, the other servers are told of it (`beforeTransaction`).
/// - `hasWritten` decides whether an error may say that nothing was changed.
///
/// A request has its context in `AppRequestContext`; a job or a command makes one of its own.
final class WriteContext: Sendable {
  private struct State {
    var guardStatement: SQL?
    var announce: (@Sendable (_ isLarge: Bool) async -> SQL?)?
    var isGuardCommitted = false
    var hasWritten = false
    var isUnsure = false
  }

  private let state = Mutex(State())

  /// `true` once a transaction was committed.
  var hasWritten: Bool { state.withLock { $0.hasWritten } }

  /// `true` once the outcome of a transaction is unknown: it may be committed, even later.
  var isUnsure: Bool { state.withLock { $0.isUnsure } }

  /// `true` once the row of the guard is in the database.
  var isGuardCommitted: Bool { state.withLock { $0.isGuardCommitted } }

  /// `true` when each transaction has a guard, so that the request cannot be done twice.
  var hasGuard: Bool { state.withLock { $0.guardStatement != nil } }

  /// Sets the statement that runs first in each transaction from now on.
  func setGuard(_ statement: SQL) { state.withLock { $0.guardStatement = statement } }

  /// Sets the function that runs before each transaction from now on. The transaction runs the statement that it returns.
  /// - Parameter announce: Called with `true` before a large transaction.
  func beforeTransaction(_ announce: (@Sendable (_ isLarge: Bool) async -> SQL?)?) {
    state.withLock { $0.announce = announce }
  }

  fileprivate var guardStatement: SQL? { state.withLock { $0.guardStatement } }
  fileprivate var announce: (@Sendable (Bool) async -> SQL?)? { state.withLock { $0.announce } }

  fileprivate func noteUnsure() { state.withLock { $0.isUnsure = true } }

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
    let notice = await context.announce?(statements.areLarge)
    let guardStatement = context.guardStatement
    let before = guardStatement.map { [$0] } ?? []
    let after = notice.map { [$0] } ?? []
    let rows = try await noting(context, withGuard: guardStatement != nil) {
      try await runTransaction(before + statements + after)
    }
    return Array(rows.dropFirst(before.count).prefix(statements.count))
  }

  /// Runs one transaction whose statements are made while it runs: all of them happen or none. The guard of the context runs
  /// before them.
  /// - Parameter body: Runs statements by its argument.
  /// - Throws: `DatabaseFailure`, or the error of `body`.
  func transact(
    in context: WriteContext, _ body: (_ run: @escaping StatementRunner) async throws -> Void
  ) async throws {
    let notice = await context.announce?(true)
    let guardStatement = context.guardStatement
    try await noting(context, withGuard: guardStatement != nil) {
      try await runLongTransaction { run in
        if let guardStatement { try await run([guardStatement]) }
        try await body(run)
        if let notice { try await run([notice]) }
      }
    }
  }

  private func noting<Value>(
    _ context: WriteContext, withGuard: Bool, _ body: () async throws -> Value
  ) async throws -> Value {
    let value: Value
    do { value = try await body() } catch {
      if case DatabaseFailure.unavailable(_, maybeApplied: true) = error { context.noteUnsure() }
      throw error
    }
    context.noteCommit(withGuard: withGuard)
    return value
  }
}
