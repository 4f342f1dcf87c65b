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
    try await server.send(mail(to: address, subject, text))
  }

  /// Sends a mail that tests the settings.
  /// - Throws: `MailRefusal`.
  func test(to address: String) async throws {
    let text = """
      This mail was sent by "kittycash-server mail test". The mail settings of
      \(publicURL) work.
      """
    try await server.test(mail(to: address, "Test of the mail settings", text))
  }

  private func mail(to address: String, _ subject: String, _ text: String) -> Mail {
    Mail(from: (name: "KittyCash", address: from), to: address, subject: subject, text: text)
  }
}
