import KittyShared

@testable import KittyTUI

/// A group with all kinds of entries, several currencies, several entries on a day, and a kitty.
enum MixedBooks {
  private static let people = Fixtures.members.map { LedgerAccount.member($0.id) }
  static let jpy = Currency(code: "JPY")!
  static let kwd = Currency(code: "KWD")!

  static var data: GroupData {
    var data = Fixtures.data
    data.entries = entries
    let nets: [(Int, Int64, Currency)] = [
      (0, 10_582, kwd), (0, 58_368, Fixtures.eur), (1, -48_395, Fixtures.eur), (1, -10_582, kwd),
      (2, 0, Fixtures.eur), (3, -1023, Fixtures.eur), (3, 1286, jpy), (0, -1286, jpy),
    ]
    data.balances =
      nets.map { member, net, currency in
        Balance(
          account: people[member], name: Fixtures.names[member], currency: currency, paid: max(0, net),
          share: max(0, -net))
      } + [Balance(account: .kitty, name: "Kitty", currency: Fixtures.eur, paid: 0, share: 8950)]
    return data
  }

  static var entries: [Entry] {
    [
      expense(19, "Burst", 250, day: "2026-11-28", payers: [(0, 250)], shares: [63, 62, 63, 62]),
      expense(15, "Käse im Café", 840, day: "2026-11-28", payers: [(1, 840)], shares: [280, 280, 280]),
      expense(
        9, "Sushi", 8000, jpy, booked: 4880, day: "2026-11-28", payers: [(0, 5000), (3, 3000)],
        shares: [1220, 1220, 1220, 1220], note: "the good place"),
      transfer(13, .payment, 2500, from: people[1], to: people[0], day: "2026-11-27"),
      count(12, counted: 8950, expected: 9000, day: "2026-11-27"),
      expense(
        4, "Power and a name that is much longer than its column", 123_456, day: "2026-11-02",
        payers: [(2, 123_456)], shares: []),
      transfer(3, .contribution, 10_500, kwd, from: people[0], to: .kitty, day: "2025-12-31"),
    ]
  }

  static func state(width: Int = 80, height: Int = 24) -> AppState {
    var state = Fixtures.openGroup()
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    state.get(.group(data))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  static func expense(
    _ number: Int64, _ words: String, _ amount: Int64, _ currency: Currency = Fixtures.eur,
    booked: Int64? = nil, day: String, payers: [(Int, Int64)], shares: [Int64], note: String? = nil
  ) -> Entry {
    let members = Fixtures.members.map(\.id)
    return entry(
      number,
      EntryContent(
        kind: .expense, description: words, amount: Amount(amount, currency),
        rate: booked == nil ? nil : Rate("0.0061"),
        booked: Amount(booked ?? amount, booked == nil ? currency : Fixtures.eur), date: Day(day)!,
        note: note,
        payers: payers.map { Payer(people[$0.0], amount: .minorUnits($0.1)) },
        split: SplitRule(.equally, parts: zip(members, shares).map { SplitRule.Part($0.0) }),
        shares: zip(members, shares).map { Split.Share(member: $0, amount: $1) }))
  }

  private static func transfer(
    _ number: Int64, _ kind: EntryContent.Kind, _ amount: Int64, _ currency: Currency = Fixtures.eur,
    from: LedgerAccount, to: LedgerAccount, day: String
  ) -> Entry {
    let amount = Amount(amount, currency)
    return entry(
      number,
      EntryContent(
        kind: kind, description: kind == .payment ? "Payment" : "Contribution", amount: amount, rate: nil,
        booked: amount, date: Day(day)!, note: nil, from: from, to: to))
  }

  private static func count(_ number: Int64, counted: Int64, expected: Int64, day: String) -> Entry {
    let missing = Amount(expected - counted, Fixtures.eur)
    return entry(
      number,
      EntryContent(
        kind: .count, description: "Cash count", amount: missing, rate: nil, booked: missing, date: Day(day)!,
        note: nil, payers: [Payer(.kitty, amount: .minorUnits(missing.minorUnits))],
        shares: ([17, 17, 16] as [Int64]).enumerated().map {
          Split.Share(member: Fixtures.members[$0.offset].id, amount: $0.element)
        }, counted: counted, expected: expected))
  }

  private static func entry(_ number: Int64, _ content: EntryContent) -> Entry {
    let moment = Instant(milliseconds: content.date.daysSince1970 * 86_400_000 + 68_520_000)
    return Entry(
      id: Fixtures.id(500 + number), number: number, content: content, createdBy: Fixtures.members[0].id,
      createdAt: moment, changedAt: moment, deletedAt: nil, commentCount: number == 15 ? 2 : 0, version: 1)
  }
}
