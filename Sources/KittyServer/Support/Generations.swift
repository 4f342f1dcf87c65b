/// A bounded dictionary that drops the values that were not used for longest: when the young half is full, it becomes
/// the old one, and the old one is dropped. A value of the old half that is used becomes young again.
struct Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]
  private let half: Int

  /// - Parameter capacity: The maximum number of values; 2 or higher.
  init(capacity: Int) { half = max(1, capacity / 2) }

  var count: Int { young.count + old.count }

  /// Returns the value of a key, which counts as used.
  mutating func value(for key: Key) -> Value? {
    if let value = young[key] { return value }
    guard let value = old[key] else { return nil }
    insert(value, for: key)
    return value
  }

  mutating func insert(_ value: Value, for key: Key) {
    if young.count >= half, young[key] == nil { (old, young) = (young, [:]) }
    young[key] = value
    old[key] = nil
  }

  mutating func remove(_ key: Key) {
    young[key] = nil
    old[key] = nil
  }

  mutating func removeAll() { (young, old) = ([:], [:]) }
}
