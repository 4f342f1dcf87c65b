import KittyShared
import Testing

@testable import KittyTUI

/// The questions before a session over ssh.
@Suite struct SSHWelcomeTests {
  /// A gateway with prepared answers, and a user with prepared lines.
  private final class Dialogue {
    var replies: [Result<GatewayReply, CommandFailure>]
    var lines: [String?]
    private(set) var sent: [GatewayMessage] = []
    private(set) var shown = ""
    private(set) var secrets: [Bool] = []
    let isInteractive: Bool

    init(
      _ replies: [Result<GatewayReply, CommandFailure>], _ lines: [String?] = [], isInteractive: Bool = true
    ) {
      (self.replies, self.lines, self.isInteractive) = (replies, lines, isInteractive)
    }

    func session() throws -> Session {
      try SSHWelcome(
        send: { [self] (message) throws(CommandFailure) in
          sent.append(message)
          return try replies.removeFirst().get()
        }, write: { [self] in shown += $0.string + "\n" },
        ask: { [self] (prompt, isSecret) throws(CommandFailure) in
          shown += prompt.string + "\n"
          secrets.append(isSecret)
          return lines.removeFirst()
        }, isInteractive: isInteractive
      ).session(ticket: "t", address: "192.0.2.1")
    }
  }

  private static let user = User(
    id: .first, name: "anna", displayName: "Anna", photo: nil, createdAt: Instant(milliseconds: 0))
  private static let session = Session(
    id: .first, token: "kitty_x", expiresAt: Instant(milliseconds: 1), deviceToken: nil, user: user)
  private static let opened = Result<GatewayReply, CommandFailure>.success(.opened(session: session))
  private static let welcome = Result<GatewayReply, CommandFailure>.success(
    .welcome(type: "ssh-ed25519", fingerprint: "SHA256:abc", signUp: "open"))

  private static func refused(_ status: Int, _ code: String) -> Result<GatewayReply, CommandFailure> {
    .failure(CommandFailure(.problem(Problem(status, code, "T", "Refused: \(code).")), requestID: "r"))
  }

  @Test func knownKeyAsksNothing() throws {
    let dialogue = Dialogue([Self.opened])
    #expect(try dialogue.session() == Self.session)
    #expect(dialogue.sent == [.open(ticket: "t", address: "192.0.2.1")] && dialogue.shown.isEmpty)
  }

  @Test func codeIsAskedForAndRepeated() throws {
    let needed = Self.refused(401, "second_factor_needed")
    let dialogue = Dialogue([needed, Self.refused(401, "wrong_code"), Self.opened], ["1", " 123456 "])
    #expect(try dialogue.session() == Self.session)
    #expect(dialogue.sent.dropFirst() == [.code(digits: "1"), .code(digits: "123456")])
    #expect(throws: CommandFailure.self) { try Dialogue([needed], [], isInteractive: false).session() }
    #expect(throws: CommandFailure.self) { try Dialogue([needed], [nil]).session() }
    // Three codes, and no more.
    let wrong = Dialogue(
      [needed] + Array(repeating: Self.refused(401, "wrong_code"), count: 3), ["1", "2", "3"])
    #expect(throws: CommandFailure.self) { try wrong.session() }
  }

  @Test func unknownKeySignsUp() throws {
    let dialogue = Dialogue(
      [Self.welcome, Self.refused(409, "name_taken"), Self.opened],
      ["x", "1", "anna", "", "1x", "anna2", "Anna B."])
    dialogue.lines = ["x", "1", "anna", "", "anna2", "Anna B."]
    #expect(try dialogue.session() == Self.session)
    #expect(
      dialogue.sent.dropFirst() == [
        .signUp(name: "anna", displayName: nil, invite: nil),
        .signUp(name: "anna2", displayName: "Anna B.", invite: nil),
      ])
    #expect(dialogue.shown.contains("SHA256:abc") && dialogue.shown.contains("Refused: name_taken."))
    #expect(!dialogue.secrets.contains(true))
  }

  @Test func inviteIsAskedForWhereItIsNeeded() throws {
    let invited = Result<GatewayReply, CommandFailure>.success(
      .welcome(type: "ssh-rsa", fingerprint: "SHA256:abc", signUp: "invite"))
    let dialogue = Dialogue([invited, Self.opened], ["1", "CODE", "anna", ""])
    #expect(try dialogue.session() == Self.session)
    #expect(dialogue.sent.last == .signUp(name: "anna", displayName: nil, invite: "CODE"))
    let closed = Result<GatewayReply, CommandFailure>.success(
      .welcome(type: "ssh-rsa", fingerprint: "SHA256:abc", signUp: "closed"))
    let shut = Dialogue([closed], ["1", "3"])
    #expect(throws: CommandFailure.self) { try shut.session() }
    #expect(shut.sent.count == 1 && !shut.shown.contains("Sign up with this key"))
  }

  @Test func unknownKeyIsAddedByPasswordAndCode() throws {
    let dialogue = Dialogue(
      [
        Self.welcome, Self.refused(401, "wrong_credentials"), Self.refused(401, "second_factor_needed"),
        Self.opened,
      ],
      ["2", "anna", "wrong", "anna", "right", "123456"])
    #expect(try dialogue.session() == Self.session)
    #expect(dialogue.sent.last == .link(name: "anna", password: "right", code: "123456"))
    #expect(dialogue.secrets == [false, false, true, false, true, false])
    #expect(!dialogue.shown.contains("right") && !dialogue.shown.contains("wrong\n"))
  }

  @Test func unknownKeyRunsNoCommand() throws {
    let dialogue = Dialogue([Self.welcome], isInteractive: false)
    #expect(throws: CommandFailure.self) { try dialogue.session() }
    #expect(dialogue.shown.isEmpty)
    for line in ["3", "q", nil] {
      #expect(throws: CommandFailure.self) { try Dialogue([Self.welcome], [line]).session() }
    }
  }
}
