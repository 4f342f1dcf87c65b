import KittyShared
import Testing

@testable import KittyTUI

/// Actions that a role or the state of a group forbids: the table, and the keys that it greys.
struct GroupActionTests {
  private static let entry = MixedBooks.expense(
    1, "Dinner", 100, day: "2026-11-20", payers: [(0, 100)], shares: [])
  /// Entered by another member than the user.
  private static var others: Entry {
    Entry(
      id: entry.id, number: 2, content: entry.content, createdBy: Fixtures.members[1].id,
      createdAt: entry.createdAt, changedAt: entry.createdAt, deletedAt: nil, commentCount: 0, version: 1)
  }

  /// The actions by name, so that the table can be read.
  private static let actions: [(name: String, action: GroupAction)] = [
    ("enter", .enter), ("add", .addMember), ("change", .change(entry)), ("change others'", .change(others)),
    ("copy", .copy(others)), ("delete", .delete(others)), ("rename guest", .amend(Fixtures.people()[3])),
    ("rename other", .amend(Fixtures.people()[2])), ("role", .setRole(of: Fixtures.people()[2])),
    ("remove", .remove(Fixtures.people()[3])), ("hand over", .handOver(to: Fixtures.people()[2])),
    ("see invites", .readInvites), ("invite", .invite), ("administer", .administer),
    ("delete group", .deleteGroup), ("leave", .leave(othersWithAccount: 1)),
  ]

  private func allowed(_ group: Group) -> Set<String> {
    Set(Self.actions.filter { group.refusal(of: $0.action) == nil }.map(\.name))
  }

  @Test func rolesAllowTheirActions() {
    let member: Set = ["enter", "copy", "add", "change", "change others'", "delete", "rename guest", "leave"]
    let admin = member.union(["rename other", "role", "remove", "see invites", "invite", "administer"])
    #expect(allowed(Fixtures.group(as: .viewer)) == ["leave"])
    #expect(allowed(Fixtures.group(as: .member)) == member)
    #expect(allowed(Fixtures.group(as: .admin)) == admin)
    #expect(
      allowed(Fixtures.group(as: .owner))
        == admin.subtracting(["leave"]).union(["hand over", "delete group"]))
  }

  @Test func archivedGroupAllowsOnlyItself() {
    let works: Set = ["hand over", "see invites", "administer", "delete group"]
    #expect(allowed(Fixtures.group(as: .owner, isArchived: true)) == works)
    #expect(allowed(Fixtures.group(as: .viewer, isArchived: true)) == ["leave"])
  }

  @Test func ownEntriesOnlyAndClosedBooksForbidEntries() {
    let own = Fixtures.group(as: .member, ownEntriesOnly: true)
    #expect(allowed(own).contains("change") && !allowed(own).contains("change others'"))
    #expect(!allowed(own).contains("delete"))
    #expect(allowed(Fixtures.group(as: .admin, ownEntriesOnly: true)).contains("change others'"))
    let closed = Fixtures.group(as: .owner, closedUntil: Day("2026-11-20")!)
    #expect(!allowed(closed).contains("change") && allowed(closed).contains("enter"))
    #expect(allowed(Fixtures.group(as: .owner, closedUntil: Day("2026-11-19")!)).contains("change"))
  }

  @Test func refusedKeyShowsTheReasonAndOpensNothing() {
    var state = Fixtures.open(Fixtures.group(as: .viewer))
    let before = state.screens.count
    for key in "aytmed" {
      #expect(state.type("\(key)").isEmpty && state.screens.count == before, "\(key)")
      #expect(state.text.contains("You are a viewer here, and this needs the role"), "\(key): \(state.text)")
    }
    // Reading is not refused.
    state.press(.enter)
    #expect(state.top is EntryScreen)
    state.type("c")
    #expect(state.top is EntryScreen && state.text.contains("this needs the role member"))
  }

  @Test func refusedKeyIsGreyedInTheFooterAndExplainedInTheHelp() {
    var state = Fixtures.open(Fixtures.group(as: .owner, isArchived: true))
    let footer = state.view()
    let row = footer.text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    #expect(row.hasPrefix("(a add)  (A line)  s settle  (y pay)"), "\(row)")
    #expect(footer.cells[23][1].style == .disabled && footer.cells[23][19].style == .key)
    state.type("?")
    let words = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("add an expense. Not now: This group is archived."), "\(state.text)")
  }

  @Test func everyScreenOfAnArchivedGroupRefusesToWrite() {
    let keys: [(screen: String, keys: String)] = [
      ("i", "eyot"), ("M", "ceavdm"), ("v", "nd"), ("s", "\r"),
    ]
    for (screen, refused) in keys {
      for key in refused {
        var state = Fixtures.open(Fixtures.group(as: .owner, isArchived: true))
        state.type(screen)
        let group = Fixtures.group().id
        let people = Fixtures.members.map { LedgerAccount.member($0.id) }
        state.get(.kitty(group: group, Fixtures.kitty))
        state.get(.invites(group: group, Fixtures.invites))
        state.get(
          .plan(
            group: group,
            SettlementPlan(
              payments: [Transfer(from: people[1], to: people[0], amount: 1, currency: Fixtures.eur)],
              methods: [])))
        for effect in state.context.running { state.finish(effect) }
        // Another member than the user, who is refused for other reasons.
        if screen == "M" { state.press(.down) }
        let count = state.screens.count
        let effects = key == "\r" ? state.press(.enter) : state.type("\(key)")
        // Invites can still be read.
        let opens = screen == "M" && key == "v"
        #expect(effects.allSatisfy { !$0.isWrite } && state.question == nil, "\(screen) \(key)")
        #expect(state.screens.count == count + (opens ? 1 : 0), "\(screen) \(key)")
        if !opens {
          #expect(state.text.contains("archived"), "\(screen) \(key): \(state.text)")
        }
      }
    }
  }

  @Test func photoOfAGroupIsOnlyShownToAViewer() {
    var state = Fixtures.open(Fixtures.group(as: .viewer))
    state.type("p")
    state.get(.preview(.group(Fixtures.group().id), nil))
    #expect(!state.top.isEditing && state.text.contains("No photo yet."))
    state.type("c")
    #expect(!state.top.isEditing && state.text.contains("You are a viewer here"))
  }
}
