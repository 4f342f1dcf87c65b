import Synchronization

/// A bounded cache of values, each with the version that its tag had before the value was read. A value is returned
/// only while its tag still has that version, so a value that was changed after it was read is never returned. A full
/// cache drops the values that were not used for longest.
final class VersionedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    let value: Value
    let version: CacheVersion
  }

  private let entries: Mutex<Generations<Key, Entry>>
  private let meter: CacheMeter

  /// - Parameters:
  ///   - capacity: The maximum number of values.
  ///   - meter: The counter of hits and misses.
  init(capacity: Int = 10_000, meter: CacheMeter = CacheMeter()) {
    entries = Mutex(Generations(capacity: capacity))
    self.meter = meter
  }

  /// Returns the value if it was read under `version` and has not expired.
  func value(for key: Key, at version: CacheVersion?) -> Value? {
    guard let version, let entry = entries.withLock({ $0.value(for: key) }),
      entry.version.numbers == version.numbers, entry.version.until.map({ $0 > .now }) ?? true
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
    entries.withLock { $0.insert(Entry(value: value, version: version), for: key) }
  }
}
