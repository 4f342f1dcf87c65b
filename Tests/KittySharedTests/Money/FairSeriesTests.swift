import TestSupport
import Testing

@testable import KittyShared

@Suite struct FairSeriesTests {
  private static func ids(_ count: Int) -> [ID] {
    (0..<count).map { ID(high: 0x7000, low: UInt64($0) &* 0x9e37_79b9_7f4a_7c15 | 0x8000_0000_0000_0000) }
  }
  private static let rule = ID(high: 0x1_7000, low: 0x8000_0000_0000_0001)

  /// Checks every turn of a series by sums that know nothing of its algorithm.
  private func check(_ amount: Int64, _ weights: [UInt128], turns: Int64) throws {
    let people = zip(Self.ids(weights.count), weights).map { (id: $0, weight: $1) }
    var series = try #require(FairSeries(amount: amount, weights: people, seed: Self.rule))
    let total = Int128(weights.reduce(0, +))
    var sums = [Int128](repeating: 0, count: weights.count)
    for turn in 1...turns {
      let parts = series.next()
      #expect(parts.reduce(0, +) == amount)
      for (index, part) in parts.enumerated() {
        let exact = Int128(amount) * Int128(weights[index])
        #expect((Int128(part) * total - exact).magnitude < UInt128(total), "one part is off by a unit")
        sums[index] += Int128(part)
        let off = sums[index] * total - Int128(turn) * exact
        guard off.magnitude >= UInt128(total) else { continue }
        Issue.record("after \(turn) turns \(amount) by \(weights): member \(index) is off by \(off)/\(total)")
        return
      }
    }
  }

  @Test func sumOfEveryTurnIsWithinOneUnitOfTheExact() throws {
    var random = Seeded(1980)
    for _ in 0..<400 {
      let count = Int.random(in: 2...12, using: &random)
      let largest = [3, 10, 100, 1_000_000].randomElement(using: &random) ?? 3
      let weights = (0..<count).map { _ in UInt128(Int.random(in: 1...largest, using: &random)) }
      try check(Int64.random(in: 1...200_000, using: &random), weights, turns: 300)
    }
  }

  @Test func everySmallSeriesIsFair() throws {
    for amount in Int64(1)...7 {
      for first in UInt128(0)...6 {
        for second in UInt128(0)...6 {
          for third in UInt128(1)...6 { try check(amount, [first, second, third], turns: 60) }
        }
      }
    }
  }

  @Test func largeFractionsAndManyMembersAreFair() throws {
    // Fractions of almost one are the hard case of the schedule.
    for count in [5, 9, 17] { try check(Int64(count) * 7 - 1, Array(repeating: 1, count: count), turns: 200) }
    try check(97, [30, 31, 32, 33, 1, 2, 3, 95, 96, 97], turns: 900)
    try check(-1001, [2, 3, 5, 7, 11, 13], turns: 300)
    try check(1, (1...200).map { UInt128($0) }, turns: 400)
    try check(Amount.limit, [1, 1, 1], turns: 50)
  }

  @Test func equalMembersTakeTurns() throws {
    let people = Self.ids(3).map { (id: $0, weight: UInt128(1)) }
    var series = try #require(FairSeries(amount: 100, weights: people, seed: Self.rule))
    let three = [series.next(), series.next(), series.next()]
    #expect(
      three.reduce(into: [0, 0, 0]) { sums, parts in for i in 0..<3 { sums[i] += Int(parts[i]) } } == [
        100, 100, 100,
      ])
    // The order of the ids alone does not decide: another rule begins with another member.
    let starts = Set(
      (0..<64).map { seed in
        var other = FairSeries(amount: 100, weights: people, seed: ID(high: UInt64(seed), low: 9))
        return other?.next() ?? []
      })
    #expect(starts.count == 3)
  }

  @Test func advancedSeriesGoesOnAsTheSteppedOne() throws {
    let people = zip(Self.ids(4), [1, 2, 3, 5] as [UInt128]).map { (id: $0, weight: $1) }
    var stepped = try #require(FairSeries(amount: 999, weights: people, seed: Self.rule))
    for _ in 0..<37 { _ = stepped.next() }
    var advanced = try #require(FairSeries(amount: 999, weights: people, seed: Self.rule))
    advanced.advance(to: 37)
    #expect(advanced == stepped)
    #expect(advanced.key != FairSeries(amount: 998, weights: people, seed: Self.rule)?.key)
    #expect(
      FairSeries(amount: 1, weights: [(id: Self.rule, weight: UInt128.max / 2)], seed: Self.rule) == nil)
  }

  @Test func seriesBeginsAgainAfterItsPeriod() throws {
    for (amount, weights) in [(999, [1, 2, 3, 5]), (-100, [1, 1, 1]), (1001, [6, 10, 15]), (10, [1, 1])]
      as [(Int64, [UInt128])]
    {
      let people = zip(Self.ids(weights.count), weights).map { (id: $0, weight: $1) }
      let first = try #require(FairSeries(amount: amount, weights: people, seed: Self.rule))
      let period = Int64(weights.reduce(0, +))
      var stepped = first
      let once = (0..<period).map { _ in stepped.next() }
      #expect((0..<period).map { _ in stepped.next() } == once)
      for (index, weight) in weights.enumerated() {
        #expect(once.reduce(0) { $0 + $1[index] } == amount * Int64(weight))
      }
      // However many turns there were, no more than one period is gone through.
      for turn in 0..<period {
        var far = first
        far.advance(to: (1 << 60) / period * period + turn)
        #expect(far.next() == once[Int(turn)])
      }
    }
  }

  @Test func seriesWithoutAShortPeriodIsBoundedToo() throws {
    let weights: [UInt128] = [999_983, 999_979, 999_961]
    let people = zip(Self.ids(3), weights).map { (id: $0, weight: $1) }
    let first = try #require(FairSeries(amount: 1001, weights: people, seed: Self.rule))
    var (stepped, far) = (first, first)
    let once = (0..<FairSeries.maxCycle).map { _ in stepped.next() }
    #expect(stepped.next() == once[0])
    far.advance(to: FairSeries.maxCycle * 1_000_000_000 + 1234)
    #expect(far.next() == once[1234])
  }
}
