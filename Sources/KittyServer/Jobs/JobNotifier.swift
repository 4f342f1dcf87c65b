import KittyShared
import Synchronization

/// Wakes the sleeping workers of this process.
///
/// A worker reads `generation`, looks for jobs, and then waits for a later generation: a notification between the
/// two is not lost.
final class JobNotifier: Sendable {
  private struct State {
    var generation = 0
    var sleepers: [Int: AsyncStream<Void>.Continuation] = [:]
    var lastSleeper = 0
  }

  private let state = Mutex(State())

  /// The number of notifications so far.
  var generation: Int { state.withLock { $0.generation } }

  /// Wakes all waiting workers.
  func notify() {
    state.withLock { state in
      state.generation += 1
      for sleeper in state.sleepers.values { sleeper.yield() }
    }
  }

  /// Waits for a notification after `generation`, for `limit` at most. Returns early when the task is cancelled.
  func wait(after generation: Int, atMost limit: Duration) async {
    let (wakeUps, sleeper) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (id, isNotified) = state.withLock { state in
      state.lastSleeper += 1
      state.sleepers[state.lastSleeper] = sleeper
      return (state.lastSleeper, state.generation != generation)
    }
    defer { state.withLock { $0.sleepers[id] = nil } }
    guard !isNotified else { return }
    let timer = Task {
      try await Task.sleep(for: limit)
      sleeper.finish()
    }
    defer { timer.cancel() }
    for await _ in wakeUps { return }
  }
}
