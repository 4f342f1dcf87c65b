import Curl
import KittyShared

extension Mailer {
  /// Makes the mailer of the settings.
  /// - Throws: `Settings.Invalid`.
  init(url: String, from: String?, publicURL: String?) throws {
    let server: SMTPServer
    do { server = try SMTPServer(url: url) } catch {
      // The value may contain a password, so it is not repeated.
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
    self.init(server: server, from: from, publicURL: publicURL)
  }
}
