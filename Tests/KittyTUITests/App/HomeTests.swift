import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The groups as a home: totals, what is new, the month.
struct HomeTests {
  private static let eur = Fixtures.eur
  private static let jpy = Currency(code: "JPY")!
  private static let today = Day("2026-11-24")!
  private static let month = Day("2026-11-01")!

  private static func group(
    _ number: Int64, _ name: String = "Flat 12", nets: [Money] = [Money(amount: 6667, currency: eur)],
    sequence: Int64 = 5
  ) -> Group {
    let old = Fixtures.group()
    return Group(
      id: Fixtures.id(number), name: name, currency: eur, me: old.me, role: .owner, balances: nets,
      memberCount: 4, photo: nil, createdAt: old.createdAt, archivedAt: nil, version: 1, sequence: sequence)
  }

  private static func part(_ day: String, _ amount: Int64, _ words: String, _ currency: Currency = eur)
    -> GroupDigest.Part
  {
    .init(
      day: Day(day)!, money: Money(amount: amount, currency: currency), count: 1, largest: amount,
      description: words)
  }

  private static func digest(
    _ number: Int64, sequence: Int64 = 5, month: Day = month, parts: [GroupDigest.Part]? = [],
    isOne: Bool = false,
    news: GroupDigest.News = .none
  ) -> GroupDigest {
    GroupDigest(
      group: Fixtures.id(number), sequence: sequence, month: month, parts: parts, isSettledByOne: isOne,
      news: news)
  }

  private func home(_ groups: [Group], _ digests: [GroupDigest] = [], width: Int = 100) -> AppState {
    var state = Fixtures.state(GroupsScreen(), width: width)
    state.get(.groups(groups))
    state.get(.digests(digests))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  // MARK: totals

  @Test func totalsAreOwedAndOwingPerCurrency() {
    var state = home([
      Self.group(90), Self.group(91, nets: [Money(amount: -1200, currency: Self.eur)]),
      Self.group(
        92, nets: [Money(amount: 333, currency: Self.eur), Money(amount: 5000, currency: Self.jpy)]),
    ])
    let lines = state.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[2].contains("You are owed    +70.00 EUR  You owe -12.00 EUR"))
    #expect(lines[3].contains("You are owed +5,000    JPY"))
    // A low window has one of them.
    _ = state.update(.resized(width: 100, height: 17), at: Fixtures.start)
    #expect(state.text.contains("and 1 more currency\n"), "\(state.text)")
  }

  @Test func totalsThatAreTooLargeAreNotShown() {
    let state = home([
      Self.group(90, nets: [Money(amount: .max, currency: Self.eur)]), Self.group(91),
    ])
    #expect(state.text.contains("The sums are too large to show."))
  }

  @Test func settledGroupsAreSaidToBe() {
    #expect(home([Self.group(90, nets: [])]).text.contains("Everything is settled."))
  }

  // MARK: what is new

  @Test func fewGroupsAreReadAtATimeAndOnlyChangedOnes() {
    var state = Fixtures.state(GroupsScreen())
    let groups = (90...96).map { Self.group(Int64($0)) }
    #expect(state.get(.groups(groups)) == [.loadDigests(Array(groups.prefix(3)), month: Self.month)])
    for effect in state.context.running { state.finish(effect) }
    state.get(.digests((90...92).map { Self.digest(Int64($0)) }))
    #expect(state.get(.groups(groups)) == [.loadDigests(Array(groups[3..<6]), month: Self.month)])
    for effect in state.context.running { state.finish(effect) }
    state.get(.digests((93...96).map { Self.digest(Int64($0)) }))
    #expect(state.get(.groups(groups)).isEmpty)
    var changed = groups
    changed[4] = Self.group(94, sequence: 6)
    #expect(state.get(.groups(changed)) == [.loadDigests([changed[4]], month: Self.month)])
  }

  @Test func newMonthIsReadAgain() {
    var state = Fixtures.state(GroupsScreen())
    let groups = [Self.group(90)]
    state.get(.groups(groups))
    for effect in state.context.running { state.finish(effect) }
    state.get(.digests([Self.digest(90, month: Day("2026-10-01")!)]))
    #expect(state.get(.groups(groups)) == [.loadDigests(groups, month: Self.month)])
  }

  @Test func newsAreShownUntilTheGroupIsSeen() {
    let news = GroupDigest.News(count: 2, isMore: false, words: ["Cheese", "Bob → you"])
    var state = home([Self.group(90)], [Self.digest(90, news: news)])
    #expect(state.text.contains("2 new: Cheese, Bob → you"))
    state.get(.seen(group: Fixtures.id(90), sequence: 4))
    #expect(state.text.contains("2 new"))
    state.get(.seen(group: Fixtures.id(90), sequence: 5))
    #expect(!state.text.contains("new: Cheese"))
  }

  @Test func onePaymentIsSaidOnlyWhileItIsKnown() {
    var state = home([Self.group(90)], [Self.digest(90, isOne: true)])
    #expect(state.text.contains("settle with 1 payment"))
    state.get(.groups([Self.group(90, sequence: 6)]))
    #expect(!state.text.contains("settle with"))
  }

  // MARK: the month

  @Test func monthHasTheSumTheDaysAndTheBiggestEntry() {
    let state = home(
      [Self.group(90), Self.group(91)],
      [
        Self.digest(
          90,
          parts: [
            Self.part("2026-11-02", 30_000, "Rent"), Self.part("2026-11-02", 1000, "Milk"),
            Self.part("2026-11-24", 10_230, "Dinner"),
          ]), Self.digest(91, parts: [Self.part("2026-11-03", 5000, "Sushi", Self.jpy)]),
      ], width: 120)
    #expect(
      state.text.contains(
        "▇▁▁▂ ▇=310.00 412.30 EUR and 5,000 JPY yours in November · biggest: 300.00 EUR Rent"))
  }

  @Test func daysOfTheMonthAreShownWhereThereIsRoom() {
    let parts = [Self.part("2026-11-02", 30_000, "Rent"), Self.part("2026-11-24", 10_230, "Dinner")]
    let state = home([Self.group(90)], [Self.digest(90, parts: parts)])
    #expect(state.text.contains("▁▇▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▃ ▇=300.00 402.30 EUR yours in November"))
  }

  @Test func monthOfSomeGroupsSaysSo() {
    let parts = [Self.part("2026-11-02", 30_000, "Rent")]
    let groups = [Self.group(90), Self.group(91), Self.group(92)]
    let state = home(groups, [Self.digest(90, parts: parts), Self.digest(91, parts: nil)], width: 120)
    #expect(state.text.contains("300.00 EUR yours in November in 1 of 3 groups"))
    let narrow = home(groups, [Self.digest(90, parts: parts)], width: 40)
    #expect(!narrow.text.contains("300.00 EUR yours in November\n"))
  }

  @Test func monthThatIsTooLargeIsLeftOut() {
    let parts = [Self.part("2026-11-02", .max, "Rent"), Self.part("2026-11-02", 1, "Milk")]
    #expect(
      MonthLine([Self.group(90)], [Fixtures.id(90): Self.digest(90, parts: parts)], today: Self.today) == nil)
  }

  @Test(
    arguments: [
      ([0, 1, 50, 100], "▁▂▄▇"), ([0, 0], "▁▁"), ([], ""), ([-5, 5], "▁▇"), ([.max, .max / 2], "▇▃"),
      ([.min, 1], "▁▇"),
    ] as [([Int64], String)])
  func blocksGrowWithTheAmount(amounts: [Int64], expected: String) {
    #expect(Sparkline.text(amounts).string == expected)
  }

  /// A terminal without UTF-8 shows a line that still grows, and no `#`, which is a bar.
  @Test func blocksHaveLettersOnATerminalOfASCII() {
    let shown = "▁▂▃▄▅▆▇".map { Terminal.ascii($0) }
    #expect(Set(shown).count == 7 && !shown.contains(0x23) && !shown.contains(0x3f))
    #expect(!"●◌○→•".contains { Terminal.ascii($0) == 0x3f })
  }

  // MARK: the reading

  private static func entry(_ number: Int64, by author: Int, shares: [Split.Share] = [], version: Int64 = 1)
    -> Entry
  {
    let amount = Amount(3000, eur)
    return Entry(
      id: Fixtures.id(100 + number), number: number,
      content: EntryContent(
        kind: .expense, description: "Entry \(number)", amount: amount, rate: nil, booked: amount,
        date: Day("2026-11-12")!, note: nil, payers: [], shares: shares),
      createdBy: Fixtures.members[author].id, createdAt: Instant(milliseconds: 0),
      changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: 0, version: version)
  }

  @Test func digestHasTheUsersPartsAndTheNewsOfOthers() {
    let me = Fixtures.members[0].id
    let mine = Self.entry(1, by: 0, shares: [.init(member: me, amount: 1000)])
    let theirs = Self.entry(2, by: 1, shares: [.init(member: Fixtures.members[1].id, amount: 3000)])
    let payment = Entry(
      id: Fixtures.id(103), number: 3,
      content: EntryContent(
        kind: .payment, description: "Payment", amount: Amount(500, Self.eur), rate: nil,
        booked: Amount(500, Self.eur), date: Day("2026-11-12")!, note: nil,
        from: .member(Fixtures.members[1].id),
        to: .member(me)),
      createdBy: Fixtures.members[1].id, createdAt: Instant(milliseconds: 0),
      changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: 0, version: 1)
    let digest = GroupDigest(
      Self.group(90), month: Self.month, entries: [mine, theirs, payment], balances: Fixtures.data.balances,
      changed: [mine, theirs, payment], isMore: false)
    #expect(digest.parts == [Self.part("2026-11-12", 1000, "Entry 1")])
    #expect(digest.news == .init(count: 2, isMore: false, words: ["Bob → you", "Entry 2"]))
    #expect(!digest.isSettledByOne)
    let two = Array(Fixtures.data.balances.prefix(2))
    #expect(
      GroupDigest(Self.group(90), month: Self.month, entries: nil, balances: two, changed: [], isMore: false)
        .isSettledByOne)
  }

  @Test func groupsThatAreListedFirstHaveNoNews() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let lines = Mutex<[String]>([])
    let entries = try JSON.text(of: Page(items: [Self.entry(1, by: 1)], next: nil))
    let balances = try JSON.text(of: Balances(balances: Fixtures.data.balances))
    let server = try FakeServer { request in
      lines.withLock { $0.append(request.line) }
      return (200, request.line.contains("balances") ? balances : entries)
    }
    let address = try ServerAddress("http://127.0.0.1:\(server.port)")
    let environment = ["XDG_CACHE_HOME": folder.path, "XDG_STATE_HOME": folder.path]
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: address, tokens: TokenFile(server: address, environment: environment), token: "t", home: "/",
      user: "anna", filesOf: { UserFiles(server: address, user: $0, environment: environment).data }
    ) { $0.forEach { report.yield($0) } }
    func read(_ sequence: Int64) async throws -> (GroupDigest, Int) {
      let effect = Effect.loadDigests([Self.group(90, sequence: sequence)], month: Self.month)
      let messages = await EffectRun.messages(of: effect, runner, events)
      guard case .digests(let digests)? = messages.last, let digest = digests.first else {
        throw CocoaError(.coderInvalidValue)
      }
      return (
        digest,
        lines.withLock { lines in
          defer { lines = [] }
          return lines.count
        }
      )
    }
    let (first, few) = try await read(5)
    #expect(first == Self.digest(90) && few == 2)
    let (later, requests) = try await read(6)
    #expect(later.news == .init(count: 1, isMore: false, words: ["Entry 1"]) && requests == 3)
    _ = await EffectRun.messages(of: .noteSeen(group: Fixtures.id(90), sequence: 6), runner, events)
    let (seen, _) = try await read(6)
    #expect(seen.news == .none)
  }
}
