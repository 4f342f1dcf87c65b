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

  /// Returns the users with an address, the oldest first, except disabled users and those with `limit` valid tokens.
  /// - Parameter email: In lower case.
  func users(email: String, limit: Int, at now: Instant) async throws -> [(id: ID, name: String)] {
    try await database.read(
      """
      select id, name from users u
      where lower(email) = \(email) and email is not null and disabled_at is null and \(limit) > (
        select count(*) from password_resets r where r.user_id = u.id and r.expires_at > \(now))
      order by id limit 10
      """
    ).map { try $0.decode(ID.self, String.self) }
  }

  /// Inserts tokens.
  func insert(_ tokens: [Token], _ write: WriteContext) async throws {
    let rows = tokens.map { "(\($0.hash), \($0.user), \($0.expires))" as SQL }
    try await database.transact(
      ["insert into password_resets (token_hash, user_id, expires_at) values \(list: rows)"], in: write)
  }

  /// Deletes tokens that could not be mailed.
  func delete(_ tokens: [Token], _ write: WriteContext) async throws {
    try await database.transact(
      tokens.map { "delete from password_resets where token_hash = \($0.hash)" }, in: write)
  }

  /// Returns `true` when a token can be used.
  func isOpen(tokenHash: String, at now: Instant) async throws -> Bool {
    try await !database.read(
      "select 1 from password_resets where token_hash = \(tokenHash) and expires_at > \(now)"
    ).isEmpty
  }

  /// Deletes the expired tokens of all users.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from password_resets where expires_at <= \(now)"], in: write)
  }
}
