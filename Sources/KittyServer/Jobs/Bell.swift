import KittyShared
import Synchronization

/// Wakes the worker of this process.
final class Bell: Sendable {
  private struct State {
    var isRung = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Wakes whoever waits, or whoever is the next to.
  func ring() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      state.isRung = state.waiting.isEmpty
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Waits until it is rung, or was since somebody waited last; for `limit` at most, or until the task is cancelled.
  func wait(atMost limit: Duration) async {
    let timer = Task {
      try await Task.sleep(for: limit)
      ring()
    }
    defer { timer.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard !state.isRung, !Task.isCancelled else {
            state.isRung = false
            return true
          }
          state.waiting.append(continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
  }
}

/// Rings after each transaction that has left a job.
struct WakingDatabase: Database {
  let database: any Database
  let bell: Bell

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }

  func transact(_ statements: [SQL]) async throws -> [[Row]] {
    let rows = try await database.transact(statements)
    if statements.contains(where: { $0.texts[0].hasPrefix("insert into jobs ") }) { bell.ring() }
    return rows
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  var skippingLocked: SQL { database.skippingLocked }
  func close() async { await database.close() }
}
