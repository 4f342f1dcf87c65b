import KittyShared
import Testing

@testable import KittyTUI

/// The settings of a group, its deleted entries, and the centre of a settlement.
struct GroupSettingsTests {
  private let group = Fixtures.group(as: .owner)

  private func settings(_ group: Group) -> AppState {
    var state = Fixtures.open(group)
    state.type("S")
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  @Test func ownEntriesOnlyIsSwitched() {
    var state = settings(group)
    state.press(.down, .down, .down)
    let effect = Effect.changeGroup(group.id, version: 1, GroupChange(ownEntriesOnly: true))
    #expect(state.press(.enter) == [effect])
    state.get(.groupChanged(Fixtures.group(as: .owner, ownEntriesOnly: true)))
    #expect(state.text.contains("yes: members change only what they entered"), "\(state.text)")
  }

  @Test func closedDayOpensItsField() throws {
    var state = settings(group)
    state.press(.down, .enter)
    let form = try #require(state.top as? GroupForm)
    #expect(form.form.fields[form.form.active].name == "closedUntil")
  }

  @Test func memberSeesGreyedLinesAndTheirReason() {
    var state = settings(Fixtures.group(as: .member))
    #expect(state.text.contains("(Name)") && state.text.contains("(Delete the group)"), "\(state.text)")
    #expect(state.text.contains("  Export to a file"))
    #expect(state.press(.enter).isEmpty && state.top is GroupSettingsScreen)
    #expect(state.text.contains("You are a member here, and this needs the role admin."))
    state.type("D")
    #expect(state.question == nil && state.text.contains("this needs the role owner."), "\(state.text)")
  }

  @Test func archivedGroupIsBroughtBack() {
    var state = settings(Fixtures.group(as: .admin, isArchived: true))
    state.type("A")
    #expect(state.question?.text == "Restore \"Flat 12\"?")
    #expect(state.type("y") == [.changeGroup(group.id, version: 1, GroupChange(archived: false))])
    state.get(.groupChanged(Fixtures.group(as: .admin)))
    #expect(state.text.contains("\"Flat 12\" is in use again.") && state.text.contains("Archive"))
    // The screen below knows it before it is read again.
    state.press(.escape)
    state.type("a")
    #expect(state.top is ExpenseForm)
  }

  @Test func deletionOfAnUnsettledGroupNamesItAndTheAmounts() {
    var state = settings(
      Fixtures.group(as: .owner, kitty: [Money(amount: 8950, currency: Fixtures.eur)]))
    state.type("D")
    #expect(
      state.question?.text
        == "Delete \"Flat 12\"? You are owed 66.67 EUR in it. You can restore it for 30 days.")
    let effect = Effect.deleteGroup(group.id, force: false)
    #expect(state.type("y") == [effect])
    state.get(.failed(effect, .rejected(.conflict("not_settled", "or send force=true."))))
    state.finish(effect)
    #expect(
      state.question?.text
        == "\"Flat 12\" is not settled: you are owed 66.67 EUR, and the kitty has 89.50 EUR. Delete it anyway?"
    )
    // Asked once, by the screen that the key was pressed on.
    #expect(!state.text.contains("Not done."))
    #expect(state.type("y") == [.deleteGroup(group.id, force: true)])
    state.get(.groupDeleted(group.id))
    state.get(.failed(.loadGroup(group.id), .rejected(.notFound("group"))))
    #expect(state.top is GroupsScreen && state.text.contains("v v shows the deleted groups"), "\(state.text)")
  }

  @Test func photoIsTakenAway() {
    var state = Fixtures.state(
      PhotoScreen(.group(group.id), title: "Photo", has: Photo(hash: "a", width: 1, height: 1)))
    state.type("d")
    #expect(state.question?.text == "Take the photo away? The group has none then.")
    #expect(state.type("y") == [.removePhoto(.group(group.id))])
    state.get(.photoRemoved(.group(group.id)))
    #expect(state.text.contains("No photo yet."), "\(state.text)")
    state.type("d")
    #expect(state.question == nil && state.text.contains("There is no photo to take away."))
  }

  @Test func deletedEntriesAreFoundOnAllPagesAndRestored() {
    var state = Fixtures.openGroup()
    let (first, second) = (Fixtures.deleted(Fixtures.expenses[0]), Fixtures.deleted(Fixtures.expenses[3]))
    #expect(state.type("D") == [.loadDeletedEntries(group: group.id, after: nil)])
    let next = state.get(.deletedEntries(group: group.id, after: nil, [first], next: "c1"))
    #expect(next == [.loadDeletedEntries(group: group.id, after: "c1")])
    #expect(state.text.contains("#12") && state.text.contains("further and further back"))
    // An answer that comes twice is taken once.
    #expect(state.get(.deletedEntries(group: group.id, after: nil, [first], next: "c1")).isEmpty)
    #expect(state.get(.deletedEntries(group: group.id, after: "c1", [second], next: nil)).isEmpty)
    #expect(state.text.contains("#9 ") && !state.text.contains("further"), "\(state.text)")
    let restore = Effect.restoreEntry(group: group.id, entry: first.id)
    #expect(state.type("u") == [restore])
    state.get(.entryRestored(first.id))
    #expect(
      state.text.contains("#12 \"Dinner\", 148.08 EUR, is in the books again.")
        && !state.text.contains("#12 Dinner"), "\(state.text)")
    #expect(state.text.contains("> "), "\(state.text)")
  }

  @Test func deletedEntryIsOpenedAndRestored() {
    var state = Fixtures.openGroup()
    state.type("D")
    let entry = Fixtures.deleted(Fixtures.expenses[0])
    state.get(.deletedEntries(group: group.id, after: nil, [entry], next: nil))
    for effect in state.context.running { state.finish(effect) }
    state.press(.enter)
    #expect(state.top is EntryScreen && state.text.contains("Press u to restore it."))
    state.type("e")
    #expect(state.top is EntryScreen && state.text.contains("Restore it first: u."))
    #expect(state.type("u") == [.restoreEntry(group: group.id, entry: entry.id)])
  }

  @Test func noDeletedEntryIsSaid() {
    var state = Fixtures.openGroup()
    state.type("D")
    state.get(.deletedEntries(group: group.id, after: nil, [], next: nil))
    for effect in state.context.running { state.finish(effect) }
    #expect(state.text.contains("No entry of this group is deleted."))
    #expect(state.press(.enter).isEmpty && state.text.contains("There is no deleted entry here."))
  }

  @Test func anyMemberOrTheKittyIsTheCentre() {
    var state = Fixtures.openGroup()
    #expect(state.type("s") == [.loadPlan(group: group.id, centre: nil)])
    state.get(.plan(group: group.id, SettlementPlan(payments: [], methods: [])))
    for effect in state.context.running { state.finish(effect) }
    state.type("C")
    #expect(state.text.contains("> as few payments as possible"), "\(state.text)")
    state.press(.down, .down)
    #expect(
      state.press(.enter) == [.loadPlan(group: group.id, centre: .member(Fixtures.members[1].id))])
    let transfer = Transfer(
      from: .member(Fixtures.members[0].id), to: .member(Fixtures.members[1].id), amount: 5,
      currency: Fixtures.eur)
    state.get(.plan(group: group.id, SettlementPlan(payments: [transfer], methods: [])))
    for effect in state.context.running { state.finish(effect) }
    #expect(state.text.contains("all through Bob"))
    state.type("C")
    state.press(.end)
    #expect(state.press(.enter) == [.loadPlan(group: group.id, centre: .kitty)])
    for effect in state.context.running { state.finish(effect) }
    state.type("C")
    state.press(.escape)
    #expect(state.top is SettleScreen && state.text.contains("The plan is as before."))
    #expect(state.type("c") == [.loadPlan(group: group.id, centre: nil)])
  }

  @Test func shelvesOfGroupsAreLeftWithoutQuitting() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    for key in [Key.character("q"), .escape] {
      state.type("v")
      state.get(.groups([]))
      for effect in state.context.running { state.finish(effect) }
      #expect(state.text.contains("Archived groups"))
      #expect(state.press(key) == [.loadGroups(.inUse)])
      #expect(state.text.contains("› Groups"), "\(state.text)")
      for effect in state.context.running { state.finish(effect) }
    }
    state.get(.groups([group]))
    #expect(state.type("q") == [.quit])
  }
}
