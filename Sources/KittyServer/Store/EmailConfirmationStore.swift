import KittyShared

/// The rows of mails that confirm an address. Only the hashes of their tokens and addresses are stored.
struct EmailConfirmationStore: Sendable {
  let database: any Database

  /// A mail that was sent, or is about to be.
  struct Mail: Sendable {
    let tokenHash: String
    let user: ID
    let emailHash: String
    let expires: Instant
  }

  /// Enqueues a mail to the address of a user.
  func request(of user: ID, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [JobStore.enqueue(.confirmEmail, payload: user.description, at: now)], in: write)
  }

  /// Returns the name and the unconfirmed address of a user who is not disabled.
  func recipient(_ user: ID) async throws -> (name: String, email: String)? {
    try await database.read(
      """
      select name, email from users
      where id = \(user) and email is not null and email_confirmed_at is null and disabled_at is null
      """
    ).first.map { try $0.decode(String.self, String.self) }
  }

  /// Returns the number of mails of a user, and to an address, whose tokens have not expired.
  func counts(user: ID, emailHash: String, at now: Instant) async throws -> (ofUser: Int, toAddress: Int) {
    try await database.read(
      """
      select (select count(*) from email_confirmations where user_id = \(user) and expires_at > \(now)),
        (select count(*) from email_confirmations where email_hash = \(emailHash) and expires_at > \(now))
      """
    )[0].decode(Int.self, Int.self)
  }

  /// Inserts a mail.
  func insert(_ mail: Mail, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        insert into email_confirmations (token_hash, user_id, email_hash, expires_at)
        values (\(mail.tokenHash), \(mail.user), \(mail.emailHash), \(mail.expires))
        """
      ], in: write)
  }

  /// Deletes a mail that could not be sent.
  func delete(_ mail: Mail, _ write: WriteContext) async throws {
    try await database.transact(
      ["delete from email_confirmations where token_hash = \(mail.tokenHash)"], in: write)
  }

  /// Confirms the address of a user with a token that was mailed to it.
  /// - Parameter email: The address as it was read, in lower case; the token belongs to its hash.
  /// - Returns: `false` when the token cannot be used.
  func confirm(
    _ email: String, hash emailHash: String, token tokenHash: String, of user: ID, at now: Instant,
    _ write: WriteContext
  ) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        update users set email_confirmed_at = \(now), version = version + 1
        where id = \(user) and lower(email) = \(email) and email_confirmed_at is null and exists (
          select 1 from email_confirmations where token_hash = \(tokenHash) and user_id = \(user)
            and email_hash = \(emailHash) and expires_at > \(now))
        returning id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Deletes the expired mails of all users.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from email_confirmations where expires_at <= \(now)"], in: write)
  }
}
