import Synchronization

/// A number that only grows. Threads add to it without waiting for each other.
final class Counter: Sendable {
  private let number = Atomic(0)

  var value: Int { number.load(ordering: .relaxed) }
  func add(_ amount: Int = 1) { number.add(amount, ordering: .relaxed) }
}
