import Foundation
import TestSupport
import Testing

@testable import KittyServer

/// `kittycash-server mail test`, with a mail server that accepts or refuses.
@Suite struct MailCommandTests {
  private func send(
    to address: String = "anna@example.net", url: String?
  ) async throws -> (status: Int32, output: String) {
    try await runProgram(
      Bundle.main.bundleURL.appending(path: "kittycash-server").path, ["mail", "test", address],
      [
        "SMTP_URL": url ?? "", "SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org",
        // It needs none: no database listens on port 9 of the loopback.
        "DATABASE_URL": "postgresql://127.0.0.1:9/none",
      ])
  }

  @Test func testMailArrives() async throws {
    let sink = try SMTPSink()
    defer { sink.stop() }
    let sent = try await send(url: sink.url)
    #expect(
      sent.status == 0 && sent.output.contains("accepted a mail from kitty@example.org"), "\(sent.output)")
    let message = try #require(sink.messages.first)
    #expect(message.to == ["<anna@example.net>"] && sink.messages.count == 1)
    #expect(message.text.contains("https://kitty.example.org"))
  }

  @Test func refusalOfTheMailServerIsSaid() async throws {
    let sink = try SMTPSink(refusing: 1)
    defer { sink.stop() }
    let sent = try await send(url: sink.url)
    #expect(sent.status == 1 && sink.messages.isEmpty, "\(sent.output)")
    #expect(
      sent.output.contains(#"It said: "451 later"."#) && sent.output.contains("SMTP_FROM"), "\(sent.output)")
  }

  @Test func failureWithoutAReplyNamesTheSettings() async throws {
    let sink = try SMTPSink()
    defer { sink.stop() }
    for (url, words) in [
      // No server listens on port 9 of the loopback.
      ("smtp://127.0.0.1:9", "connect"),
      // A password needs TLS, which the sink does not have.
      ("smtp://anna:hidden@127.0.0.1:\(sink.port)", "SSL"),
    ] {
      let sent = try await send(url: url)
      #expect(sent.status == 1 && sent.output.contains(words), "\(sent.output)")
      #expect(sent.output.contains("Check the scheme, host and port of SMTP_URL"), "\(sent.output)")
      #expect(!sent.output.contains("hidden"))
    }
    let none = try await send(url: nil)
    #expect(
      none.status == 1 && none.output.contains("set SMTP_URL, SMTP_FROM and PUBLIC_URL"), "\(none.output)")
    let bad = try await send(to: "anna", url: sink.url)
    #expect(bad.status == 1 && bad.output.contains("address: Write an e-mail address"), "\(bad.output)")
    #expect(sink.messages.isEmpty)
  }
}
