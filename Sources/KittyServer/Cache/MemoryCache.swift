import Synchronization

/// A cache for one process: bounded, gone with it.
final class MemoryCache: Cache {
  private struct Entry {
    let value: String
    let expires: ContinuousClock.Instant
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let capacity: Int

  /// - Parameter capacity: How many values it keeps at most.
  init(capacity: Int = 10_000) { self.capacity = capacity }

  func value(for key: String) async -> String? {
    let now = ContinuousClock.now
    return entries.withLock { entries in
      guard let entry = entries[key] else { return nil }
      if entry.expires > now { return entry.value }
      entries[key] = nil
      return nil
    }
  }

  func set(_ value: String, for key: String, ttl: Duration, unlessPresent: Bool) async {
    let now = ContinuousClock.now
    entries.withLock { entries in
      if unlessPresent, let entry = entries[key], entry.expires > now { return }
      if entries.count >= capacity {
        entries = entries.filter { $0.value.expires > now }
        // All are still fresh: it is only a cache, so half of them go, whichever.
        if entries.count >= capacity {
          for key in Array(entries.keys.prefix(capacity / 2)) { entries[key] = nil }
        }
      }
      entries[key] = Entry(value: value, expires: now + ttl)
    }
  }

  func complaint() async -> String? { nil }
  func close() async {}
}
