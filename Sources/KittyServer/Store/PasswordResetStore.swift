import KittyShared

/// Forgotten passwords, as rows: requests for a mail, and the tokens that were mailed. Only a hash of a token is
/// kept.
struct PasswordResetStore: Sendable {
  let database: any Database

  /// A token to be mailed.
  struct Token: Sendable {
    let user: ID
    let hash: String
    let expires: Instant
  }

  /// Asks the worker for a mail. It is the same one row whether or not somebody has the address.
  func request(email: String, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [JobStore.enqueue(.resetPassword, payload: email.lowercased(), at: now)], in: write)
  }

  /// Who has this address and may be written to: the oldest accounts first, without those that are disabled and
  /// those that have `limit` tokens already.
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

  func insert(_ tokens: [Token], _ write: WriteContext) async throws {
    let rows = tokens.map { "(\($0.hash), \($0.user), \($0.expires))" as SQL }
    try await database.transact(
      [
        "insert into password_resets (token_hash, user_id, expires_at) values \(list: rows)"
      ], in: write)
  }

  /// Takes tokens back that were not mailed.
  func delete(_ tokens: [Token], _ write: WriteContext) async throws {
    try await database.transact(
      tokens.map { "delete from password_resets where token_hash = \($0.hash)" }, in: write)
  }

  /// Whether a token can still be used.
  func isOpen(tokenHash: String, at now: Instant) async throws -> Bool {
    try await !database.read(
      "select 1 from password_resets where token_hash = \(tokenHash) and expires_at > \(now)"
    ).isEmpty
  }

  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from password_resets where expires_at <= \(now)"], in: write)
  }
}
