import GRDB
import SQLite
import Synchronization

/// The one writer of an SQLite file, with group commit: the transactions that wait while another is written to
/// the disk are written together next, so that they share its wait for the disk. Each still happens as a
/// whole or not at all, and hears of its own failure only.
final class SQLiteWriter: Sendable {
  /// How many transactions share a commit at most: past some tens, the disk is no longer what takes the time.
  private static let batch = 64
  /// How many may wait.
  static let limit = 512

  private struct Write: Sendable {
    let statements: [SQL]
    let continuation: CheckedContinuation<Result<[[Row]], any Error>, Never>
  }

  private struct State {
    var waiting: [Write] = []
    var isWriting = false
    /// How many are being written.
    var writing = 0
  }

  private let pool: DatabasePool
  private let state = Mutex(State())

  init(_ pool: DatabasePool) { self.pool = pool }

  /// Whether no more may wait.
  var isFull: Bool { state.withLock { $0.waiting.count >= Self.limit } }

  /// How many transactions are not on the disk yet.
  var open: Int { state.withLock { $0.waiting.count + $0.writing } }

  /// Runs statements in one transaction, which is on the disk when this returns.
  /// - Throws: GRDB's error, or `DatabaseFailure.overloaded` when too many wait.
  func transact(_ statements: [SQL]) async throws -> [[Row]] {
    try await withCheckedContinuation { continuation in
      let write = Write(statements: statements, continuation: continuation)
      let (isTaken, isFirst) = state.withLock { state in
        guard state.waiting.count < Self.limit else { return (false, false) }
        state.waiting.append(write)
        defer { state.isWriting = true }
        return (true, !state.isWriting)
      }
      if !isTaken {
        continuation.resume(returning: .failure(DatabaseFailure.overloaded))
      } else if isFirst {
        pool.asyncWriteWithoutTransaction(drain)
      }
    }.get()
  }

  /// Writes until nobody waits.
  private func drain(_ database: GRDB.Database) {
    while true {
      let writes = state.withLock { state in
        let writes = Array(state.waiting.prefix(Self.batch))
        state.waiting.removeFirst(writes.count)
        state.isWriting = !writes.isEmpty
        state.writing = writes.count
        return writes
      }
      if writes.isEmpty { return }
      let results = Self.together(writes, database)
      for (write, result) in zip(writes, results) { write.continuation.resume(returning: result) }
    }
  }

  /// A failure of the commit itself, as of a full disk, is everybody's: nothing was done.
  private static func together(_ writes: [Write], _ database: GRDB.Database) -> [Result<[[Row]], any Error>] {
    var results: [Result<[[Row]], any Error>] = []
    do {
      try database.inTransaction(.immediate) {
        for write in writes {
          var rows: [[Row]] = []
          do {
            try database.inSavepoint {
              rows = try SQLiteDatabase.run(write.statements, on: database)
              try requireReferences(database)
              return .commit
            }
            results.append(.success(rows))
          } catch {
            // A full disk ends the transaction of all of them.
            guard database.isInsideTransaction else { throw error }
            results.append(.failure(error))
          }
        }
        return .commit
      }
      return results
    } catch {
      return writes.map { _ in .failure(error) }
    }
  }

  /// SQLite checks references at the commit only, but each transaction of a shared commit must pass the check alone:
  /// another one must not supply the row that this one refers to.
  private static func requireReferences(_ database: GRDB.Database) throws {
    guard !database.hasBrokenReferences else {
      throw DatabaseError(
        resultCode: .SQLITE_CONSTRAINT_FOREIGNKEY, message: "a row refers to one that is not there")
    }
  }
}
