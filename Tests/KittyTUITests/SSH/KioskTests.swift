import KittyShared
import Testing

@testable import KittyTUI

/// The full screen of a session over ssh: it shows nothing of its machine, and ends with its session.
@Suite struct KioskTests {
  private let group = Fixtures.group(as: .owner)

  private func state(_ screen: some Screen) -> AppState {
    var state = Fixtures.state(screen)
    state.context.kiosk = "kitty@pay.example.org"
    return state
  }

  private let address = UploadAddress(
    url: "https://pay.example.org/upload#kittyup_abc", token: "kittyup_abc",
    expiresAt: Instant(milliseconds: 600_000))

  @Test func photoComesToAnAddressOverSSH() {
    let target = PhotoTarget.group(group.id)
    var state = state(PhotoScreen(target, title: "Photo", hasFiles: false))
    state.get(.preview(target, nil))
    #expect(!state.top.isEditing, "there is no field for a file")
    #expect(state.type("c") == [.createUpload(target)])
    let wait = state.get(.uploadAddress(target, address, known: nil))
    #expect(wait == [.awaitPhoto(target, known: nil, at: address)])
    #expect(state.text.contains(address.url) && state.text.contains("▀"), "\(state.text)")
    let photo = Photo(hash: "a", width: 2, height: 1)
    #expect(state.get(.uploaded(target, photo)).contains(.loadPreview(target)))
    #expect(state.top is PhotoScreen)
  }

  @Test func addressThatWasNotUsedIsReplaced() {
    var state = state(UploadScreen(.me))
    state.get(.uploadAddress(.me, address, known: nil))
    // That of an earlier address does no harm.
    state.get(.uploadExpired(UploadAddress(url: "x", token: "x", expiresAt: address.expiresAt)))
    #expect(state.text.contains(address.url))
    state.get(.uploadExpired(address))
    #expect(!state.text.contains("kittyup") && state.text.contains("within ten minutes"), "\(state.text)")
    #expect(state.type("n") == [.createUpload(.me)])
    state.get(.failed(.createUpload(.me), .rejected(.conflict("no_public_url", "Ask the operator."))))
    #expect(state.text.contains("Ask the operator."), "\(state.text)")
  }

  @Test func filesOfTheMachineAreNotOffered() {
    var groups = state(GroupsScreen())
    groups.get(.groups([group]))
    groups.type("I")
    #expect(!groups.top.isEditing && groups.text.contains("ssh kitty@pay.example.org import NAME < FILE"))
    #expect(groups.type("y").first == .copy("ssh kitty@pay.example.org import NAME < FILE"))
    var open = Fixtures.openGroup()
    open.context.kiosk = "kitty@pay.example.org"
    open.type("I")
    #expect(!open.top.isEditing && open.text.contains("import \(group.id)"), "\(open.text)")
  }

  @Test func sessionThatEndsEndsTheProgram() {
    var state = state(GroupsScreen())
    #expect(!state.isEnded)
    _ = state.update(.sessionEnded, at: .now)
    #expect(state.isEnded)
    var expired = self.state(GroupsScreen())
    expired.get(.failed(.loadGroups(.inUse), .rejected(.signInNeeded)))
    #expect(expired.isEnded && expired.top is GroupsScreen, "there is no screen to sign in")
    var left = self.state(GroupsScreen())
    #expect(left.get(.signedOut).contains(.quit))
  }
}
