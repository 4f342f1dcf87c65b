import KittyShared
import Testing

@testable import KittyTUI

/// The lists beside that of the entries: groups, statements, plans, and the texts of an entry.
struct ListScreensTests {
  private let group = Fixtures.group()

  @Test func historyAndCommentsHaveTheTimeOfTheUser() {
    var state = Fixtures.openGroup()
    state.context.local = { $0.advanced(by: .seconds($1 == "Asia/Tokyo" ? 9 * 3600 : 0)) }
    state.context.timeZone = "Asia/Tokyo"
    state.press(.enter)
    let moment = Instant(milliseconds: Day("2026-11-22")!.daysSince1970 * 86_400_000 + 18 * 3_600_000)
    let anna = Fixtures.members[0].id
    state.get(
      .entry(
        EntryDetails(
          entry: Fixtures.expenses[0],
          history: [Revision(version: 1, action: .created, by: anna, at: moment, changes: [])],
          comments: [
            KittyShared.Comment(id: Fixtures.id(5), text: "Why?", createdBy: anna, createdAt: moment)
          ])))
    #expect(
      state.text.contains("Anna, 23 Nov 03:00: Why?") && state.text.contains("23 Nov 03:00 Anna created it"))
  }

  @Test func clockOfAZoneIsAheadOfUTC() {
    let moment = Instant(milliseconds: Day("2026-07-01")!.daysSince1970 * 86_400_000 + 22 * 3_600_000)
    #expect("\(moment.local(in: "Europe/Berlin"))" == "2026-07-02T00:00:00.000Z")
    let machine = moment.local(in: nil).milliseconds - moment.milliseconds
    #expect(abs(machine) <= 14 * 3_600_000 && machine % 900_000 == 0)
  }

  @Test func sharesAreInTheOrderOfTheMembers() throws {
    var state = MixedBooks.state()
    state.press(.down, .down, .enter)
    let names = state.text.split(separator: "\n").filter { $0.contains("12.20 EUR") }.map { line in
      Fixtures.names.firstIndex { line.contains($0.prefix(12)) }
    }
    #expect(names == [0, 1, 2, 3])
    #expect(state.text.contains("5,000 JPY") && state.text.contains("For you: +18.30 EUR"))
  }

  @Test func createdGroupIsSelected() {
    var state = Fixtures.state(GroupsScreen())
    let other = Fixtures.group("Boat", number: 91, net: 0)
    state.get(.groups([group]))
    state.get(.groupChanged(other))
    state.get(.groups([other, group]))
    #expect(state.text.contains("> Boat"))
    // Later reads leave the selection where it is.
    state.press(.down)
    state.get(.groups([other, group]))
    #expect(state.text.contains("> Flat 12"))
  }

  @Test func archivingIsConfirmedByWords() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    let archived = Group(
      id: group.id, name: group.name, currency: group.currency, me: group.me, role: .owner, balances: [],
      memberCount: 4, photo: nil, createdAt: group.createdAt, archivedAt: group.createdAt, version: 2)
    state.get(.groupChanged(archived))
    #expect(state.text.contains("Archived. v shows the archived groups."))
  }

  @Test func deletionOfAGroupNamesItAndTheDebts() {
    var state = Fixtures.state(GroupsScreen(), width: 120)
    state.get(.groups([group]))
    state.type("D")
    #expect(state.text.contains("Delete \"Flat 12\"? You are owed 66.67 EUR in it."))
    state.type("n")
    state.get(
      .failed(.deleteGroup(group.id, force: false), .rejected(.conflict("not_settled", "Settle first."))))
    #expect(state.text.contains("\"Flat 12\" is not settled"))
    state.type("n")
    state.get(.groupDeleted(group.id))
    #expect(state.text.contains("v v shows the deleted groups"))
  }

  @Test func emptyListOffersOnlyWhatWorks() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    for word in ["open", "edit", "archive", "filter"] { #expect(!state.text.contains(" \(word)"), "\(word)") }
    state.press(.enter)
    #expect(state.text.contains("There is no group here. Press n to create one."))
  }

  @Test func planIsInSentences() {
    var state = Fixtures.openGroup()
    state.type("s")
    let people = Fixtures.members.map { LedgerAccount.member($0.id) }
    let payments = [
      Transfer(from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur),
      Transfer(from: people[0], to: people[2], amount: 100, currency: Fixtures.eur),
      Transfer(from: .kitty, to: people[1], amount: 8950, currency: Fixtures.eur),
    ]
    state.get(.plan(group: group.id, SettlementPlan(payments: payments, methods: [])))
    let rows = state.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows.contains("> [ ] Bob → you 33.33 EUR"))
    #expect(rows.contains("[ ] You → Carl Constantin von Langenname 1.00 EUR"))
    #expect(rows.contains("[ ] The kitty → Bob 89.50 EUR"))
    // Where there is room, the sentences stand beside the arrows.
    _ = state.update(.resized(width: 120, height: 24), at: Fixtures.start)
    #expect(state.text.contains("You pay Carl Constantin von Langenname"))
    #expect(state.text.contains("Bob takes it out of the kitty"))
  }

  @Test func openingBalanceStandsAboveTheFirstEntryAlone() {
    var state = Fixtures.openGroup()
    _ = state.update(.resized(width: 80, height: 14), at: Fixtures.start)
    state.perform(StatementScreen(Fixtures.data, of: .kitty))
    state.get(
      .statement(
        .loadStatement(group: group.id, account: .kitty, currency: nil, cursor: nil),
        Fixtures.statement(of: .kitty)))
    #expect(!state.text.contains("Opening balance") && state.text.contains("#12"))
    state.press(.home)
    #expect(state.text.contains("Opening balance") && state.text.contains("#1 "))
  }

  @Test func endOfAStatementReadsOn() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .kitty))
    func load(_ cursor: String?) -> Effect {
      .loadStatement(group: group.id, account: .kitty, currency: nil, cursor: cursor)
    }
    state.get(.statement(load(nil), Fixtures.statement(of: .kitty, next: "c1")))
    #expect(state.press(.end) == [load("c1")])
    #expect(state.get(.statement(load("c1"), Fixtures.statement(of: .kitty, next: "c2"))) == [load("c2")])
  }

  @Test func entryDeletedFromAStatementIsRestoredThere() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .kitty))
    let entry = Fixtures.expenses[0].id
    state.get(.entryDeleted(entry))
    #expect(state.type("u") == [.restoreEntry(group: group.id, entry: entry)])
  }

  @Test func countFormShowsTheDifference() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    let old = data.group
    data.group = Group(
      id: old.id, name: old.name, currency: old.currency, me: old.me, role: old.role, balances: old.balances,
      kitty: [Money(amount: 9000, currency: Fixtures.eur)], memberCount: 4, photo: nil,
      createdAt: old.createdAt, archivedAt: nil, version: 2)
    state.get(.group(data))
    state.type("t89,5")
    #expect(state.text.contains("You counted 0.50 EUR less."), "\(state.text)")
    state.press(.control("u"))
    state.type("90")
    #expect(state.text.contains("You counted as much."))
  }

  @Test func accountDoesNotPayItself() throws {
    var state = Fixtures.openGroup()
    state.type("y")
    for _ in 0..<12 {
      let form = try #require(state.top as? PaymentForm)
      #expect(form.from != form.to)
      state.type(" ")
    }
    state.press(.tab)
    for _ in 0..<12 {
      state.press(.left)
      let form = try #require(state.top as? PaymentForm)
      #expect(form.from != form.to)
    }
  }
}
