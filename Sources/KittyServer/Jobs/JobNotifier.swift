import KittyShared
import Synchronization

/// Wakes the workers of this process, however many wait.
final class JobNotifier: Sendable {
  private struct State {
    var generation = 0
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    var last = 0
  }

  private let state = Mutex(State())

  /// How often it was rung. Who remembers that, looks for work, and finds none, misses no ring.
  var generation: Int { state.withLock { $0.generation } }

  /// Wakes everybody who waits.
  func notify() {
    state.withLock { state in
      state.generation += 1
      for waiting in state.waiting.values { waiting.yield() }
    }
  }

  /// Waits until it was rung more often than `generation`; for `limit` at most, or until the task is cancelled.
  func wait(after generation: Int, atMost limit: Duration) async {
    let (sounds, ear) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (place, isRung) = state.withLock { state in
      state.last += 1
      state.waiting[state.last] = ear
      return (state.last, state.generation != generation)
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

/// Calls `notify` after each transaction that has enqueued a job.
struct JobNotifyingDatabase: Database {
  let database: any Database
  let notify: @Sendable () -> Void

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    let rows = try await database.runTransaction(statements)
    if statements.contains(where: \.wakesWorker) { notify() }
    return rows
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func close() async { await database.close() }
}
