import Curl
import KittyShared

/// What is needed to write to people.
struct Mailer: Sendable {
  let server: SMTPServer
  /// The address that mail comes from.
  let from: String
  /// The address of KittyCash that people use.
  let publicURL: String

  /// - Throws: `Settings.Invalid`.
  init(url: String, from: String?, publicURL: String?) throws {
    do { server = try SMTPServer(url: url) } catch {
      // The value may hold a password, so it is not repeated.
      throw Settings.Invalid(
        name: "SMTP_URL", value: "…",
        why: "write smtp://user:password@host:587 or smtps://user:password@host.")
    }
    var checks = FieldChecks()
    checks.email(from ?? "", "from")
    guard let from, checks.errors.isEmpty else {
      throw Settings.Invalid(
        name: "SMTP_FROM", value: from ?? "",
        why: "write the address that mail comes from: SMTP_URL needs it.")
    }
    guard let publicURL else {
      throw Settings.Invalid(
        name: "PUBLIC_URL", value: "",
        why: "write the address that people use, as https://kitty.example.org: SMTP_URL needs it.")
    }
    self.from = from
    self.publicURL = publicURL
  }

  /// - Throws: `MailFailure`.
  func send(to address: String, _ subject: String, _ text: String) async throws {
    try await server.send(
      Mail(from: (name: "KittyCash", address: from), to: address, subject: subject, text: text))
  }
}
