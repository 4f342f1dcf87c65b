import KittyShared
import TestSupport
import Testing

/// The parts of an expense by category, and by account and category.
@Suite struct SpendingPartTests {
  private static let eur = Currency(code: "EUR")!

  /// An expense with random items, and its shares as the books have them.
  private func expense(_ random: inout Seeded, sign: Int64) throws -> (id: ID, content: EntryContent) {
    let members = (0..<Int.random(in: 1...5, using: &random)).map { _ in random.id() }
    let categories: [ID?] = [nil] + (0..<3).map { _ in random.id() }
    let items = (0..<Int.random(in: 1...6, using: &random)).map { _ in
      SplitRule.Item(
        amount: .minorUnits(sign * Int64.random(in: 1...1000, using: &random)),
        members: Array(
          members.shuffled(using: &random).prefix(Int.random(in: 1...members.count, using: &random))),
        category: categories.randomElement(using: &random) ?? nil)
    }
    let tip = Int64.random(in: 0...99, using: &random)
    let rule = SplitRule(.items, items: items, tip: .minorUnits(tip))
    let total = items.reduce(sign * tip) { sum, item in
      if case .minorUnits(let units) = item.amount { sum + units } else { sum }
    }
    let id = random.id()
    let booked = Amount(Bool.random(using: &random) ? total : total * 3 / 2, Self.eur)
    let shares = try rule.shares(of: Amount(total, Self.eur), booked: booked, seed: id)
    let paid = total / 3
    return (
      id,
      EntryContent(
        kind: .expense, description: "x", amount: Amount(total, Self.eur), rate: nil, booked: booked,
        date: try #require(Day("2026-01-01")), note: nil,
        category: categories.randomElement(using: &random) ?? nil,
        payers: [
          Payer(.member(members[0]), amount: .minorUnits(total - paid)),
          Payer(.kitty, amount: .minorUnits(paid)),
        ], split: rule, shares: shares)
    )
  }

  @Test(arguments: UInt64(0)..<300) func partsAndCellsHaveTheSumsOfTheBooks(seed: UInt64) throws {
    var random = Seeded(seed)
    let (id, content) = try expense(&random, sign: seed % 4 == 0 ? -1 : 1)
    let parts = content.spendingParts(entry: id)
    #expect(parts.reduce(0) { $0 + $1.amount } == content.booked.amount)
    #expect(Set(parts.map(\.category)).count == parts.count)
    // Each part is within one unit of its exact value.
    let items = content.split?.items ?? []
    func units(_ amount: AmountInput) -> Int64 {
      if case .minorUnits(let units) = amount { units } else { 0 }
    }
    let whole = items.reduce(0) { $0 + units($1.amount) }
    for part in parts {
      let own = items.filter { ($0.category ?? content.category) == part.category }
        .reduce(0) { $0 + units($1.amount) }
      #expect(abs(part.amount * whole - content.booked.amount * own) < abs(whole), "\(part)")
    }
    for (cells, accounts) in [
      (
        content.shareCells(entry: id),
        (content.shares ?? []).map { (LedgerAccount.member($0.member), $0.amount) }
      ),
      (
        content.paidCells(entry: id),
        Array(zip((content.payers ?? []).map(\.account), content.paidParts(entry: id)))
      ),
    ] {
      for part in parts {
        #expect(
          cells.filter { $0.category == part.category }.reduce(0) { $0 + $1.amount } == part.amount)
      }
      for (account, amount) in accounts {
        #expect(cells.filter { $0.account == account }.reduce(0) { $0 + $1.amount } == amount)
      }
      #expect(cells.allSatisfy { $0.amount == 0 || $0.amount.signum() == content.booked.amount.signum() })
    }
  }

  @Test func itemsBelowZeroLowerTheirCategory() throws {
    var random = Seeded(5)
    let (id, anna, bob, food, deposit) = (random.id(), random.id(), random.id(), random.id(), random.id())
    let cases: [(items: [(amount: Int64, category: ID)], expected: [Int64])] = [
      ([(1200, food), (500, deposit), (-200, deposit)], [1200, 300]),
      // More comes back than is newly paid: the rest lowers the other category.
      ([(1200, food), (-200, deposit)], [1000, 0]),
    ]
    for (items, expected) in cases {
      for sign in [Int64(1), -1] {
        let rule = SplitRule(
          .items,
          items: items.map {
            SplitRule.Item(
              amount: .minorUnits(sign * $0.amount), members: [anna, bob], category: $0.category)
          })
        let total = Amount(sign * items.reduce(0) { $0 + $1.amount }, Self.eur)
        let content = EntryContent(
          kind: .expense, description: "x", amount: total, rate: nil, booked: total,
          date: try #require(Day("2026-01-01")), note: nil,
          payers: [Payer(.member(anna), amount: .minorUnits(total.minorUnits))], split: rule,
          shares: try rule.shares(of: total, booked: total, seed: id))
        let parts = content.spendingParts(entry: id)
        #expect(parts.map(\.category) == [food, deposit])
        #expect(parts.map(\.amount) == expected.map { sign * $0 })
        let cells = content.shareCells(entry: id)
        for member in [anna, bob] {
          let own = cells.filter { $0.account == .member(member) }.map(\.amount)
          #expect(own == expected.map { sign * $0 / 2 })
        }
      }
    }
  }

  @Test func unitsOfTheCalendarFollowEachOther() throws {
    for unit in CalendarUnit.allCases {
      for day in stride(from: Int64(-25_567), through: 60_000, by: 3) {
        let day = Day(daysSince1970: day)
        let number = unit.number(of: day)
        #expect((unit.first(number)...unit.last(number)).contains(day))
        #expect(
          unit.number(of: unit.last(number)) == number
            && unit.first(number + 1) == unit.last(number).moved(by: 1))
      }
    }
    let names: [(CalendarUnit, String, String)] = [
      (.week, "2026-01-01", "2026-W01"), (.week, "2027-01-03", "2026-W53"), (.week, "2024-12-30", "2025-W01"),
      (.month, "2026-11-30", "2026-11"), (.year, "2026-11-30", "2026"), (.day, "2026-11-30", "2026-11-30"),
    ]
    for (unit, day, name) in names {
      #expect(unit.name(unit.number(of: try #require(Day(day)))) == name)
    }
  }
}
