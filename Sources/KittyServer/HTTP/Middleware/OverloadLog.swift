import Logging
import Synchronization

/// Logs requests that were refused because the database was overloaded: at most one line a second, with their count.
final class OverloadLog: Sendable {
  private let state = Mutex((count: 0, next: ContinuousClock.now))

  func note(_ logger: Logger) {
    let count = state.withLock { state in
      state.count += 1
      let now = ContinuousClock.now
      guard now >= state.next else { return 0 }
      defer { state = (0, now + .seconds(1)) }
      return state.count
    }
    if count > 0 {
      logger.warning("too many requests wait for the database", metadata: ["refused": "\(count)"])
    }
  }
}
