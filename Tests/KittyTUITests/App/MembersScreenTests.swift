import KittyShared
import Testing

@testable import KittyTUI

/// The list of members: roles, ownership, removal and leaving.
struct MembersScreenTests {
  private let group = Fixtures.group()
  private let people = Fixtures.people()

  @Test func membersHaveRolesAndDays() {
    let state = Fixtures.openMembers()
    let rows = state.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows.contains("> Anna (you) owner joined 28 Mar"), "\(state.text)")
    #expect(rows.contains("Bob admin joined 28 Apr weight 2"), "\(state.text)")
    #expect(state.text.contains("As the owner you can do everything.") && !state.text.contains("Dora"))
  }

  @Test func formerMembersAreShownOnAKey() {
    var state = Fixtures.openMembers()
    state.type("f")
    #expect(state.text.contains("Dora") && state.text.contains("left 29 Jul"), "\(state.text)")
    state.press(.end)
    state.type("e")
    #expect(state.top is MembersScreen && state.text.contains("Dora has left the group."))
    state.type("f")
    #expect(!state.text.contains("left 29 Jul"))
  }

  @Test func roleIsChosenFromAList() {
    var state = Fixtures.openMembers()
    state.press(.down)
    state.type("c")
    #expect(state.top is RoleScreen && state.text.contains("> admin"), "\(state.text)")
    state.press(.end)
    let effect = Effect.changeMember(
      group: group.id, member: people[1].id, version: 2, MemberChange(role: .viewer))
    #expect(state.press(.enter) == [effect])
    // While it is under way no key changes it.
    #expect(state.press(.up, .enter).isEmpty)
    let changed = Member(
      id: people[1].id, name: "Bob", user: people[1].user, role: .viewer, photo: nil,
      createdAt: people[1].createdAt, removedAt: nil, version: 3)
    state.get(.memberChanged(group: group.id, changed))
    #expect(state.top is MembersScreen && state.text.contains("Bob is a viewer now."), "\(state.text)")
  }

  @Test func roleOfAChangedMemberIsReadAgain() throws {
    var state = Fixtures.openMembers()
    state.press(.down)
    state.type("c")
    state.press(.end)
    let effect = try #require(state.press(.enter).first)
    #expect(state.get(.failed(effect, .rejected(.stale))) == [.loadGroup(group.id)])
    state.finish(effect)
    var data = Fixtures.data(Fixtures.group(as: .owner))
    data.members[1] = Member(
      id: people[1].id, name: "Bob", user: people[1].user, role: .member, photo: nil,
      createdAt: people[1].createdAt, removedAt: nil, version: 9)
    state.get(.group(data))
    #expect(state.text.contains("Bob is a member at present. Choose again."), "\(state.text)")
    let again = Effect.changeMember(
      group: group.id, member: people[1].id, version: 9, MemberChange(role: .viewer))
    #expect(state.press(.enter) == [again])
  }

  @Test func roleIsNotGivenToGuestsOrTheOwner() {
    var state = Fixtures.openMembers()
    state.type("c")
    #expect(state.top is MembersScreen && state.text.contains("Hand it over first: o."))
    state.press(.end)
    state.type("c")
    #expect(state.top is MembersScreen && state.text.contains("has no account"), "\(state.text)")
    state = Fixtures.openMembers(as: .admin)
    state.press(.down)
    state.type("c")
    #expect(state.text.contains("Bob owns the group"), "\(state.text)")
  }

  @Test func handingOverNamesWhatChanges() {
    var state = Fixtures.openMembers()
    state.type("o")
    #expect(state.question == nil && state.text.contains("You own the group already."))
    state.press(.end)
    state.type("o")
    #expect(state.question == nil && state.text.contains("cannot own the group"), "\(state.text)")
    state.press(.home, .down)
    state.type("o")
    #expect(
      state.question?.text
        == "Make Bob the owner of \"Flat 12\"? You become an admin, and only Bob can hand it back.")
    let effect = Effect.handOver(group: group.id, to: people[1].id)
    #expect(state.type("y") == [effect])
    state.get(.handedOver(group: group.id, to: people[1].id))
    #expect(state.text.contains("Bob owns the group now."))
  }

  @Test func removalWithDebtsAsksAgainInWords() {
    var state = Fixtures.openMembers()
    state.press(.down)
    state.type("d")
    #expect(state.question?.text == "Remove Bob from \"Flat 12\"? Bob owes 33.33 EUR.")
    let effect = Effect.removeMember(group: group.id, member: people[1].id)
    #expect(state.type("y") == [effect])
    state.get(
      .failed(effect, .rejected(.conflict("balance_not_zero", "Settle it first; force=true removes them."))))
    state.finish(effect)
    #expect(
      state.question?.text
        == "Bob owes 33.33 EUR. Remove Bob from \"Flat 12\" anyway? The balance stays in the books until it is settled."
    )
    #expect(!state.text.contains("force"))
    #expect(state.type("y") == [.removeMember(group: group.id, member: people[1].id, force: true)])
    state.get(.memberRemoved)
    #expect(state.text.contains("Removed."))
  }

  @Test func removalFromTheBalancesAsksAgainToo() {
    var state = Fixtures.openGroup()
    state.press(.tab, .down)
    state.type("d")
    let effect = Effect.removeMember(group: group.id, member: people[1].id)
    #expect(state.type("y") == [effect])
    state.get(.failed(effect, .rejected(.conflict("balance_not_zero", "force=true"))))
    #expect(state.text.contains("anyway?") && !state.text.contains("force"), "\(state.text)")
  }

  @Test func ownerLeavesOnlyAfterHandingOver() {
    var state = Fixtures.openMembers()
    state.type("L")
    #expect(state.question == nil && state.text.contains("Hand it over to another member first: o."))
  }

  @Test func lastUserIsToldThatTheGroupIsDeleted() {
    var state = Fixtures.openGroup()
    state.type("M")
    state.type("L")
    let words = state.question?.text.string ?? ""
    #expect(
      words.contains("You are owed 66.67 EUR.") && words.contains("so the group is deleted"), "\(words)")
  }

  @Test func leavingClosesTheGroup() {
    var state = Fixtures.openMembers(as: .member)
    state.type("L")
    #expect(state.question?.text.string.contains("You can come back only with an invite.") == true)
    #expect(state.type("y") == [.leaveGroup(group.id)])
    #expect(state.get(.groupLeft(group.id)) == [.loadGroup(group.id)])
    #expect(state.top is GroupScreen)
    state.get(.failed(.loadGroup(group.id), .rejected(.notFound("group"))))
    #expect(state.top is GroupsScreen && state.text.contains("You have left \"Flat 12\"."), "\(state.text)")
  }

  @Test func leavingWithDebtsSaysWhatToDo() {
    var state = Fixtures.openMembers(as: .member)
    state.type("Ly")
    state.get(
      .failed(.leaveGroup(group.id), .rejected(.conflict("balance_not_zero", "Your balance is 66.67 EUR."))))
    #expect(
      state.text.contains("Not left. You are owed 66.67 EUR. Settle it first: s in the group."),
      "\(state.text)")
  }

  @Test func photoOfAMemberIsReadOnly() {
    var state = Fixtures.openGroup()
    var data = Fixtures.data
    let old = data.members[0]
    data.members[0] = Member(
      id: old.id, name: old.name, user: old.user, role: .owner,
      photo: Photo(hash: "a", width: 10, height: 10), createdAt: old.createdAt, removedAt: nil)
    state.get(.group(data))
    state.type("M")
    let target = PhotoTarget.member(group: group.id, old.id)
    #expect(state.type("p") == [.loadPreview(target)])
    state.type("d")
    #expect(state.question == nil && state.text.contains("Only Anna can change this photo."))
  }
}
