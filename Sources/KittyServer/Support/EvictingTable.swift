/// Values by keys, a bounded number of them. Where a new key finds its places taken, the lightest value there
/// makes room: whoever comes with ever new keys displaces what weighs little, and never grows the table.
struct EvictingTable<Value: Sendable>: Sendable {
  /// What is kept; a key belongs to one of these sets, each of which has no memory until it is used.
  private var sets: [[Place]]
  /// How many places a set has.
  private static var ways: Int { 8 }

  private struct Place: Sendable {
    let key: Int
    var value: Value
  }

  /// - Parameter capacity: How many values it keeps; a power of two from 8.
  init(capacity: Int) {
    precondition(capacity >= Self.ways && capacity & (capacity - 1) == 0)
    sets = Array(repeating: [], count: capacity / Self.ways)
  }

  /// How many values it keeps just now.
  var count: Int { sets.reduce(0) { $0 + $1.count } }

  /// The set of a key, which is a hash that nobody outside can foresee, such as Swift's own.
  private func set(of key: Int) -> Int { key & (sets.count - 1) }

  private func place(of key: Int) -> (set: Int, way: Int)? {
    let set = set(of: key)
    return sets[set].firstIndex { $0.key == key }.map { (set, $0) }
  }

  /// The value of a key.
  subscript(key: Int) -> Value? { place(of: key).map { sets[$0.set][$0.way].value } }

  /// Changes the value of a key, which is `new` when there is none.
  /// - Parameter weight: How much there is in keeping a value.
  mutating func update<Result>(
    _ key: Int, or new: @autoclosure () -> Value, weight: (Value) -> Int,
    _ change: (inout Value) -> Result
  ) -> Result {
    if let (set, way) = place(of: key) { return change(&sets[set][way].value) }
    var place = Place(key: key, value: new())
    let result = change(&place.value)
    let set = set(of: key)
    if sets[set].count < Self.ways {
      sets[set].append(place)
    } else if let lightest = sets[set].indices.min(by: {
      weight(sets[set][$0].value) < weight(sets[set][$1].value)
    }) {
      sets[set][lightest] = place
    }
    return result
  }

  /// Changes the value of a key if there is one.
  mutating func update(_ key: Int, _ change: (inout Value) -> Void) {
    if let (set, way) = place(of: key) { change(&sets[set][way].value) }
  }

  /// Forgets a key.
  mutating func remove(_ key: Int) {
    if let (set, way) = place(of: key) { sets[set].remove(at: way) }
  }
}
