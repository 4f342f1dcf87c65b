import KittyShared
import Sodium

/// Mails with a token that confirms an address. Only a confirmed address gets other mails: an address that a user merely
/// wrote down may be a stranger's.
struct EmailConfirmations: Sendable {
  let store: EmailConfirmationStore
  let mailer: Mailer?

  /// Time for which a token is valid, and over which mails are counted.
  static let lifetime: Duration = .seconds(24 * 3600)
  /// Maximum number of mails to an address that is not confirmed from all users together, and of mails of one user.
  static let limit = 5

  /// `true` when this server sends mails.
  var isPossible: Bool { mailer != nil }

  /// Enqueues a mail to the address of a user.
  /// - Throws: `Rejection` when there is no address to confirm, after too many mails, and when this server sends none.
  func request(of user: User, at now: Instant, _ write: WriteContext) async throws {
    guard isPossible else {
      throw Rejection.conflict(
        "no_mail",
        "This server sends no mail, so it needs no confirmed address. Ask its administrator for help.")
    }
    guard let email = user.email else {
      throw Rejection.conflict("no_address", "Your account has no address. Set one first: PATCH /v1/me.")
    }
    guard user.emailConfirmedAt == nil else {
      throw Rejection.conflict("address_confirmed", "Your address is confirmed already.")
    }
    guard try await isWithinLimit(user.id, email, at: now) else {
      throw Rejection(
        .rateLimited, "too_many_mails", "Too many mails",
        "At most \(Self.limit) such mails are sent to an address, or for an account, in a day. Use the token of the latest mail, or try again later.",
        retryAfter: 3600)
    }
    try await store.request(of: user.id, at: now, write)
  }

  /// Sends the mail of a job, unless the address is confirmed, or too many were sent.
  /// - Throws: `MailNotConfigured`; `MailFailure` when the mail could not be sent: then the token is deleted.
  func write(to user: ID, at now: Instant, _ write: WriteContext) async throws {
    guard let mailer else { throw MailNotConfigured() }
    guard let (name, email) = try await store.recipient(user), try await isWithinLimit(user, email, at: now)
    else { return }
    let token = base64URL(try randomBytes(count: 32))
    let mail = EmailConfirmationStore.Mail(
      tokenHash: BearerToken(token).hash, user: user, emailHash: Self.hash(email),
      expires: now.advanced(by: Self.lifetime))
    try await store.insert(mail, write)
    do {
      try await mailer.send(
        to: email, "Confirm your address for KittyCash",
        Self.text(name: name, token: token, publicURL: mailer.publicURL))
    } catch {
      // In a task of its own: this one is cancelled when the worker stops.
      try await Task { try await store.delete(mail, write) }.value
      throw error
    }
  }

  /// Confirms the address of a user.
  /// - Returns: `false` when the token was not mailed to this address for this user, or has expired.
  func confirm(_ token: String, of user: User, at now: Instant, _ write: WriteContext) async throws -> Bool {
    guard let email = user.email?.lowercased() else { return false }
    return try await store.confirm(
      email, hash: Self.hash(email), token: BearerToken(token).hash, of: user.id, at: now, write)
  }

  private func isWithinLimit(_ user: ID, _ email: String, at now: Instant) async throws -> Bool {
    let counts = try await store.counts(user: user, emailHash: Self.hash(email), at: now)
    return max(counts.ofUser, counts.toAddress) < Self.limit
  }

  private static func hash(_ email: String) -> String { hex(SHA256.hash(Array(email.lowercased().utf8))) }

  private static func text(name: String, token: String, publicURL: String) -> String {
    """
    This address was written down for an account on \(publicURL), probably by you.
    With this token the user of the account can confirm the address within 24 hours:

    Account: \(name)
    Token:   \(token)

    Sign in with "kittycash login" and run "kittycash confirm-email"; or run these lines in bash with your session token in
    $token. They ask for the token above, and keep both out of the list of processes:

    read -rsp 'Token: ' mailed && export mailed
    auth() { printf 'Authorization: Bearer %s' "$token"; }
    jq -n '{token: env.mailed}' | curl -X PUT \(publicURL)/v1/me/email/confirmation -H @<(auth) --json @-

    If you did not write it down, do nothing: you get no other mails, and at most a few of these.
    """
  }
}
