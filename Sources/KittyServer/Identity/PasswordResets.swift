import KittyShared
import Sodium

/// Mails with a token that sets a new password. The request enqueues a job, the same for every address; the worker finds
/// the users, makes the tokens and sends the mail.
struct PasswordResets: Sendable {
  let store: PasswordResetStore
  let mailer: Mailer?

  /// Time for which a token is valid.
  static let lifetime: Duration = .seconds(30 * 60)
  /// Maximum number of valid tokens of one user, so that this server cannot flood a mailbox.
  private static let limit = 3

  /// Enqueues the job.
  /// - Throws: `Rejection` when this server sends no mail.
  func request(email: String, at now: Instant, _ write: WriteContext) async throws {
    guard mailer != nil else {
      throw Rejection.conflict(
        "no_mail",
        "This server sends no mail. Ask its administrator for a new password: kittycash-server user reset-password."
      )
    }
    try await store.request(email: email, at: now, write)
  }

  /// Enqueues a mail for each account that has confirmed an address: each account gets a mail of its own, so that no other
  /// account with the same address can crowd it out.
  /// - Parameter email: In lower case.
  func enqueueMails(to email: String, at now: Instant, _ write: WriteContext) async throws {
    try await store.enqueueMails(to: email, limit: Self.limit, at: now, write)
  }

  /// Sends a mail with a token to a user who has confirmed an address.
  /// - Throws: `MailNotConfigured`; `MailFailure` when the mail could not be sent: then the token is deleted.
  func write(to user: ID, at now: Instant, _ write: WriteContext) async throws {
    guard let mailer else { throw MailNotConfigured() }
    guard let (name, email) = try await store.recipient(user, limit: Self.limit, at: now) else { return }
    let secret = base64URL(try randomBytes(count: 32))
    let token = PasswordResetStore.Token(
      user: user, hash: BearerToken(secret).hash, expires: now.advanced(by: Self.lifetime))
    try await store.insert(token, write)
    do {
      try await mailer.send(
        to: email, "Your KittyCash password",
        Self.text(name: name, token: secret, publicURL: mailer.publicURL))
    } catch {
      // In a task of its own: this one is cancelled when the worker stops.
      try await Task { try await store.delete(token, write) }.value
      throw error
    }
  }

  private static func text(name: String, token: String, publicURL: String) -> String {
    """
    A new password was requested for your account on \(publicURL), probably by you.
    With this token you can set one within 30 minutes, once:

    Account: \(name)
    Token:   \(token)

    Run these lines in bash. They ask for your token and a new password, so that neither is in the list of processes or in
    the history of your shell:

    read -rsp 'Token: ' token && read -rsp 'New password: ' password && export token password
    jq -n '{token: env.token, password: env.password}' | curl -X PUT \(publicURL)/v1/password --json @-

    If you did not request it, do nothing: your password stays as it is. Do not give the token to anyone.
    """
  }
}

/// The worker has no SMTP_URL, but the server that enqueued the job has one.
struct MailNotConfigured: Error, CustomStringConvertible {
  let description = "there is mail to send, but SMTP_URL is not set for the worker"
}
