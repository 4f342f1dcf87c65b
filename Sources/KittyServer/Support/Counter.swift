import Synchronization

/// A number that only grows. Any thread adds to it without waiting for another.
final class Counter: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .relaxed) }
  func add(_ amount: Int = 1) { number.add(amount, ordering: .relaxed) }
}

/// What a memory of values was asked for: found, or not.
final class CacheMeter: Sendable {
  let hits = Counter()
  let misses = Counter()
}
