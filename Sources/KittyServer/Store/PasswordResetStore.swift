import KittyShared

/// The rows of password resets: jobs that send a mail, and the tokens in the mails. Only the hash of a token is stored.
struct PasswordResetStore: Sendable {
  let database: any Database

  /// A token to be mailed.
  struct Token: Sendable {
    let user: ID
    let hash: String
    let expires: Instant
  }

  /// Enqueues a mail. It writes the same single row for every address, so the response takes the same time whether or not
  /// a user has the address.
  func request(email: String, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [JobStore.enqueue(.resetPassword, payload: email.lowercased(), at: now)], in: write)
  }

  /// Enqueues a mail to each of the first ten users who have confirmed an address, in the order of their sign-up. A user
  /// is disabled or has `limit` valid tokens: then there is no mail.
  /// - Parameter email: In lower case.
  func enqueueMails(to email: String, limit: Int, at now: Instant, _ write: WriteContext) async throws {
    let users = try await database.read(
      """
      select id from users u where lower(email) = \(email) and email is not null and \(part: Self.mayReset(limit, now))
      order by created_at, id limit 10
      """
    ).map { try $0.decode(ID.self) }
    guard !users.isEmpty else { return }
    // Each a little later than the one before, since jobs are run in the order of their times.
    try await database.transact(
      users.enumerated().map { index, user in
        JobStore.enqueue(.mailReset, payload: user.description, at: now.advanced(by: .milliseconds(index)))
      }, in: write)
  }

  /// Returns the name and the confirmed address of a user, except a disabled one, and one with `limit` valid tokens.
  func recipient(_ user: ID, limit: Int, at now: Instant) async throws -> (name: String, email: String)? {
    try await database.read(
      """
      select name, email from users u where id = \(user) and email is not null and \(part: Self.mayReset(limit, now))
      """
    ).first.map { try $0.decode(String.self, String.self) }
  }

  private static func mayReset(_ limit: Int, _ now: Instant) -> SQL {
    """
    email_confirmed_at is not null and disabled_at is null and \(limit) > (
      select count(*) from password_resets r where r.user_id = u.id and r.expires_at > \(now))
    """
  }

  /// Inserts a token.
  func insert(_ token: Token, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        insert into password_resets (token_hash, user_id, expires_at)
        values (\(token.hash), \(token.user), \(token.expires))
        """
      ], in: write)
  }

  /// Deletes a token that could not be mailed.
  func delete(_ token: Token, _ write: WriteContext) async throws {
    try await database.transact(
      ["delete from password_resets where token_hash = \(token.hash)"], in: write)
  }

  /// Returns the user of a token that can be used.
  func user(tokenHash: String, at now: Instant) async throws -> ID? {
    try await database.read(
      "select user_id from password_resets where token_hash = \(tokenHash) and expires_at > \(now)"
    ).first?.decode(ID.self)
  }

  /// Deletes the expired tokens of all users.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from password_resets where expires_at <= \(now)"], in: write)
  }
}
