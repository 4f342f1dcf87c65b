import Synchronization

/// A bounded cache of values, each with the version that its tag had before the value was read. A value is returned
/// only while its tag still has that version, so a value that was changed after it was read is never returned. A full
/// cache drops all its values.
final class VersionedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let entries = Mutex<[Key: (value: Value, version: CacheVersion)]>([:])
  private let capacity: Int
  private let meter: CacheMeter

  /// - Parameters:
  ///   - capacity: The maximum number of values.
  ///   - meter: The counter of hits and misses.
  init(capacity: Int = 10_000, meter: CacheMeter = CacheMeter()) {
    self.capacity = capacity
    self.meter = meter
  }

  /// Returns the value if it was read under `version` and has not expired.
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

  /// Caches a value.
  /// - Parameter version: The version from before the value was read.
  func insert(_ value: Value, for key: Key, at version: CacheVersion?) {
    guard let version else { return }
    entries.withLock { entries in
      if entries.count >= capacity { entries = [:] }
      entries[key] = (value, version)
    }
  }
}
