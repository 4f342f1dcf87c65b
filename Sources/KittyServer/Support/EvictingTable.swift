/// A hash table with a bounded number of values. When a new key finds all its slots in use, it evicts the value with
/// the lowest weight there. So a client that sends ever new keys evicts values of low weight, and never grows the
/// table.
struct EvictingTable<Value: Sendable>: Sendable {
  /// Each key belongs to one of these sets. A set has no memory until it is used.
  private var sets: [[Slot]]
  /// Number of slots of a set.
  private static var ways: Int { 8 }

  private struct Slot: Sendable {
    let key: Int
    var value: Value
  }

  /// - Parameter capacity: Maximum number of values; a power of two, 8 or higher.
  init(capacity: Int) {
    precondition(capacity >= Self.ways && capacity & (capacity - 1) == 0)
    sets = Array(repeating: [], count: capacity / Self.ways)
  }

  /// Number of values in the table.
  var count: Int { sets.reduce(0) { $0 + $1.count } }

  /// The set of a key. A key is a hash that clients cannot predict, such as Swift's own.
  private func set(of key: Int) -> Int { key & (sets.count - 1) }

  private func slot(of key: Int) -> (set: Int, way: Int)? {
    let set = set(of: key)
    return sets[set].firstIndex { $0.key == key }.map { (set, $0) }
  }

  /// The value of a key.
  subscript(key: Int) -> Value? { slot(of: key).map { sets[$0.set][$0.way].value } }

  /// Changes the value of a key. A key without a value starts with `new`.
  /// - Parameter weight: The importance of a value: the lowest is evicted first.
  mutating func update<Result>(
    _ key: Int, or new: @autoclosure () -> Value, weight: (Value) -> Int,
    _ change: (inout Value) -> Result
  ) -> Result {
    if let (set, way) = slot(of: key) { return change(&sets[set][way].value) }
    var slot = Slot(key: key, value: new())
    let result = change(&slot.value)
    let set = set(of: key)
    if sets[set].count < Self.ways {
      sets[set].append(slot)
    } else if let lightest = sets[set].indices.min(by: {
      weight(sets[set][$0].value) < weight(sets[set][$1].value)
    }) {
      sets[set][lightest] = slot
    }
    return result
  }

  /// Changes the value of a key if it has one.
  mutating func update(_ key: Int, _ change: (inout Value) -> Void) {
    if let (set, way) = slot(of: key) { change(&sets[set][way].value) }
  }

  /// Removes the value of a key.
  mutating func remove(_ key: Int) {
    if let (set, way) = slot(of: key) { sets[set].remove(at: way) }
  }
}
