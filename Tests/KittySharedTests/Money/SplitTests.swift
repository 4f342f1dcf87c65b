import KittyShared
import TestSupport
import Testing

struct SplitTests {
  private func people(_ count: Int, _ random: inout Seeded) -> [ID] {
    (0..<count).map { _ in ID(at: Instant(milliseconds: 1_700_000_000_000), using: &random) }
  }

  @Test func hundredIsSplitAmongThree() throws {
    var random = Seeded(2)
    let members = people(3, &random)
    let shares = try Split.equally(members).shares(of: 10_000, seed: ID(at: Instant(milliseconds: 0)))
    #expect(shares.map(\.member) == members)
    #expect(shares.map(\.amount).sorted() == [3333, 3333, 3334])
  }

  @Test func sharesAddUpAndDifferByOneUnitAtMost() throws {
    var random = Seeded(3)
    for _ in 0..<5000 {
      let members = people(Int.random(in: 1...20, using: &random), &random)
      let amount = Int64.random(in: -1_000_000...1_000_000, using: &random)
      let seed = ID(at: Instant(milliseconds: 0), using: &random)
      let shares = try Split.equally(members).shares(of: amount, seed: seed).map(\.amount)
      #expect(shares.reduce(0, +) == amount)
      let exact = Double(amount) / Double(members.count)
      #expect(shares.allSatisfy { abs(Double($0) - exact) < 1 })
      // The mirror image, and the same shares in any order of the members.
      let mirror = try Split.equally(members).shares(of: -amount, seed: seed).map(\.amount)
      #expect(mirror == shares.map { -$0 })
      let reversed = try Split.equally(members.reversed()).shares(of: amount, seed: seed).map(\.amount)
      #expect(reversed.reversed() == shares)
    }
  }

  @Test func fewerUnitsThanPeople() throws {
    var random = Seeded(4)
    let members = people(5, &random)
    let shares = try Split.equally(members).shares(of: 3, seed: ID(at: Instant(milliseconds: 9)))
    #expect(shares.map(\.amount).sorted() == [0, 0, 1, 1, 1])
    let nothing = try Split.equally(members).shares(of: 0, seed: ID(at: Instant(milliseconds: 9)))
    #expect(nothing.allSatisfy { $0.amount == 0 })
  }

  @Test func largestAmountsFit() throws {
    var random = Seeded(5)
    let members = people(3, &random)
    let seed = ID(at: Instant(milliseconds: 0), using: &random)
    let shares = try Split.equally(members).shares(of: .max, seed: seed)
    #expect(shares.reduce(Int64(0)) { $0 + $1.amount } == .max)
    #expect(throws: Split.Failure.overflow) { try Split.equally(members).shares(of: .min, seed: seed) }
  }

  @Test func leftoverUnitIsSpreadOverMembers() throws {
    var random = Seeded(6)
    let members = people(3, &random)
    var extra: [ID: Int] = [:]
    let rounds = 6000
    for _ in 0..<rounds {
      let seed = ID(at: Instant(milliseconds: 1_700_000_000_000), using: &random)
      for share in try Split.equally(members).shares(of: 100, seed: seed) where share.amount == 34 {
        extra[share.member, default: 0] += 1
      }
    }
    // A fair draw has a standard deviation of about 37 here; five of them are allowed.
    #expect(extra.values.reduce(0, +) == rounds)
    for member in members { #expect(abs((extra[member] ?? 0) - rounds / 3) < 185) }
  }

  @Test func leftoverRuleIsStable() throws {
    // Stored books and every client rely on it: a change of these numbers is a change of the contract.
    let members = try [
      "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c1", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c2",
      "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c3",
    ]
    .map { try #require(ID($0)) }
    let extra = try (0..<8).map { number in
      let seed = try #require(ID("01932c07-a0b1-7cc2-b7a5-00000000000\(number)"))
      return try Split.equally(members).shares(of: 100, seed: seed).firstIndex { $0.amount == 34 }
    }
    #expect(extra == Self.recorded)
  }
  static let recorded: [Int?] = [0, 0, 2, 2, 0, 0, 2, 2]

  @Test func emptyAndDuplicateParticipantsAreRejected() throws {
    let member = ID(at: Instant(milliseconds: 1))
    #expect(throws: Split.Failure.noParticipants(item: nil)) {
      try Split.equally([]).shares(of: 1, seed: member)
    }
    #expect(throws: Split.Failure.twice(member, item: nil)) {
      try Split.equally([member, member]).shares(of: 1, seed: member)
    }
  }
}
