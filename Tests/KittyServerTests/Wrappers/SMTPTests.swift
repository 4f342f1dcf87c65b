import Curl
import TestSupport
import Testing

struct SMTPTests {
  private let mail = Mail(
    from: (name: "KittyCash", address: "kitty@example.org"), to: "anna@example.net", subject: "Hello",
    text: "First\n.\n..dots\nlast")

  @Test func messageArrivesUnchanged() async throws {
    let sink = try SMTPSink()
    defer { sink.stop() }
    try await SMTPServer(url: sink.url).send(mail)
    let message = try #require(sink.messages.first)
    #expect(sink.messages.count == 1)
    #expect(message.from.hasPrefix("<kitty@example.org>") && message.to == ["<anna@example.net>"])
    let parts = message.text.split(separator: "\n\n", maxSplits: 1)
    #expect(parts.last == "First\n.\n..dots\nlast")
    let head = parts[0].split(separator: "\n")
    #expect(head.contains("Subject: Hello") && head.contains("To: <anna@example.net>"))
    #expect(head.contains("From: \"KittyCash\" <kitty@example.org>"))
    #expect(
      head.contains {
        $0.wholeMatch(of: /Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} \+0000/) != nil
      })
    #expect(head.contains { $0.hasPrefix("Message-ID: <") && $0.hasSuffix("@example.org>") })
  }

  @Test func headerInjectionIsRefused() async throws {
    let sink = try SMTPSink()
    defer { sink.stop() }
    let server = try SMTPServer(url: sink.url)
    var mails = [Mail](repeating: mail, count: 6)
    mails[0].subject = "Hello\r\nBcc: bob@example.net"
    mails[1].to = "anna@example.net>\r\nRCPT TO:<bob@example.net"
    mails[2].from.name = "Kitty\" <x@y.z>, \""
    mails[3].from.address = "a b"
    mails[4].text = "x\r\n.\r\nMAIL FROM:<x@y.z>"
    mails[5].to = ""
    for mail in mails {
      await #expect(throws: MailFailure.invalid) { try await server.send(mail) }
    }
    #expect(sink.commands == [])
  }

  @Test func rejectionByTheServerIsReported() async throws {
    let sink = try SMTPSink(refusing: 1)
    let server = try SMTPServer(url: sink.url)
    let failure = await #expect(throws: MailFailure.self) { try await server.send(mail) }
    guard case .notAccepted(let why) = failure else { throw try #require(failure) }
    #expect(why.contains("451"))
    try await server.send(mail)
    #expect(sink.messages.count == 1)
    sink.stop()
    // No server listens on port 9 of the loopback.
    await #expect(throws: MailFailure.self) { try await SMTPServer(url: "smtp://127.0.0.1:9").send(mail) }
  }

  @Test func passwordIsNotSentWithoutTLS() async throws {
    let sink = try SMTPSink()
    defer { sink.stop() }
    let server = try SMTPServer(url: "smtp://anna:secret@127.0.0.1:\(sink.port)")
    await #expect(throws: MailFailure.self) { try await server.send(mail) }
    #expect(sink.messages.isEmpty && !sink.commands.isEmpty)
    #expect(!sink.commands.contains { $0.hasPrefix("AUTH") })
  }

  @Test func cancelledTaskLeavesSilentServer() async throws {
    let sink = try SMTPSink(isSilent: true)
    defer { sink.stop() }
    let server = try SMTPServer(url: sink.url)
    let sending = Task { try await server.send(mail) }
    try await until { sink.connections == 1 }
    sending.cancel()
    await #expect(throws: MailFailure.cancelled) { try await sending.value }
  }

  @Test(arguments: ["", "mail", "http://host", "smtp://", "smtp:///x", "smtp://host/path", "smtp://host?x"])
  func invalidURLIsRefused(url: String) {
    #expect(throws: MailFailure.invalidURL) { try SMTPServer(url: url) }
  }
}
