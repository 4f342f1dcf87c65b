import Curl

/// Sends mail to users.
struct Mailer: Sendable {
  let server: SMTPServer
  /// The address that mail comes from.
  let from: String
  /// The public address of this server, for links in mails.
  let publicURL: String

  /// Sends a mail.
  /// - Throws: `MailFailure`.
  func send(to address: String, _ subject: String, _ text: String) async throws {
    try await server.send(
      Mail(from: (name: "KittyCash", address: from), to: address, subject: subject, text: text))
  }
}
