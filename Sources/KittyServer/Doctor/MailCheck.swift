import Curl

/// The mail server: it answers, encrypts, and accepts the user. No mail is sent.
struct MailCheck: Check {
  let part = "mail"
  let mailer: Mailer

  func findings() async throws -> [Finding] {
    do throws(MailFailure) {
      try await mailer.server.probe()
      return [
        .ok(
          "The mail server accepts a connection\(mailer.server.signsIn ? " and the user of SMTP_URL" : "").")
      ]
    } catch {
      let why = if case .notAccepted(let why) = error { why } else { "\(error)" }
      return [
        .fault("The mail server cannot be used: \(why). Check SMTP_URL: host, port, user, password, and TLS.")
      ]
    }
  }
}
