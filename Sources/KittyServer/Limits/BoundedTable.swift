/// Values by keys in a fixed number of places. Where a new key finds its places taken, the lightest value
/// there makes room: whoever comes with ever new keys displaces what weighs little, and never grows the table.
struct BoundedTable<Value: Sendable>: Sendable {
  private var places: [Place?]
  /// How many places a key may take.
  private static var ways: Int { 8 }

  private struct Place: Sendable {
    var key: Int
    var value: Value
  }

  /// - Parameter capacity: How many values it keeps; a power of two from 8.
  init(capacity: Int) {
    precondition(capacity >= Self.ways && capacity & (capacity - 1) == 0)
    places = Array(repeating: nil, count: capacity)
  }

  /// How many values it keeps just now.
  var count: Int { places.count { $0 != nil } }

  /// The places of a key, which is a hash that nobody outside can foresee, such as Swift's own.
  private func range(of key: Int) -> Range<Int> {
    let start = key & (places.count - 1) & ~(Self.ways - 1)
    return start..<start + Self.ways
  }

  /// The value of a key.
  subscript(key: Int) -> Value? {
    range(of: key).lazy.compactMap { places[$0] }.first { $0.key == key }?.value
  }

  /// Changes the value of a key, which is `new` when there is none.
  /// - Parameter weight: How much there is in keeping a value.
  mutating func update<Result>(
    _ key: Int, or new: @autoclosure () -> Value, weight: (Value) -> Int,
    _ change: (inout Value) -> Result
  ) -> Result {
    var free = range(of: key).lowerBound
    var least = Int.max
    for index in range(of: key) {
      guard let place = places[index] else {
        if least > .min { (free, least) = (index, .min) }
        continue
      }
      if place.key == key {
        free = index
        break
      }
      let weight = weight(place.value)
      if weight < least { (free, least) = (index, weight) }
    }
    var place = if let found = places[free], found.key == key { found } else { Place(key: key, value: new()) }
    let result = change(&place.value)
    places[free] = place
    return result
  }

  /// Changes the value of a key if there is one.
  mutating func update(_ key: Int, _ change: (inout Value) -> Void) {
    for index in range(of: key) where places[index]?.key == key {
      guard var place = places[index] else { return }
      change(&place.value)
      places[index] = place
    }
  }

  /// Forgets a key.
  mutating func remove(_ key: Int) {
    for index in range(of: key) where places[index]?.key == key { places[index] = nil }
  }
}
