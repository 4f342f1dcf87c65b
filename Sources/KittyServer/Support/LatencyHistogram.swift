import Synchronization

/// How long things took: how many within each bound, and all together. Any thread adds to it without waiting for
/// another.
final class LatencyHistogram: Sendable {
  /// The upper bounds, in nanoseconds: a millisecond to ten seconds. What took longer is counted after the last.
  static let bounds = [
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
    500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
  ]

  private let counts = InlineArray<14, Atomic<Int>> { _ in Atomic(0) }
  private let total = Atomic(0)

  func add(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    var index = 0
    while index < Self.bounds.count, nanoseconds > Self.bounds[index] { index += 1 }
    counts[index].add(1, ordering: .relaxed)
    total.add(nanoseconds, ordering: .relaxed)
  }

  var reading: Reading {
    Reading(
      counts: counts.indices.map { counts[$0].load(ordering: .relaxed) },
      nanoseconds: total.load(ordering: .relaxed))
  }

  /// What was counted up to a moment.
  struct Reading: Equatable, Sendable {
    /// How many took longer than the bound before, and no longer than their own; the last has no bound.
    private(set) var counts: [Int]
    private(set) var nanoseconds: Int

    static let none = Reading(counts: Array(repeating: 0, count: bounds.count + 1), nanoseconds: 0)

    var count: Int { counts.reduce(0, +) }
    var seconds: Double { Double(nanoseconds) / 1e9 }

    static func + (one: Reading, other: Reading) -> Reading {
      Reading(counts: zip(one.counts, other.counts).map(+), nanoseconds: one.nanoseconds + other.nanoseconds)
    }

    /// What came since `earlier`.
    static func - (later: Reading, earlier: Reading) -> Reading {
      Reading(
        counts: zip(later.counts, earlier.counts).map(-), nanoseconds: later.nanoseconds - earlier.nanoseconds
      )
    }

    /// The time, in seconds, within which this part of all was done, supposing that they are spread evenly
    /// between two bounds; what took longer than the last bound counts as the last bound. `nil` when there are none.
    /// - Parameter part: Such as 0.99.
    func quantile(_ part: Double) -> Double? {
      let rank = part * Double(count)
      var below = 0
      for (index, number) in counts.enumerated() where number > 0 {
        if Double(below + number) >= rank {
          guard index < bounds.count else { break }
          let (low, high) = (index == 0 ? 0 : Double(bounds[index - 1]), Double(bounds[index]))
          return (low + (high - low) * (rank - Double(below)) / Double(number)) / 1e9
        }
        below += number
      }
      return count == 0 ? nil : Double(bounds[bounds.count - 1]) / 1e9
    }
  }
}
