import Synchronization

/// Counts who is inside, up to a limit: a bound for a queue.
final class ConcurrencyLimiter: Sendable {
  private let count = Mutex(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Whether there was room; who got in must leave.
  func enter() -> Bool {
    count.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
  }

  func leave() { count.withLock { $0 -= 1 } }
}
