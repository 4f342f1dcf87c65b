import KittyShared
import TestSupport
import Testing

@testable import KittyServer

extension TestServer {
  /// Runs a server that sends its mails to a sink.
  static func runWithMail(
    on backend: Backend, refusing: Int = 0, _ body: (TestServer, SMTPSink) async throws -> Void
  ) async throws {
    let sink = try SMTPSink(refusing: refusing)
    defer { sink.stop() }
    let settings = [
      "SMTP_URL": sink.url, "SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org",
    ]
    try await run(on: backend, settings: settings) { (server) async throws in try await body(server, sink) }
  }

  /// Sets the address of a user.
  @discardableResult func setEmail(_ email: String?, _ session: String) async throws -> User {
    let value = email.map { "\"\($0)\"" } ?? "null"
    let answer = try await send(
      "PATCH", "/v1/me", token: session, json: #"{"email": \#(value), "password": "a long password"}"#,
      headers: [("If-Match", "*")])
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.decode(User.self)
  }

  /// Signs up a user with a confirmed address, without any mail.
  /// - Returns: The token of the session.
  func signUp(_ name: String, email: String) async throws -> String {
    let session = try await signUp(name)
    try await setEmail(email, session)
    try await confirmEmail(of: name)
    return session
  }

  /// Confirms the address of a user without any mail.
  func confirmEmail(of name: String) async throws {
    try await dependencies.database.transact([
      "update users set email_confirmed_at = 1 where name = \(name)",
      "delete from jobs where kind = 'email.confirm'",
    ])
  }

  /// Runs all jobs that are due.
  func runJobs() async throws { while try await dependencies.worker().runNext() {} }
}

/// The account and the token that a mail names.
struct MailedToken {
  let account: String
  let value: String
}

extension SMTPSink.Message {
  /// The account and the token in the mail.
  var token: MailedToken? {
    text.firstMatch(of: /Account: (\S+)\s+Token:   (\S+)/).map {
      MailedToken(account: String($0.1), value: String($0.2))
    }
  }
}
