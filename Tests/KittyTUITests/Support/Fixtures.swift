import KittyShared

@testable import KittyTUI

/// Fixed members, groups, entries and clocks for tests of screens.
///
/// A test of a screen needs no terminal and no server: it presses keys, delivers messages and reads the screen.
///
/// ```swift
/// @Test func deletingAsksFirst() {
///   var state = Fixtures.openGroup()          // a group with its entries; or state(_:) with any screen
///   let effects = state.type("d")             // keys in: letters with type(_:), other keys with press(_:)
///   #expect(effects.isEmpty)                  // the effects that the update asks for
///   #expect(state.text.contains("Delete"))    // the whole screen as text
///   #expect(state.type("y") == [.deleteEntry(group: …, entry: …)])
///   state.get(.entryDeleted(…))               // a message of the server; finish(_:) ends the effect
/// }
/// ```
///
/// To compare the look of a screen at four sizes, add a `GoldenScreen` to the table of the screen in `Screens/`, such as
/// `KittyGoldens`, and record its files: see `GoldenTests`.
enum Fixtures {
  static let eur = Currency(code: "EUR")!
  static let start = ContinuousClock.now

  static func id(_ number: Int64) -> ID {
    var random = Counting(number: UInt64(number))
    return ID(at: Instant(milliseconds: 1_795_508_130_250 + number), using: &random)
  }
  private struct Counting: RandomNumberGenerator {
    let number: UInt64
    mutating func next() -> UInt64 { number &* 0x9e37_79b9_7f4a_7c15 }
  }

  static let names = ["Anna", "Bob", "Carl Constantin von Langenname", "井上 明子"]
  static let members: [Member] = names.enumerated().map { index, name in
    Member(
      id: id(Int64(index + 1)), name: name, user: index == 0 ? id(50) : nil,
      role: index == 0 ? .owner : .guest,
      photo: nil, createdAt: Instant(milliseconds: 0), removedAt: nil)
  }
  static let categories: [KittyShared.Category] = [
    .init(id: id(70), name: "Food", createdAt: Instant(milliseconds: 0)),
    .init(id: id(71), name: "Groceries", parent: id(70), createdAt: Instant(milliseconds: 0)),
    .init(id: id(72), name: "Home", createdAt: Instant(milliseconds: 0)),
    .init(
      id: id(73), name: "Old", createdAt: Instant(milliseconds: 0), archivedAt: Instant(milliseconds: 1)),
  ]
  static let nets: [Int64] = [6667, -3333, -3334, 0]

  static func group(
    _ name: String = "Flat 12", number: Int64 = 90, net: Int64 = 6667, closedUntil: Day? = nil
  ) -> Group {
    Group(
      id: id(number), name: name, currency: eur, me: members[0].id, role: .owner,
      balances: net == 0 ? [] : [Money(amount: net, currency: eur)], memberCount: 4, photo: nil,
      createdAt: Instant(milliseconds: 0), archivedAt: nil, closedUntil: closedUntil, version: 1)
  }

  static func account(in timeZone: String?) -> User {
    User(
      id: id(50), name: "anna", displayName: "Anna", timeZone: timeZone, photo: nil,
      createdAt: Instant(milliseconds: 0))
  }

  static let expenses: [Entry] = (1...12).reversed().map { number in
    let amount = Amount(Int64(number * 1234), eur)
    let content = EntryContent(
      kind: .expense,
      description: ["Dinner", "Taxi to the airport and back again with luggage", "Käse & Brot", "寿司"][
        number % 4],
      amount: amount, rate: nil, booked: amount, date: Day("2026-11-\(10 + number)")!, note: nil,
      payers: [Payer(.member(members[number % 4].id), amount: .minorUnits(amount.minorUnits))], split: nil,
      shares: [])
    return Entry(
      id: id(Int64(100 + number)), number: Int64(number), content: content, createdBy: members[0].id,
      createdAt: Instant(milliseconds: 0), changedAt: Instant(milliseconds: 0), deletedAt: nil,
      commentCount: 0, version: 1)
  }

  /// Returns an entry as it is after its deletion.
  static func deleted(_ entry: Entry) -> Entry {
    Entry(
      id: entry.id, number: entry.number, content: entry.content, createdBy: entry.createdBy,
      createdAt: entry.createdAt, changedAt: entry.changedAt, deletedAt: entry.changedAt, commentCount: 0,
      version: entry.version + 1)
  }

  /// An expense with a change of each field.
  static var changedExpense: EntryDetails {
    let entry = expenses[0]
    let people = members.map { JSONValue.text("\($0.id)") }
    func part(_ who: String, _ person: Int, _ amount: Int64) -> JSONValue {
      .object([who: people[person], "amount": .number(amount)])
    }
    let changes: [Revision.Change] = [
      .init(field: "amount", old: .number(14000), new: .number(14808)),
      .init(
        field: "booked", old: .object(["amount": .number(85), "currency": .text("EUR")]),
        new: .object(["amount": .number(14808), "currency": .text("EUR")])),
      .init(field: "currency", old: .text("JPY"), new: .text("EUR")),
      .init(field: "note", old: nil, new: .text("with tip")),
      .init(
        field: "payers", old: .list([part("account", 0, 14000)]),
        new: .list([
          part("account", 1, 10000), .object(["account": .text("kitty"), "amount": .number(4808)]),
        ])),
      .init(field: "rate", old: .text("0.0061"), new: nil),
      .init(
        field: "shares", old: .list([part("member", 0, 43), part("member", 1, 42)]),
        new: .list([part("member", 0, 7404), part("member", 3, 7404)])),
      .init(
        field: "split",
        old: .object([
          "method": .text("shares"),
          "parts": .list([
            .object(["member": people[0], "weight": .number(2)]),
            .object(["member": people[1], "weight": .number(1)]),
          ]),
        ]),
        new: .object([
          "method": .text("equally"),
          "parts": .list([.object(["member": people[0]]), .object(["member": people[3]])]),
        ])),
    ]
    return EntryDetails(
      entry: entry,
      history: [
        Revision(version: 1, action: .created, by: members[0].id, at: entry.createdAt, changes: []),
        Revision(version: 2, action: .changed, by: members[1].id, at: entry.createdAt, changes: changes),
      ], comments: [])
  }

  static var kitty: Kitty {
    Kitty(
      holds: [Money(amount: 18_050, currency: eur), Money(amount: 5000, currency: Currency(code: "JPY")!)],
      targets: [
        .init(member: members[0].id, currency: eur, target: 10_000, contributed: 10_000),
        .init(member: members[1].id, currency: eur, target: 10_000, contributed: 6_050),
        .init(member: members[1].id, currency: Currency(code: "JPY")!, target: 0, contributed: 5000),
        .init(member: members[2].id, currency: eur, target: 0, contributed: 2_000),
      ])
  }

  static let invites: [Invite] = [
    (Member.Role.member, members[1].id as ID?, 1, 0, "2026-12-01"), (.viewer, nil, 5, 2, "2026-11-25"),
  ].enumerated().map { index, invite in
    let (role, guest, most, uses, day) = invite
    return Invite(
      id: id(Int64(200 + index)), code: String(repeating: "aZ3_", count: 10) + "end\(index)", role: role,
      guest: guest, maxUses: most, uses: uses, createdBy: members[0].id, createdAt: Instant(milliseconds: 0),
      expiresAt: Instant(milliseconds: Day(day)!.daysSince1970 * 86_400_000))
  }

  static let invitation = Invitation(
    group: "Holiday in Portugal with all of us from the old school", memberCount: 4, invitedBy: "Anna",
    role: .member, guest: "Carl Constantin von Langenname",
    expiresAt: Instant(milliseconds: Day("2026-12-01")!.daysSince1970 * 86_400_000))

  static func statement(of account: LedgerAccount, next: String? = nil) -> Statement {
    var balance: Int64 = 1000
    let lines = expenses.reversed().enumerated().map { index, entry in
      let (paid, share) = index % 3 == 0 ? (entry.amount, entry.amount / 4) : (0, entry.amount / 4)
      balance += paid - share
      return Statement.Line(
        entry: entry.id, number: entry.number, date: entry.date, kind: .expense,
        description: entry.description, paid: paid, share: share, balance: balance)
    }
    return Statement(
      account: account, currency: eur, currencies: [eur, Currency(code: "JPY")!], opening: 1000,
      lines: lines, closing: balance, next: next)
  }

  static var statistics: Statistics { statistics(by: .month) }

  /// Statistics of the group by one dimension, with two currencies and a refund.
  static func statistics(by dimension: Statistics.Dimension) -> Statistics {
    let jpy = Currency(code: "JPY")!
    func row(
      _ spent: Int64, _ count: Int64, _ currency: Currency = eur, paid: Int64? = nil,
      _ set: (inout Statistics.Row) -> Void
    ) -> Statistics.Row {
      var row = Statistics.Row(
        currency: currency, spent: spent, count: count, share: paid == nil ? nil : spent, paid: paid)
      set(&row)
      return row
    }
    let rows: [Statistics.Row] =
      switch dimension {
      case .category:
        [
          row(42_050, 5) { $0.category = categories[0].id },
          row(123_400, 9) { $0.category = categories[1].id },
          row(80_000, 2) { $0.category = categories[2].id }, row(-4000, 1) { _ in },
          row(5000, 1, jpy) { _ in },
        ]
      case .member:
        members.enumerated().map { index, member in
          row(Int64(80_000 - index * 20_000), 6, paid: Int64(index * 70_000)) {
            $0.member = .member(member.id)
          }
        } + [row(5000, 1, jpy, paid: 5000) { $0.member = .member(members[0].id) }]
      default:
        (1...14).map { month in
          row(Int64(month * month) * 1234 % 50_000, Int64(month)) {
            $0.period = dimension.unit?.name(2025 * 12 + 9 + Int64(month))
          }
        } + [row(5000, 1, jpy) { $0.period = dimension.unit?.name(2026 * 12 + 10) }]
      }
    return Statistics(
      by: [dimension], from: nil, to: nil,
      totals: [
        .init(currency: eur, spent: 241_450, count: 17), .init(currency: jpy, spent: 5000, count: 1),
      ], rows: rows)
  }

  static var data: GroupData {
    let balances = zip(members, nets).map { member, net in
      Balance(
        account: .member(member.id), name: member.name, currency: eur, paid: max(0, net), share: max(0, -net))
    }
    return GroupData(group: group(), members: members, balances: balances, entries: expenses)
  }

  static func state(_ screen: any Screen, width: Int = 80, height: Int = 24) -> AppState {
    var context = Context(newID: { id(777) })
    context.now = start
    context.date = { _ in Day("2026-11-24")! }
    context.clock = { Instant(milliseconds: 1795521600000) }
    context.home = "/home/anna"
    var state = AppState(
      context: context, server: "http://127.0.0.1:8080", roots: .standard, first: screen, name: "anna")
    _ = state.update(.resized(width: width, height: height), at: start)
    return state
  }

  /// The screen of a loaded group, without running effects.
  static func openGroup() -> AppState {
    var state = state(GroupsScreen())
    state.get(.groups([group()]))
    state.press(.enter)
    state.get(.group(data))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  /// A filled and submitted expense form, with its effect.
  static func writeExpense() -> (AppState, Effect?) {
    var state = openGroup()
    state.type("aDinner")
    state.press(.enter)
    state.type("100")
    let effects = state.press(.control("s"))
    return (state, effects.first)
  }
}

extension AppState {
  /// Presses the keys of letters.
  @discardableResult mutating func type(_ text: String) -> [Effect] {
    text.flatMap { update(.key(.character($0)), at: Fixtures.start) }
  }
  @discardableResult mutating func press(_ keys: Key...) -> [Effect] {
    keys.flatMap { update(.key($0), at: Fixtures.start) }
  }
  @discardableResult mutating func get(_ message: Message) -> [Effect] {
    update(.message(message), at: Fixtures.start)
  }
  @discardableResult mutating func finish(_ effect: Effect) -> [Effect] {
    update(.finished(effect), at: Fixtures.start)
  }
  /// Opens a screen directly.
  mutating func perform(_ screen: any Screen) { screens.append(screen) }
  var text: String { view().text }
}
