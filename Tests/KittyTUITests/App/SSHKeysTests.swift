import KittyShared
import Testing

@testable import KittyTUI

/// The keys of ssh on the You screen.
struct SSHKeysTests {
  private static let line =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtpdHR5Y2FzaGtpdHR5Y2FzaGtpdHR5Y2FzaGtpdHR5 anna"

  @Test func keyIsAddedAndRemoved() throws {
    var state = Account.open()
    #expect(state.text.contains("Keys of ssh") && state.text.contains("2 keys"))
    #expect(Account.open(.keys, of: &state) == [.you(.loadKeys)])
    state.succeed(.you(.loadKeys))
    #expect(state.text.contains("anna@laptop") && state.text.contains("never used"))
    state.type("n")
    state.press(.paste(Self.line + "\n"))
    guard case .you(.addKey(let new))? = state.press(.control("s")).first else {
      return _ = Issue.record("nothing was sent")
    }
    #expect(new.key == Self.line && new.name == nil && new.id?.version == 7)
    state.succeed(.you(.addKey(new)))
    #expect(state.top is SSHKeysScreen && state.text.contains("is one of your keys now."))
    #expect(state.type("d").isEmpty && state.text.contains("The sessions that it began end."))
    let effects = state.type("y")
    #expect(effects.count == 1)
    state.succeed(try #require(effects.first))
    #expect(state.text.contains("The key is removed."))
  }

  @Test(arguments: ["-----BEGIN OPENSSH PRIVATE KEY-----", ""]) func keyThatIsNoneIsNotSent(text: String) {
    var state = Account.open()
    _ = Account.open(.keys, of: &state)
    state.succeed(.you(.loadKeys))
    state.type("n")
    state.press(.paste(text))
    #expect(state.press(.control("s")).isEmpty && state.top is SSHKeyForm)
    #expect(state.text.contains(text.isEmpty ? "Write the line of a public key" : "This is a private key"))
  }

  @Test func refusedKeyStaysInTheForm() {
    var state = Account.open()
    _ = Account.open(.keys, of: &state)
    state.succeed(.you(.loadKeys))
    state.type("n")
    state.press(.paste(Self.line))
    guard let effect = state.press(.control("s")).first else { return _ = Issue.record("nothing was sent") }
    state.fail(
      effect, Problem(Rejection.conflict("key_taken", "This key was added to an account already.")))
    #expect(state.top is SSHKeyForm && state.text.contains("added to an account already"))
    #expect((state.top as? SSHKeyForm)?.form["key"] == Self.line)
  }
}
