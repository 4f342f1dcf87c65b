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

  /// Sends one mail to an address, with a token for each user who has it.
  /// - Parameter email: In lower case.
  /// - Throws: `MailNotConfigured`; `MailFailure` when the mail could not be sent: then the tokens are deleted.
  func write(to email: String, at now: Instant, _ write: WriteContext) async throws {
    guard let mailer else { throw MailNotConfigured() }
    let users = try await store.users(email: email, limit: Self.limit, at: now)
    guard !users.isEmpty else { return }
    let expires = now.advanced(by: Self.lifetime)
    var tokens: [PasswordResetStore.Token] = []
    var lines: [String] = []
    for user in users {
      let token = base64URL(try randomBytes(count: 32))
      tokens.append(.init(user: user.id, hash: BearerToken(token).hash, expires: expires))
      lines += ["Account: \(user.name)", "Token:   \(token)", ""]
    }
    try await store.insert(tokens, write)
    do {
      try await mailer.send(
        to: email, "Your KittyCash password", Self.text(lines, publicURL: mailer.publicURL))
    } catch {
      // In a task of its own: this one is cancelled when the worker stops.
      try await Task { try await store.delete(tokens, write) }.value
      throw error
    }
  }

  private static func text(_ tokens: [String], publicURL: String) -> String {
    """
    A new password was requested for your account on \(publicURL), probably by you.
    With this token you can set one within 30 minutes, once:

    \(tokens.joined(separator: "\n"))
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
