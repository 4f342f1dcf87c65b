import Synchronization

/// Values that this process has read, each with the version that its tag had before it was read. A value is
/// found again only while its tag has that very version, so nothing that was changed meanwhile is ever
/// given out. Bounded: when it is full, it forgets everything.
final class VersionedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let entries = Mutex<[Key: (value: Value, version: CacheVersion)]>([:])
  private let capacity: Int
  private let meter: CacheMeter

  /// - Parameters:
  ///   - capacity: How many values it keeps at most.
  ///   - meter: Where it is counted whether values were found.
  init(capacity: Int = 10_000, meter: CacheMeter = CacheMeter()) {
    self.capacity = capacity
    self.meter = meter
  }

  /// The value, if it was read under `version` and not too long ago.
  func value(for key: Key, at version: CacheVersion?) -> Value? {
    guard let version, let entry = entries.withLock({ $0[key] }), entry.version.numbers == version.numbers,
      entry.version.until > .now
    else {
      meter.misses.add()
      return nil
    }
    meter.hits.add()
    return entry.value
  }

  /// Keeps a value that was read after `version` was.
  func insert(_ value: Value, for key: Key, at version: CacheVersion?) {
    guard let version else { return }
    entries.withLock { entries in
      if entries.count >= capacity { entries = [:] }
      entries[key] = (value, version)
    }
  }
}
