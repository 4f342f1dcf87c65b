import KittyShared
import TestSupport
import Testing

/// Items of a receipt that are below zero: deposits and vouchers.
struct NegativeItemTests {
  private func shares(_ amount: Int64, _ items: [Split.Item], extras: Int64 = 0) throws -> [ID: Int64] {
    let seed = ID.last
    return Dictionary(
      uniqueKeysWithValues: try Split.items(items, extras: extras).shares(of: amount, seed: seed).map {
        ($0.member, $0.amount)
      })
  }

  @Test func randomReceiptsAddUpAndAreWithinAUnit() throws {
    var random = Seeded(17)
    let people = (0..<5).map { _ in random.id() }
    var accepted = 0
    for _ in 0..<2000 {
      let items = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Split.Item(
          Int64.random(in: 1...3000, using: &random) * (Int.random(in: 0..<4, using: &random) == 0 ? -1 : 1),
          Array(people.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))))
      }
      let base = items.reduce(0) { $0 + $1.amount }
      let extras = Int64.random(in: -200...400, using: &random)
      let amount = base + extras
      // In units of a sixtieth: all numbers of sharers divide it.
      var exact: [ID: Int64] = [:]
      for item in items {
        for member in item.members {
          exact[member, default: 0] += item.amount * 60 / Int64(item.members.count)
        }
      }
      guard amount != 0, base.signum() == amount.signum(),
        exact.values.allSatisfy({ $0 == 0 || $0.signum() == amount.signum() })
      else {
        #expect(throws: Split.Failure.self) { try shares(amount, items, extras: extras) }
        continue
      }
      accepted += 1
      let found = try shares(amount, items, extras: extras)
      #expect(found.values.reduce(0, +) == amount)
      for (member, share) in found {
        let part = Double(exact[member] ?? 0) / 60 * Double(amount) / Double(base)
        #expect(abs(Double(share) - part) < 1.000001)
      }
      let mirrored = items.map { Split.Item(-$0.amount, $0.members) }
      #expect(try shares(-amount, mirrored, extras: -extras) == found.mapValues { -$0 })
    }
    #expect(accepted > 500)
  }

  @Test func itemsBelowZeroTakeOffAtMostWhatIsBorne() {
    let (anna, bob) = (ID(at: Instant(milliseconds: 1)), ID(at: Instant(milliseconds: 2)))
    #expect(throws: Split.Failure.belowZero(bob)) {
      try shares(500, [.init(700, [anna]), .init(-200, [bob])])
    }
    #expect(throws: Split.Failure.noWeight) {
      try shares(100, [.init(300, [anna]), .init(-300, [anna])], extras: 100)
    }
  }
}
