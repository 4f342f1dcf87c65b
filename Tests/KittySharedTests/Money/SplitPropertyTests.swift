import KittyShared
import TestSupport
import Testing

/// Properties of every split, checked on thousands of random ones.
struct SplitPropertyTests {
  /// A random split of `amount` and the exact proportions that it stands for.
  private func random(_ amount: Int64, _ members: [ID], _ random: inout Seeded) -> (Split, [ID: Int128]) {
    let sign = amount.signum()
    func parts(_ values: [Int64]) -> [Split.Part] { zip(members, values).map { Split.Part($0, $1) } }
    func cut(_ total: Int64) -> [Int64] {
      var cuts = (1..<members.count).map { _ in Int64.random(in: 0...total, using: &random) }
      cuts = [0] + cuts.sorted() + [total]
      return zip(cuts.dropFirst(), cuts).map { $0 - $1 }
    }
    func exact(_ values: [Int64]) -> [ID: Int128] {
      Dictionary(uniqueKeysWithValues: zip(members, values.map { Int128($0) }))
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return (.equally(members), exact(members.map { _ in 1 }))
    case 1:
      var weights = members.map { _ in Int64.random(in: 0...5, using: &random) }
      weights[0] += 1
      return (.shares(parts(weights)), exact(weights))
    case 2:
      let percent = cut(10_000)
      return (.percentages(parts(percent)), exact(percent))
    case 3:
      let amounts = cut(Int64(amount.magnitude))
      return (.exact(parts(amounts.map { $0 * sign })), exact(amounts))
    case 4:
      // Adjustments of at most the total's n-th part keep every share above zero.
      let limit = Int64(amount.magnitude) / Int64(members.count * 2)
      let adjustments = members.map { _ in Int64.random(in: 0...limit, using: &random) }
      let rest = Int64(amount.magnitude) - adjustments.reduce(0, +)
      let count = Int64(members.count)
      return (
        .adjusted(parts(adjustments.map { $0 * sign })), exact(adjustments.map { rest + count * $0 })
      )
    default:
      let pieces = cut(Int64(amount.magnitude)).filter { $0 > 0 }
      var items = pieces.map { piece in
        Split.Item(
          piece * sign,
          Array(members.shuffled(using: &random).prefix(.random(in: 1...members.count, using: &random))))
      }
      // The extras are what the last item leaves over.
      let last = items.count > 1 ? items.removeLast().amount : 0
      var weights: [ID: Int128] = [:]
      // 720,720 divides by every number up to 16.
      for item in items {
        for member in item.members {
          weights[member, default: 0] += Int128(item.amount.magnitude) * 720_720 / Int128(item.members.count)
        }
      }
      return (.items(items, extras: last), weights)
    }
  }

  @Test(arguments: 0..<8) func sharesAreExactFairAndMirrored(run: Int) throws {
    var random = Seeded(UInt64(run) &+ 20_261_124)
    for _ in 0..<500 {
      let members = (0..<Int.random(in: 1...12, using: &random)).map { _ in random.id() }
      let limits: [Int64] = [3, 100, 10_000, 1_000_000_000_000]
      let magnitude = Int64.random(in: 1...limits[Int.random(in: 0..<4, using: &random)], using: &random)
      let amount = Bool.random(using: &random) ? magnitude : -magnitude
      let (split, weights) = self.random(amount, members, &random)
      // Some are booked in another currency.
      let booked =
        Bool.random(using: &random) ? amount : amount.signum() * .random(in: 1...limits[3], using: &random)
      let seed = random.id()
      let shares = try split.shares(of: amount, booked: booked, seed: seed)
      #expect(shares.reduce(0) { $0 + $1.amount } == booked, "\(split)")
      let total = weights.values.reduce(0, +)
      for share in shares {
        // |share - booked × weight / total| < 1, in whole numbers.
        let error = Int128(share.amount) * total - Int128(booked) * (weights[share.member] ?? 0)
        #expect(error.magnitude < total.magnitude, "\(split) of \(amount): \(share)")
        #expect(share.amount == 0 || share.amount.signum() == booked.signum())
      }
      let mirror = try Self.mirrored(split).shares(of: -amount, booked: -booked, seed: seed)
      #expect(mirror == shares.map { Split.Share(member: $0.member, amount: -$0.amount) })
      // The order in which members are named does not matter.
      if case .equally(let members) = split {
        let other = try Split.equally(members.reversed()).shares(of: amount, booked: booked, seed: seed)
        #expect(Set(other) == Set(shares))
      }
    }
  }

  private static func mirrored(_ split: Split) -> Split {
    switch split {
    case .exact(let parts): .exact(parts.map { Split.Part($0.member, -$0.value) })
    case .adjusted(let parts): .adjusted(parts.map { Split.Part($0.member, -$0.value) })
    case .items(let items, let extras):
      .items(items.map { Split.Item(-$0.amount, $0.members) }, extras: -extras)
    default: split
    }
  }

  @Test func extraCentIsSpreadOverMembers() throws {
    var random = Seeded(7)
    let members = (0..<3).map { _ in random.id() }
    var extra: [ID: Int] = [:]
    for _ in 0..<3000 {
      for share in try Split.equally(members).shares(of: 100, seed: random.id()) where share.amount == 34 {
        extra[share.member, default: 0] += 1
      }
    }
    // A thousand each; the chance of being 150 off is one in ten million.
    #expect(extra.count == 3 && extra.values.allSatisfy { abs($0 - 1000) < 150 }, "\(extra)")
  }

  /// By shares and by percentages each bears over many entries what their weight says, to a hair: the leftover
  /// cents of those with equal claims go round.
  @Test func leftoverCentsGoRoundByWeightToo() throws {
    var random = Seeded(8)
    let members = (0..<4).map { _ in random.id() }
    func parts(_ values: [Int64]) -> [Split.Part] { zip(members, values).map { Split.Part($0, $1) } }
    for (split, amount) in [
      // 2 : 1 : 1 : 1 of 3 cents, and 40 : 20 : 20 : 20 percent of 3 cents.
      (Split.shares(parts([2, 1, 1, 1])), Int64(3)), (.percentages(parts([4000, 2000, 2000, 2000])), 3),
      // Exactly half a cent each.
      (.shares(parts([1, 1, 0, 0])), 1), (.percentages(parts([5000, 5000, 0, 0])), -1),
      (.shares(parts([3, 3, 3, 3])), -1), (.percentages(parts([2500, 2500, 2500, 2500])), 2),
    ] {
      var borne: [ID: Int64] = [:]
      for _ in 0..<3000 {
        for share in try split.shares(of: amount, seed: random.id()) {
          borne[share.member, default: 0] += share.amount
        }
      }
      let weights: [Int64] =
        switch split {
        case .shares(let parts), .percentages(let parts): parts.map(\.value)
        default: []
        }
      // Those with the same weight bear the same; the chance of being 200 off is one in many millions.
      for (left, right) in zip(members.indices, members.indices.dropFirst())
      where weights[left] == weights[right] {
        let difference = (borne[members[left]] ?? 0) - (borne[members[right]] ?? 0)
        #expect(abs(difference) < 200, "\(split): \(borne)")
      }
      for (member, weight) in zip(members, weights) where weight == 0 { #expect(borne[member] == 0) }
      #expect(borne.values.reduce(0, +) == 3000 * amount)
    }
  }

  @Test func ratesAreExact() throws {
    let (jpy, eur, kwd) = (Currency(code: "JPY")!, Currency(code: "EUR")!, Currency(code: "KWD")!)
    let cases: [(Amount, String, Currency, Int64)] = [
      (Amount(10_000, eur), "162.345", jpy, 16_235), (Amount(16_235, jpy), "0.0061597", eur, 10_000),
      (Amount(1, jpy), "0.005", eur, 1), (Amount(-1, jpy), "0.005", eur, -1),
      (Amount(1, jpy), "0.004999", eur, 0),
      (Amount(1000, eur), "0.33", kwd, 3300), (Amount(1_000_000_000_000, kwd), "1", eur, 100_000_000_000),
    ]
    for (amount, rate, currency, worth) in cases {
      #expect(try Rate(rate)?.worth(of: amount, in: currency).minorUnits == worth, "\(amount) at \(rate)")
    }
    for text in ["", ".", "0", "0.0", "-1", "1.", ".5", "1e3", "1234567890123", "1,5"] {
      #expect(Rate(text) == nil, "\(text)")
    }
    #expect(throws: Amount.Failure.overflow) {
      try Rate("999999999999")?.worth(of: Amount(.max, jpy), in: kwd)
    }
  }
}
