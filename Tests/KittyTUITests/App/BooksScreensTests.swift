import KittyShared
import Testing

@testable import KittyTUI

/// Screens of entries, the settlement plan, the kitty, statements, debts, balances of a day, members and groups.
struct BooksScreensTests {
  private let group = Fixtures.group()
  private let bob = Fixtures.members[1].id

  private func openKitty() -> AppState {
    var state = Fixtures.openGroup()
    #expect(state.type("i").contains(.loadKitty(group.id)))
    state.get(.kitty(group: group.id, Fixtures.kitty))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  @Test func refundFormFillsInWhatIsLeft() throws {
    func entry(_ amount: Int64, refundOf original: ID? = nil) -> Entry {
      var content = Fixtures.expenses[0].content
      (content.amount, content.refundOf) = (amount, original)
      return Entry(
        id: Fixtures.id(200 + abs(amount)), number: 12, content: content,
        createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
        changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: 0, version: 1)
    }
    let expense = entry(5000)
    func shown(_ refunds: [Int64]) -> String {
      var data = Fixtures.data
      data.entries = refunds.map { entry($0, refundOf: expense.id) } + [expense]
      let form = RefundForm(data, id: Fixtures.id(777), today: Day("2026-11-24")!, of: expense)
      return form.form["amount"]
    }
    #expect(shown([]) == "50.00" && shown([-2000]) == "30.00" && shown([-2000, -2950]) == "0.50")
    #expect(shown([-2000, -3000]).isEmpty)
  }

  @Test func targetIsSetAndTheKittyReloaded() throws {
    var state = openKitty()
    state.press(.down, .enter, .control("u"))
    state.type("80")
    let effects = state.press(.control("s"))
    guard case .setTargets(group.id, let change) = try #require(effects.first) else {
      Issue.record("\(effects)")
      return
    }
    #expect(change.currency == Fixtures.eur && change.targets == [.init(bob, amount: .minorUnits(8000))])
    state.finish(effects[0])
    #expect(state.get(.targetsSet).contains(.loadKitty(group.id)))
    #expect(state.top is KittyScreen)
  }

  @Test func targetErrorOfTheServerIsShownBesideTheAmount() throws {
    var state = openKitty()
    state.press(.down, .enter, .control("u"))
    state.type("80")
    let effect = try #require(state.press(.control("s")).first)
    state.get(.failed(effect, .rejected(.invalid("targets.0.amount", "too_large", "That is too much."))))
    #expect(state.text.contains("> Amount    80") && state.text.contains("That is too much."))
  }

  @Test func missingContributionNeedsTwoKeys() throws {
    var state = openKitty()
    state.press(.down)
    state.type("y")
    guard case .createPayment(_, let payment) = try #require(state.press(.control("s")).first) else {
      Issue.record("no payment")
      return
    }
    #expect(payment.from == .member(bob) && payment.to == .kitty && payment.amount == .minorUnits(3950))
  }

  @Test func kittyPaysOutToTheSelectedMember() throws {
    var state = openKitty()
    state.press(.down)
    state.type("o20")
    guard case .createPayment(_, let payment) = try #require(state.press(.control("s")).first) else {
      Issue.record("no payment")
      return
    }
    #expect(payment.from == .kitty && payment.to == .member(bob) && payment.amount == .minorUnits(2000))
  }

  @Test func enterOnAMemberOpensTheStatement() {
    var state = Fixtures.openGroup()
    state.press(.tab, .down)
    let load = Effect.loadStatement(
      group: group.id, account: .member(bob), currency: Fixtures.eur, cursor: nil)
    #expect(state.press(.enter) == [load])
    state.get(.statement(load, Fixtures.statement(of: .member(bob))))
    #expect(state.text.contains("Statement of Bob") && state.text.contains("#12"))
    state.press(.enter)
    #expect(state.top is EntryScreen)
  }

  @Test func longStatementLoadsItsNextPageAtTheEnd() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .member(bob)))
    func load(_ cursor: String?) -> Effect {
      .loadStatement(group: group.id, account: .member(bob), currency: nil, cursor: cursor)
    }
    state.get(.statement(load(nil), Fixtures.statement(of: .member(bob), next: "abc")))
    #expect(state.text.contains("Move down for more"))
    #expect(state.press(.down) == [load("abc")])
    state.get(.statement(load("abc"), Fixtures.statement(of: .member(bob))))
    state.finish(load("abc"))
    #expect(state.text.contains("Balance: is owed"))
    // The first page is not loaded again automatically, so the list stays where it is.
    #expect(state.top.refresh.isEmpty)
  }

  /// The message of a change offers its own undo: `u` must not bring back what was deleted before it.
  @Test func undoInAStatementIsThatOfTheLastChange() {
    var state = Fixtures.openGroup()
    state.perform(StatementScreen(Fixtures.data, of: .member(bob)))
    let entry = Fixtures.expenses[0]
    state.get(.entryDeleted(entry.id))
    #expect(state.type("u") == [.restoreEntry(group: group.id, entry: entry.id)])
    state.finish(.restoreEntry(group: group.id, entry: entry.id))
    state.get(.stored(group: group.id, Fixtures.expenses[1]))
    #expect(state.type("u").isEmpty && state.text.contains("No entry was deleted here recently."))
  }

  @Test func balancesOfThePreviousDayNeedOneKey() {
    var state = Fixtures.openGroup()
    #expect(state.type("b") == [.loadBalances(group.id, at: Day("2026-11-24")!)])
    #expect(state.press(.up) == [.loadBalances(group.id, at: Day("2026-11-23")!)])
    state.press(.control("u"))
    state.type("2026-02-30")
    #expect(state.press(.enter).isEmpty)
    #expect(state.text.contains("Write a date such as"))
  }

  @Test func memberChangeSendsTheShownVersion() {
    var state = Fixtures.openGroup()
    state.press(.tab, .down)
    state.type("e")
    state.press(.tab, .control("u"))
    state.type("2")
    #expect(
      state.press(.control("s")) == [
        .changeMember(group: group.id, member: bob, version: 1, MemberChange(name: "Bob", weight: 2))
      ])
    state.get(.memberChanged(group: group.id, Fixtures.members[1]))
    #expect(state.top is GroupScreen)
  }

  @Test func newMemberIsInTheNextForm() {
    var state = Fixtures.openGroup()
    state.type("m")
    state.type("Dora")
    state.press(.control("s"))
    let dora = Member(
      id: Fixtures.id(77), name: "Dora", user: nil, role: .guest, photo: nil,
      createdAt: Fixtures.members[1].createdAt, removedAt: nil)
    state.get(.memberAdded(group: group.id, dora))
    #expect(state.top is GroupScreen)
    state.type("a")
    #expect(state.text.contains("Dora"), "\(state.text)")
  }

  @Test func booksAreClosedUpToADayAndOpenedAgain() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.type("e")
    state.press(.tab)
    state.type("2026-03-31")
    #expect(
      state.press(.control("s")) == [
        .changeGroup(
          group.id, version: 1,
          GroupChange(name: group.name, closedUntil: .set(Day("2026-03-31")!)))
      ])
  }

  @Test func deletedGroupIsRestored() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    state.type("D")
    #expect(state.type("y") == [.deleteGroup(group.id, force: false)])
    state.finish(.deleteGroup(group.id, force: false))
    // What is not settled is asked about once more.
    state.get(
      .failed(.deleteGroup(group.id, force: false), .rejected(.conflict("not_settled", "Settle first."))))
    #expect(state.type("y") == [.deleteGroup(group.id, force: true)])
    state.finish(.deleteGroup(group.id, force: true))
    state.get(.groupDeleted(group.id))
    #expect(state.type("vv").last == .loadGroups(.deleted))
    state.get(.groups([group]))
    #expect(state.press(.enter).isEmpty && state.top is GroupsScreen)
    state.type("A")
    #expect(state.type("y") == [.restoreGroup(group.id)])
  }

  @Test func debtsAreOneKeyFromThePlan() {
    var state = Fixtures.openGroup()
    state.type("s")
    #expect(state.type("d") == [.loadDebts(group.id)])
    state.press(.escape)
    #expect(state.top is SettleScreen)
  }

  /// Opens the form of the only payment of a plan: Bob pays Anna 33.33 EUR.
  private func openSuggestedPayment() -> AppState {
    var state = Fixtures.openGroup()
    state.type("s")
    let (anna, bob) = (Fixtures.members[0].id, Fixtures.members[1].id)
    let transfer = Transfer(from: .member(bob), to: .member(anna), amount: 3333, currency: Fixtures.eur)
    state.get(.plan(group: Fixtures.group().id, SettlementPlan(payments: [transfer], methods: [])))
    state.press(.enter)
    return state
  }

  @Test func aPaymentOfThePlanNeedsTwoKeys() throws {
    var state = openSuggestedPayment()
    let (anna, bob) = (Fixtures.members[0].id, Fixtures.members[1].id)
    let effects = state.press(.control("s"))
    guard case .createPayment(_, let payment) = try #require(effects.first) else {
      Issue.record("\(effects)")
      return
    }
    #expect(
      payment.from == .member(bob) && payment.to == .member(anna) && payment.amount == .minorUnits(3333))
    state.get(.entered)
    #expect(state.text.contains("Settle up") && state.text.contains("Saved."))
  }

  @Test func suggestedPaymentOfTheOtherMemberIsNoticed() throws {
    var state = openSuggestedPayment()
    let first = try #require(state.press(.control("s")).first)
    guard case .createPayment(_, let payment) = first else { return _ = Issue.record("\(first)") }
    #expect(payment.onlyIfOwed == true)
    state.get(.failed(first, .rejected(.conflict("not_owed", "The payer owes 0.00 EUR now."))))
    #expect(state.text.contains("Not saved. The payer owes 0.00 EUR now. ^S saves it anyway."))
    let second = try #require(state.press(.control("s")).first)
    guard case .createPayment(_, let again) = second else { return _ = Issue.record("\(second)") }
    #expect(again.onlyIfOwed == nil && again.id == payment.id && again.amount == payment.amount)
  }

  @Test func changedSuggestionNeedNotBeOwed() throws {
    var state = openSuggestedPayment()
    state.press(.control("u"))
    state.type("50")
    let effect = try #require(state.press(.control("s")).first)
    guard case .createPayment(_, let payment) = effect else { return _ = Issue.record("\(effect)") }
    #expect(payment.onlyIfOwed == nil && payment.amount == .minorUnits(5000))
  }

  @Test func expenseChangeSendsTheShownVersion() throws {
    var state = Fixtures.openGroup()
    state.type("e")
    #expect(state.text.contains("Edit"))
    state.type("!")
    let effects = state.press(.control("s"))
    guard case .changeExpense(_, let id, 1, let change) = try #require(effects.first) else {
      Issue.record("\(effects)")
      return
    }
    #expect(id == Fixtures.expenses[0].id && change.description == "Dinner!")
    #expect(change.amount == .minorUnits(14_808) && change.payer == .member(Fixtures.members[0].id))
  }

  @Test func deletedEntryIsRestored() {
    var state = Fixtures.openGroup()
    let entry = Fixtures.expenses[0].id
    #expect(state.type("u") == [])
    state.get(.entryDeleted(entry))
    #expect(state.type("u") == [.restoreEntry(group: Fixtures.group().id, entry: entry)])
  }

  @Test func sharesThatDoNotAddUpAreNotSent() {
    var state = Fixtures.openGroup()
    state.type("a")
    state.type("Dinner")
    state.press(.tab)
    state.type("100")
    state.press(.tab, .tab, .tab, .right, .right, .right, .tab)
    state.type("99.99")
    #expect(state.press(.control("s")) == [])
    #expect(state.text.contains("0.01 EUR are missing"))
  }

  @Test func theKittyPays() throws {
    var state = Fixtures.openGroup()
    state.type("a")
    state.type("Beer")
    state.press(.tab)
    state.type("9")
    state.press(.tab, .tab, .left)
    let effects = state.press(.control("s"))
    guard case .createExpense(_, let expense) = try #require(effects.first) else {
      Issue.record("\(effects)")
      return
    }
    #expect(expense.payer == .kitty)
  }
}
