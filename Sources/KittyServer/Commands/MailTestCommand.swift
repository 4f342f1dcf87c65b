import ArgumentParser
import Curl
import KittyShared
import Logging

/// `kittycash-server mail test`: the settings of the mail are tried before a user needs them.
struct MailTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send one mail with the settings of the server, and say why it fails.",
    discussion:
      "It needs no database. It ends with exit code 1 when the mail server does not accept the mail.")
  @OptionGroup var flags: Settings.Flags
  @Argument(help: "The address that gets the mail.") var address: String

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    try await Startup.run(Logger.silent) {
      var checks = FieldChecks()
      checks.email(address, "address")
      guard checks.errors.isEmpty else { throw Rejection.invalid(checks.errors) }
      guard let mailer = settings.mail else {
        throw MailNotSent(
          description: "There is no mail server: set SMTP_URL, SMTP_FROM and PUBLIC_URL, as for serve.")
      }
      do { try await mailer.test(to: address) } catch let refusal as MailRefusal {
        throw MailNotSent(description: Self.sentence(for: refusal))
      }
      StandardOutput.write(
        line: """
          The mail server accepted a mail from \(mailer.from) to \(address). If it does not arrive, look into the folder for \
          spam.
          """)
    }
  }

  /// Returns the reason why the mail was not accepted, and what to check.
  private static func sentence(for refusal: MailRefusal) -> String {
    if let reply = refusal.reply {
      return """
        The mail server refused the mail. It said: "\(reply)". Check the user and the password of SMTP_URL, SMTP_FROM, and the \
        address.
        """
    }
    let why =
      switch refusal.failure {
      case .notAccepted(let why): why
      case .invalid: "an address has characters that a mail cannot have"
      case .invalidURL: "SMTP_URL is not valid"
      case .cancelled: "the command was stopped"
      }
    return "The mail was not sent: \(why). Check the scheme, host and port of SMTP_URL."
  }
}

/// A mail could not be sent.
struct MailNotSent: Error, CustomStringConvertible {
  let description: String
}
