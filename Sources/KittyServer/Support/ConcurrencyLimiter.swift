import Synchronization

/// A counting semaphore that never waits: it refuses what is over its limit.
final class ConcurrencyLimiter: Sendable {
  private let count = Mutex(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Takes one of the permits.
  /// - Returns: `false` when all are in use; otherwise the caller must call `release`.
  func tryAcquire() -> Bool {
    count.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
  }

  /// Returns a permit.
  func release() { count.withLock { $0 -= 1 } }
}
