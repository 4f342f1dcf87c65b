import KittyShared
import Synchronization

/// Wakes the workers of this process, however many wait.
final class Bell: Sendable {
  private struct State {
    var rings = 0
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    var last = 0
  }

  private let state = Mutex(State())

  /// How often it was rung. Who remembers that, looks for work, and finds none, misses no ring.
  var rings: Int { state.withLock { $0.rings } }

  /// Wakes everybody who waits.
  func ring() {
    state.withLock { state in
      state.rings += 1
      for waiting in state.waiting.values { waiting.yield() }
    }
  }

  /// Waits until it was rung more often than `rings`; for `limit` at most, or until the task is cancelled.
  func wait(after rings: Int, atMost limit: Duration) async {
    let (sounds, ear) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (place, isRung) = state.withLock { state in
      state.last += 1
      state.waiting[state.last] = ear
      return (state.last, state.rings != rings)
    }
    defer { state.withLock { $0.waiting[place] = nil } }
    guard !isRung else { return }
    let timer = Task {
      try await Task.sleep(for: limit)
      ear.finish()
    }
    defer { timer.cancel() }
    for await _ in sounds { return }
  }
}

/// Calls `ring` after each transaction that has left a job.
struct WakingDatabase: Database {
  let database: any Database
  let ring: @Sendable () -> Void

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }

  func transact(_ statements: [SQL]) async throws -> [[Row]] {
    let rows = try await database.transact(statements)
    if statements.contains(where: { $0.texts[0].hasPrefix("insert into jobs ") }) { ring() }
    return rows
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func close() async { await database.close() }
}
