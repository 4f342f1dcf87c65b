import KittyShared
import Testing

@testable import KittyTUI

/// Two users who change the same: the second chooses between both versions.
struct ConflictTests {
  private let group = Fixtures.group()
  private var stale: ClientFailure { .rejected(.stale("#12", version: 2)) }

  /// An entry after a change by Bob.
  private func changed(_ old: Entry, _ change: (inout EntryContent) -> Void) -> EntryDetails {
    var content = old.content
    change(&content)
    let entry = Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.createdAt, deletedAt: nil, commentCount: 0, version: 2)
    let history = [(Int64(1), 0), (2, 1)].map { version, member in
      Revision(
        version: version, action: version == 1 ? .created : .changed, by: Fixtures.members[member].id,
        at: Instant(milliseconds: 1_795_508_130_250), changes: [])
    }
    return EntryDetails(entry: entry, history: history, comments: [])
  }

  /// Submits a form that another user made stale, and reads the present version.
  private func conflict(
    _ form: any Screen, _ present: Present, entry: ID? = nil, _ type: (inout AppState) -> Void
  ) throws -> AppState {
    var state = Fixtures.openGroup()
    state.perform(form)
    type(&state)
    let save = try #require(state.press(.control("s")).first)
    let read = Effect.loadPresent(group: group.id, entry: entry)
    #expect(state.get(.failed(save, stale)) == [read])
    state.finish(save)
    #expect(state.text.contains("Reading the present version"))
    state.get(.present(present))
    state.finish(read)
    return state
  }

  private func expense() throws -> AppState {
    let old = Fixtures.expenses[0]
    let details = changed(old) {
      $0.description = "Dinner for two"
      $0.date = Day("2026-11-20")!
    }
    let form = ExpenseForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: old)
    return try conflict(form, Present(data: Fixtures.data, details: details), entry: old.id) {
      $0.type(" with wine")
      $0.press(.tab, .control("u"))
      $0.type("200")
    }
  }

  @Test func expenseShowsBothVersionsAndTheirAuthor() throws {
    let state = try expense()
    for words in [
      "Bob changed #12 on 2026-11-24, while you were writing.", "[x] yours  Dinner with wine",
      "[ ] theirs Dinner for two", "[x] yours  200.00 EUR", "[ ] theirs 148.08 EUR", "[ ] yours  2026-11-22",
      "[x] theirs 2026-11-20",
    ] { #expect(state.text.contains(words), "\(words)\n\(state.text)") }
    #expect(!state.text.contains("Paid by") && !state.text.contains("Split"))
  }

  @Test func choiceIsSavedOnTopOfThePresentVersion() throws {
    var state = try expense()
    // The amount of Bob, the words of the user, the date that only Bob changed.
    state.press(.down, .character(" "))
    guard case .changeExpense(_, _, 2, let change) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(change.description == "Dinner with wine" && change.amount == .minorUnits(14_808))
    #expect(change.date == Day("2026-11-20"))
    state.get(.entered)
    #expect(state.top is GroupScreen)
  }

  @Test func escapeReturnsToTheTypedText() throws {
    var state = try expense()
    state.press(.escape)
    #expect(state.top is ExpenseForm && state.question == nil)
    #expect(state.text.contains("Dinner with wine") && state.text.contains("200"))
    guard case .changeExpense(_, _, 1, _) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
  }

  @Test func theirVersionIsKeptWithoutASave() throws {
    var state = try expense()
    state.press(.character(" "), .down, .character(" "))
    #expect(!state.press(.control("s")).contains { $0.isWrite })
    #expect(state.top is GroupScreen && state.text.contains("their version stays"))
  }

  @Test func savedTextOfALostResponseIsNotSavedTwice() throws {
    let old = Fixtures.expenses[0]
    let form = ExpenseForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: old)
    let state = try conflict(
      form, Present(data: Fixtures.data, details: changed(old) { $0.description = "Dinner!" }), entry: old.id
    ) { $0.type("!") }
    #expect(state.top is GroupScreen && state.text.contains("It is saved as you wrote it."))
  }

  @Test func deletedEntryKeepsTheText() throws {
    let old = Fixtures.expenses[0]
    let form = ExpenseForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: old)
    let gone = Entry(
      id: old.id, number: old.number, content: old.content, createdBy: old.createdBy,
      createdAt: old.createdAt, changedAt: old.createdAt, deletedAt: old.createdAt, commentCount: 0,
      version: 2)
    let present = Present(
      data: Fixtures.data, details: EntryDetails(entry: gone, history: [], comments: []))
    let state = try conflict(form, present, entry: old.id) { $0.type("!") }
    #expect(state.text.contains("it was deleted meanwhile") && state.text.contains("Dinner!"))
  }

  @Test func failedReadingCanBeRepeated() throws {
    let old = Fixtures.expenses[0]
    var state = Fixtures.openGroup()
    state.perform(ExpenseForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: old))
    state.type("!")
    let save = try #require(state.press(.control("s")).first)
    let read = state.get(.failed(save, stale))
    state.get(.failed(read[0], .offline("Away.")))
    #expect(state.text.contains("Not saved. Away.") && state.text.contains("Dinner!"))
    #expect(state.press(.control("s")) == [save])
  }

  @Test func paymentIsChosenByParts() throws {
    let (anna, bob) = (
      LedgerAccount.member(Fixtures.members[0].id), LedgerAccount.member(Fixtures.members[1].id)
    )
    let amount = Amount(2000, Fixtures.eur)
    let content = EntryContent(
      kind: .payment, description: "Payment", amount: amount, rate: nil, booked: amount,
      date: Day("2026-11-20")!, note: nil, from: bob, to: anna)
    let old = Entry(
      id: Fixtures.id(500), number: 13, content: content, createdBy: group.me,
      createdAt: Instant(milliseconds: 0), changedAt: Instant(milliseconds: 0), deletedAt: nil,
      commentCount: 0, version: 1)
    let details = changed(old) {
      $0.amount = 2500
      $0.to = .kitty
      $0.note = "cash"
    }
    let form = PaymentForm(Fixtures.data, id: old.id, today: Day("2026-11-24")!, changing: old)
    var state = try conflict(form, Present(data: Fixtures.data, details: details), entry: old.id) {
      $0.press(.tab, .tab, .control("u"))
      $0.type("30")
    }
    #expect(state.text.contains("[x] theirs Bob → Kitty") && state.text.contains("[x] yours  30.00 EUR"))
    #expect(state.text.contains("[x] theirs cash"))
    guard case .changePayment(_, _, 2, let change) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(change.to == .kitty && change.from == bob && change.amount == .minorUnits(3000))
    #expect(change.note == .keep)
  }

  @Test func memberIsChosenByParts() throws {
    var data = Fixtures.data
    let old = data.members[1]
    data.members[1] = Member(
      id: old.id, name: "Robert", user: nil, role: .guest, weight: 3, photo: nil, createdAt: old.createdAt,
      removedAt: nil, version: 2)
    var state = try conflict(
      MemberForm(group: group.id, changing: old), Present(data: data, details: nil)
    ) { $0.type("by") }
    #expect(state.text.contains("Another user changed Bob") && state.text.contains("[x] yours  Bobby"))
    #expect(state.text.contains("[ ] theirs Robert") && state.text.contains("[x] theirs 3"))
    guard case .changeMember(_, _, 2, let change) = state.press(.control("s")).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(change.name == "Bobby" && change.weight == 3)
  }

  @Test func groupIsChosenByParts() throws {
    var data = Fixtures.data
    data.group = Group(
      id: group.id, name: "Flat 13", currency: group.currency, me: group.me, role: .owner, balances: [],
      memberCount: 4, photo: nil, createdAt: group.createdAt, archivedAt: nil, version: 2)
    var state = try conflict(
      GroupForm(renaming: group, today: Day("2026-11-24")!), Present(data: data, details: nil)
    ) { $0.type("b") }
    #expect(
      state.text.contains("Another user changed the group") && state.text.contains("[x] yours  Flat 12b"))
    guard case .changeGroup(group.id, 2, let change) = state.press(.enter).first else {
      Issue.record("\(state.text)")
      return
    }
    #expect(change.name == "Flat 12b")
  }
}
