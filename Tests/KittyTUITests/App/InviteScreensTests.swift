import KittyShared
import Testing

@testable import KittyTUI

/// Creating an invite, and joining with one.
struct InviteScreensTests {
  private let group = Fixtures.group()
  private let code = InviteCode(code: Fixtures.invites[0].code)

  private func groups() -> AppState {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([group]))
    return state
  }

  private func invites(_ found: [Invite]) -> AppState {
    var state = groups()
    state.press(.enter)
    state.get(.group(Fixtures.data))
    state.finish(.loadGroup(group.id))
    #expect(state.type("v") == [.loadInvites(group.id)])
    state.get(.invites(group: group.id, found))
    state.finish(.loadInvites(group.id))
    return state
  }

  private func looked() -> AppState {
    var state = groups()
    state.type("i")
    // As it is copied from a window in which it took two lines.
    state.press(.paste(" \(code.code.prefix(20))\n\(code.code.dropFirst(20))\n"))
    #expect(state.press(.enter) == [.lookUpInvite(code)])
    state.get(.invitation(code, Fixtures.invitation))
    state.finish(.lookUpInvite(code))
    return state
  }

  @Test func inviteIsShownBeforeJoining() {
    var state = looked()
    for words in [
      Fixtures.invitation.group, "4 members. Anna invites you", "2026-12-01", "You become Carl", "a member",
    ] {
      #expect(state.text.contains(words), "\(state.text)")
    }
    #expect(state.press(.enter) == [.acceptInvite(code)])
    state.get(.joined(Fixtures.group("Holiday", number: 91)))
    #expect((state.top as? GroupScreen)?.group.name == "Holiday" && state.screens.count == 2)
  }

  @Test func changedCodeIsLookedUpAgain() {
    var state = looked()
    state.press(.left)
    #expect(state.text.contains("Anna invites you"))
    state.press(.end, .backspace)
    #expect(!state.text.contains("Anna invites you"))
    let shorter = InviteCode(code: String(code.code.dropLast()))
    #expect(state.press(.enter) == [.lookUpInvite(shorter)])
    // An answer about the code before is no longer one.
    state.get(.invitation(code, Fixtures.invitation))
    #expect(!state.text.contains("Anna invites you"))
  }

  @Test func codeErrorIsShownBesideTheField() {
    var state = groups()
    state.type("i")
    #expect(state.press(.enter).isEmpty)
    #expect(state.text.contains("Write the complete code"))
    state = looked()
    state.press(.enter)
    state.get(.failed(.acceptInvite(code), .rejected(.conflict("invite_expired", "This invite ended."))))
    state.finish(.acceptInvite(code))
    let lines = state.text.split(separator: "\n")
    #expect(
      lines.firstIndex { $0.contains("This invite ended.") } == lines.firstIndex { $0.contains("Code ") }! + 1
    )
    // What was shown may have ended: Enter looks again, and does not join.
    #expect(state.press(.enter) == [.lookUpInvite(code)])
  }

  @Test func inviteIsCreatedForAGuest() {
    var state = invites([])
    #expect(state.text.contains("Press n"))
    state.type("n")
    state.press(.right, .tab, .right, .tab, .control("u"))
    state.type("400")
    #expect(state.press(.control("s")).isEmpty)
    #expect(state.text.contains("between 1 and 365"))
    state.press(.control("u"))
    state.type("x")
    #expect(state.press(.control("s")).isEmpty && state.text.contains("whole number"))
    state.press(.control("u"))
    state.type("3")
    let wanted = Effect.createInvite(
      group: group.id,
      NewInvite(id: Fixtures.id(777), role: .viewer, guest: Fixtures.members[1].id, maxUses: 1, days: 3))
    #expect(state.press(.control("s")) == [wanted])
    state.get(.inviteMade(group: group.id, Fixtures.invites[0]))
    #expect(state.top is InvitesScreen)
    #expect(state.text.contains("for Bob") && state.text.contains(code.code))
  }

  @Test func inviteForAGuestHasOneUse() {
    var state = invites([])
    state.type("n")
    state.press(.left, .up, .control("u"))
    state.type("2")
    #expect(state.press(.control("s")).isEmpty && state.text.contains("one user can become"))
    // The cursor is where it is wrong.
    #expect(state.text.split(separator: "\n", omittingEmptySubsequences: false)[5].contains("> Max uses"))
  }

  @Test(arguments: GoldenTests.sizes) func wholeCodeIsShownAtEverySize(width: Int, height: Int) {
    var state = invites(Fixtures.invites)
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    for (place, invite) in Fixtures.invites.enumerated() {
      if place > 0 { state.press(.down) }
      #expect(state.text.filter { !$0.isWhitespace }.contains(invite.code), "\(state.text)")
    }
    let words = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("(1 more day), for 3 people."), "\(words)")
  }

  @Test func inviteIsRevoked() {
    var state = invites(Fixtures.invites)
    #expect(state.type("d").isEmpty && state.text.contains("Revoke the invite for Bob"))
    let effect = Effect.revokeInvite(group: group.id, invite: Fixtures.invites[0].id)
    #expect(state.type("y") == [effect])
    state.get(.inviteRevoked(group: group.id, Fixtures.invites[0].id))
    state.finish(effect)
    #expect(!state.text.contains(code.code) && state.text.contains(Fixtures.invites[1].code))
    state.type("dy")
    let other = Effect.revokeInvite(group: group.id, invite: Fixtures.invites[1].id)
    #expect(state.get(.failed(other, .rejected(.notFound("invite")))) == [.loadInvites(group.id)])
    #expect(state.text.contains("Not revoked."))
  }

  @Test func memberWithoutTheRightToInviteSeesAnError() {
    var state = invites([])
    state.get(
      .failed(
        .loadInvites(group.id), .problem(Problem(403, "role", "T", "Only admins and the owner invite."))))
    #expect(state.text.contains("Only admins and the owner invite."))
  }

  @Test func codeIsSentToTheClipboard() {
    var state = invites(Fixtures.invites)
    #expect(state.type("c") == [.copy(Fixtures.invites[0].code)])
    #expect(state.text.contains("was sent to the clipboard of your terminal"))
    // It is not something that one waits for.
    #expect(state.context.running.isEmpty)
    state = invites([])
    #expect(state.type("c").isEmpty)
  }

  @Test func longTextIsNotCopied() {
    guard case .toast(let words) = Action.copy(String(repeating: "a", count: 9000), "The text").first else {
      Issue.record("it was copied")
      return
    }
    #expect(words.string.contains("too long"))
  }
}
