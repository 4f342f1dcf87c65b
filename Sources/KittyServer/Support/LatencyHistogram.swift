import Synchronization

/// A histogram of durations: their number between fixed bounds, and their sum. Threads add to it without waiting for
/// each other.
final class LatencyHistogram: Sendable {
  /// Upper bounds in nanoseconds: one millisecond to ten seconds. Longer durations are counted after the last.
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

  /// The counts at a moment.
  struct Reading: Equatable, Sendable {
    /// Number of durations up to each bound and over the one before; the last has no bound.
    private(set) var counts: [Int]
    private(set) var nanoseconds: Int

    static let none = Reading(counts: Array(repeating: 0, count: bounds.count + 1), nanoseconds: 0)

    var count: Int { counts.reduce(0, +) }
    var seconds: Double { Double(nanoseconds) / 1e9 }

    static func + (one: Reading, other: Reading) -> Reading {
      Reading(counts: zip(one.counts, other.counts).map(+), nanoseconds: one.nanoseconds + other.nanoseconds)
    }

    /// The durations added since `earlier`.
    static func - (later: Reading, earlier: Reading) -> Reading {
      Reading(
        counts: zip(later.counts, earlier.counts).map(-), nanoseconds: later.nanoseconds - earlier.nanoseconds
      )
    }

    /// A quantile in seconds, interpolated linearly between two bounds. Durations over the last bound count as the
    /// last bound.
    /// - Parameter part: Such as 0.99.
    /// - Returns: `nil` without durations.
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
