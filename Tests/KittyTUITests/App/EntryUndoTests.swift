import KittyShared
import Testing

@testable import KittyTUI

/// Changes that are taken back, and entries like an earlier one.
struct EntryUndoTests {
  private let group = Fixtures.group()

  private func version(_ entry: Entry, _ version: Int64, _ words: String? = nil) -> Entry {
    let content = entry.content
    return Entry(
      id: entry.id, number: entry.number,
      content: EntryContent(
        kind: content.kind, description: words ?? content.description,
        amount: Amount(content.amount, content.currency),
        rate: content.rate, booked: Amount(content.booked.amount, content.booked.currency),
        date: content.date, note: content.note,
        payers: content.payers, split: content.split, shares: content.shares),
      createdBy: entry.createdBy, createdAt: entry.createdAt, changedAt: entry.changedAt, deletedAt: nil,
      commentCount: 0, version: version)
  }

  @Test func changeOfAnEntryIsUndone() throws {
    var state = Fixtures.openGroup()
    let old = Fixtures.expenses[0]
    #expect(state.type("u").isEmpty && state.text.contains("No entry was changed or deleted here recently."))
    state.type("e")
    state.type("x")
    guard case .changeExpense(_, old.id, let first, let change) = state.press(.control("s")).first else {
      Issue.record("no change was sent")
      return
    }
    #expect(change.description == old.description + "x" && first == old.version)
    state.get(.stored(group: group.id, version(old, first + 1, old.description + "x")))
    state.get(.entered)
    for effect in state.context.running { state.finish(effect) }
    #expect(state.top is GroupScreen && state.text.contains("u in the list undoes it."))
    let effects = state.type("u")
    guard case .changeExpense(_, old.id, let second, let back) = effects.first else {
      Issue.record("nothing was undone")
      return
    }
    #expect(second == first + 1 && back.description == old.description && back.date == old.date)
    // Until the answer comes, nothing is sent twice.
    #expect(state.type("u").isEmpty)
    state.get(.stored(group: group.id, version(old, second + 1)))
    state.get(.entered)
    for effect in state.context.running { state.finish(effect) }
    #expect(state.text.contains("The change is undone. u brings it back."))
    guard case .changeExpense(_, old.id, second + 1, let again) = state.type("u").first else {
      Issue.record("the change was not brought back")
      return
    }
    #expect(again.description == old.description + "x")
    let sent = try #require(state.context.running.first { $0.isWrite })
    state.get(.failed(sent, .offline("Away.")))
    #expect(state.text.contains("Not undone. Away."))
  }

  @Test func changeOfAnotherUserIsNotUndone() throws {
    var state = Fixtures.openGroup()
    let old = Fixtures.expenses[0]
    state.get(.stored(group: group.id, version(old, old.version + 1, "Mine")))
    var data = Fixtures.data
    data.entries[0] = version(old, old.version + 2, "Theirs")
    state.get(.group(data))
    #expect(state.type("u").isEmpty && state.text.contains("was changed again meanwhile"))
  }

  @Test func newEntryIsLikeTheOldOneButForItsDate() throws {
    var state = MixedBooks.state()
    let source = try #require(MixedBooks.data.entries.first { $0.number == 9 })
    let form = ExpenseForm(MixedBooks.data, id: Fixtures.id(700), today: Day("2026-11-24")!, like: source)
    guard case .createExpense(_, let new) = try form.effect() else { return }
    #expect(new.id == Fixtures.id(700) && new.description == source.description)
    #expect(new.currency == source.currency && new.rate == source.rate && new.note == source.note)
    #expect(new.date == Day("2026-11-24") && source.date != new.date)
    #expect((new.payers?.map(\.account) ?? []) == source.payers?.map(\.account))
    #expect(new.participants ?? [] == source.shares?.map(\.member))
    // Nothing was typed, so nothing is asked on leaving.
    state.type("n")
    #expect(state.top is ExpenseForm && !state.top.hasUnsaved && state.text.contains("New expense"))
    state.press(.escape)
    #expect(state.top is GroupScreen)
    state.press(.enter)
    state.type("n")
    #expect(state.top is ExpenseForm)
  }

  /// The list has a version before that of another user, which the change was made on.
  @Test func changeOnAVersionThatTheListHasNotIsNotUndone() {
    var state = Fixtures.openGroup()
    let old = Fixtures.expenses[0]
    state.get(.stored(group: group.id, version(old, old.version + 2, "Mine")))
    #expect(state.type("u").isEmpty && state.text.contains("cannot be changed back here"))
  }

  @Test func deletedEntryLeavesAnEmptyFilteredList() throws {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    data.entries = [data.entries[0]]
    state.get(.group(data))
    state.type("/din")
    state.press(.enter)
    state.get(.entryDeleted(data.entries[0].id))
    #expect(state.top is GroupScreen)
  }

  /// The payer who has left is not replaced without a word.
  @Test func copyOfAFormerPayerSaysSo() throws {
    var data = Fixtures.data
    let entry = try #require(data.entries.first { $0.payers?.first?.account.member == data.members[1].id })
    let gone = data.members[1]
    data.members[1] = Member(
      id: gone.id, name: gone.name, user: gone.user, role: gone.role, weight: gone.weight, photo: nil,
      createdAt: gone.createdAt, removedAt: gone.createdAt, version: gone.version)
    let form = ExpenseForm(data, id: Fixtures.id(700), today: Day("2026-11-24")!, like: entry)
    #expect(form.form.error.string.contains("A member has left the group."))
    #expect(form.payers[form.payer] == .member(data.group.me))
  }

  /// Its id makes a repetition safe, so the draft keeps it.
  @Test func sentCopyIsNotClosedWithoutAQuestion() throws {
    var state = Fixtures.openGroup()
    state.type("n")
    #expect(!state.top.hasUnsaved)
    let sent = try #require(state.press(.control("s")).first)
    state.get(.failed(sent, .uncertain("Lost.")))
    #expect(state.top.hasUnsaved)
  }

  @Test func copyLeavesOutFormerMembers() throws {
    var data = Fixtures.data
    let gone = data.members[1]
    data.members[1] = Member(
      id: gone.id, name: gone.name, user: gone.user, role: gone.role, weight: gone.weight, photo: nil,
      createdAt: gone.createdAt, removedAt: gone.createdAt, version: gone.version)
    let form = ExpenseForm(
      data, id: Fixtures.id(700), today: Day("2026-11-24")!, like: Fixtures.expenses[0])
    #expect(!form.participants.isEmpty && !form.split.bearers.contains(gone.id))
  }

  @Test func paymentIsCopiedAndACountIsNot() throws {
    var state = MixedBooks.state()
    state.type("/#13")
    state.press(.enter)
    state.type("n")
    #expect(state.top is PaymentForm && state.text.contains("25.00") && state.text.contains("Bob"))
    state.press(.escape)
    state.press(.escape)
    state.type("/#12")
    state.press(.enter)
    state.type("n")
    #expect(state.top is GroupScreen && state.text.contains("A count cannot be copied. t makes a new one."))
  }
}
