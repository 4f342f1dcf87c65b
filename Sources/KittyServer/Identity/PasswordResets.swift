import KittyShared
import Sodium

/// Mails with which a forgotten password can be replaced. The request only leaves a job, the same for every
/// address; the worker finds out whether there is anybody, makes the tokens and writes.
struct PasswordResets: Sendable {
  let store: PasswordResetStore
  let postbox: Mailer?

  /// How long a token can be used.
  static let lifetime: Duration = .seconds(30 * 60)
  /// How many tokens an account may have at a time: nobody's postbox is flooded from here.
  private static let limit = 3

  /// Leaves a job for the worker.
  /// - Throws: `Rejection` where no mail is sent at all.
  func request(email: String, at now: Instant, _ write: WriteContext) async throws {
    guard postbox != nil else {
      throw Rejection.conflict(
        "no_mail",
        "This server sends no mail. Ask its administrator for a new password: kittycash-server user reset-password."
      )
    }
    try await store.request(email: email, at: now, write)
  }

  /// Writes to whoever has the address, with a token for each of their accounts.
  /// - Parameter email: In lower case.
  /// - Throws: When it could not be sent; the tokens are of no use then.
  func write(to email: String, at now: Instant, _ write: WriteContext) async throws {
    guard let postbox else { throw MailNotConfigured() }
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
      try await postbox.send(
        to: email, "Your KittyCash password", Self.text(lines, publicURL: postbox.publicURL))
    } catch {
      // Also when the worker stops and this task is cancelled.
      try await Task { try await store.delete(tokens, write) }.value
      throw error
    }
  }

  private static func text(_ accounts: [String], publicURL: String) -> String {
    """
    Somebody, probably you, has asked for a new password on \(publicURL).
    With this token you can set one within 30 minutes, once:

    \(accounts.joined(separator: "\n"))
    Write both into this line, in a terminal:

    curl -X PUT \(publicURL)/v1/password --json '{"token": "TOKEN", "password": "NEW PASSWORD"}'

    If it was not you, do nothing: your password stays as it is. Give the token to nobody.
    """
  }
}

/// The worker has no SMTP_URL, though a server that leaves it jobs has one.
struct MailNotConfigured: Error, CustomStringConvertible {
  let description = "there is mail to send, and SMTP_URL is not set for the worker"
}
