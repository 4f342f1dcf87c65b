import GRDB
import SQLite
import Synchronization

/// The single writer of an SQLite file, with group commit: transactions that wait while others are written to the disk
/// are committed together next, and share one wait for the disk. Each is still atomic, and its caller gets its own
/// failure only. A large transaction is committed alone, in turn with the others that wait, so that these wait for one
/// large transaction at most.
final class SQLiteWriter: Sendable {
  /// Maximum number of transactions in a commit: with more, the disk is no longer the bottleneck.
  private static let batch = 64
  /// Maximum number of transactions that wait.
  static let limit = 512

  /// The amount of work of a transaction, as far as it is known before it runs.
  enum Size {
    /// It changes few pages.
    case small
    case unknown
    /// It has many values, as a piece of an import has.
    case large
  }

  private struct Write: Sendable {
    let statements: [SQLiteStatement]
    let size: Size
    let continuation: CheckedContinuation<Result<[[Row]], any Error>, Never>
  }

  private struct State {
    var waiting: [Write] = []
    /// The large transactions that wait.
    var waitingLarge: [Write] = []
    var isWriting = false
    /// `true` while a large transaction is written.
    var isWritingLarge = false
    /// Number of transactions in the current commit.
    var writing = 0
    var others = Others()

    var waitingCount: Int { waiting.count + waitingLarge.count }

    /// Takes the transactions of the next commit: in turn one large one, and the others that wait.
    mutating func takeNext() -> [Write] {
      isWritingLarge = !waitingLarge.isEmpty && (waiting.isEmpty || !isWritingLarge)
      let writes: [Write]
      if isWritingLarge {
        writes = [waitingLarge.removeFirst()]
      } else {
        writes = Array(waiting.prefix(SQLiteWriter.batch))
        waiting.removeFirst(writes.count)
      }
      isWriting = !writes.isEmpty
      writing = writes.count
      return writes
    }
  }

  /// The commits of other processes.
  private struct Others {
    /// SQLite's counter of them.
    var count: Int64?
    var countedAt: ContinuousClock.Instant?
    /// `true` while this connection holds the lock, so that no other process can commit.
    var areLockedOut = false
  }

  private let pool: DatabasePool
  private let timeLimit: Duration
  private let state = Mutex(State())
  let checkpoints: SQLiteCheckpoints

  /// - Parameter timeLimit: Time limit of a statement.
  init(_ pool: DatabasePool, timeLimit: Duration) {
    self.pool = pool
    self.timeLimit = timeLimit
    checkpoints = SQLiteCheckpoints(path: pool.path)
  }

  /// `true` when no further transaction may wait.
  var isFull: Bool { state.withLock { $0.waitingCount >= Self.limit } }

  /// Number of transactions that are not on the disk yet.
  var open: Int { state.withLock { $0.waitingCount + $0.writing } }

  /// The counter of the commits of other processes, and whether it was read in the last second.
  var othersCommits: (count: Int64?, isCurrent: Bool) {
    let others = state.withLock { $0.others }
    let isRecent = others.countedAt.map { ContinuousClock.now - $0 < .seconds(1) } ?? false
    return (others.count, isRecent || others.areLockedOut)
  }

  /// Reads the counter of the commits of other processes, unless this connection is busy.
  func countOthersCommits() async {
    if state.withLock({ $0.isWriting }) { return }
    await withCheckedContinuation { continuation in
      pool.asyncWriteWithoutTransaction { database in
        self.countOthersCommits(database)
        continuation.resume()
      }
    }
  }

  /// - Parameter locked: `true` when this connection has the lock.
  private func countOthersCommits(_ database: GRDB.Database, locked: Bool = false) {
    let start = ContinuousClock.now
    // Without an answer, the count stays as old as it is, and then nothing is cached.
    guard let count = try? Int64.fetchOne(database, sql: "pragma data_version") else { return }
    state.withLock { $0.others = Others(count: count, countedAt: start, areLockedOut: locked) }
  }

  /// Runs statements in one transaction, which is on the disk when this returns.
  /// - Throws: GRDB's error, or `DatabaseFailure.overloaded` when too many wait.
  func transact(_ statements: [SQLiteStatement], _ size: Size) async throws -> [[Row]] {
    try await withCheckedContinuation { continuation in
      let write = Write(statements: statements, size: size, continuation: continuation)
      let (isAccepted, isFirst) = state.withLock { state in
        guard state.waitingCount < Self.limit else { return (false, false) }
        if size == .large { state.waitingLarge.append(write) } else { state.waiting.append(write) }
        defer { state.isWriting = true }
        return (true, !state.isWriting)
      }
      if !isAccepted {
        continuation.resume(returning: .failure(DatabaseFailure.overloaded))
      } else if isFirst {
        pool.asyncWriteWithoutTransaction(drain)
      }
    }.get()
  }

  /// Writes until no transaction waits.
  private func drain(_ database: GRDB.Database) {
    while true {
      let writes = state.withLock { $0.takeNext() }
      if writes.isEmpty { return }
      let results = commit(writes, on: database)
      for (write, result) in zip(writes, results) { write.continuation.resume(returning: result) }
      // A write that comes after the end of the database fails, and has no log.
      guard let pages = database.takeWrittenPages() else { continue }
      checkpoints.add(pages: pages)
      checkpoints.finish(on: database)
    }
  }

  /// Thrown when SQLite has rolled back all transactions of a commit, because it interrupted a statement of this one.
  private struct Interrupted: Error {
    let index: Int
    let error: any Error
  }

  /// Commits transactions together. A failure of the commit itself, such as a full disk, is the result of all of them,
  /// and nothing is written. Without a transaction that took too long, the others are tried again.
  private func commit(
    _ writes: [Write], on database: GRDB.Database
  ) -> [Result<[[Row]], any Error>] {
    var results: [Result<[[Row]], any Error>] = []
    defer { state.withLock { $0.others.areLockedOut = false } }
    do {
      // SQLite copies each page before a savepoint changes it. With more than 64 KB the copies go to a file, which takes
      // longer than the transaction itself. Those of a large transaction do not belong in memory.
      let storage = writes.allSatisfy({ $0.size == .small }) ? "memory" : "file"
      try database.execute(sql: "pragma temp_store = \(storage)")
      try database.inTransaction(.immediate) {
        countOthersCommits(database, locked: true)
        for (index, write) in writes.enumerated() {
          var rows: [[Row]] = []
          do {
            try database.inSavepoint {
              rows = try write.statements.map { try $0.run(on: database, for: timeLimit) }
              try Self.requireReferences(database)
              return .commit
            }
            results.append(.success(rows))
          } catch {
            // A full disk rolls back the transactions of the whole batch, and so does an interrupted statement.
            guard database.isInsideTransaction else {
              guard (error as? DatabaseError)?.resultCode == .SQLITE_INTERRUPT else { throw error }
              throw Interrupted(index: index, error: error)
            }
            results.append(.failure(error))
          }
        }
        return .commit
      }
      return results
    } catch let slow as Interrupted {
      var others = writes
      others.remove(at: slow.index)
      var results = others.isEmpty ? [] : commit(others, on: database)
      results.insert(.failure(slow.error), at: slow.index)
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
        resultCode: .SQLITE_CONSTRAINT_FOREIGNKEY, message: "a row refers to a row that does not exist")
    }
  }
}
