import KittyShared

/// The rows of device tokens. Only the hash of a token is stored.
struct DeviceTokenStore: Sendable {
  let database: any Database

  /// Time for which a token is known after the last sign-in with it.
  static let lifetime: Duration = .seconds(90 * 86_400)
  /// Maximum number of tokens of one user: the latest ones.
  private static let limit = 20

  /// Returns `true` when a sign-in of the user with this name was given the token.
  func isKnown(tokenHash: String, of name: String, at now: Instant) async throws -> Bool {
    try await !database.read(
      """
      select 1 from device_tokens d join users u on u.id = d.user_id
      where d.token_hash = \(tokenHash) and d.expires_at > \(now) and u.name = \(name)
      """
    ).isEmpty
  }

  /// Returns the statements that store a token of a user, or keep it for longer, and delete the oldest beyond the limit.
  /// - Parameter condition: The condition for the row of the user.
  static func keep(_ tokenHash: String, of user: ID, where condition: SQL, at now: Instant) -> [SQL] {
    [
      """
      insert into device_tokens (token_hash, user_id, expires_at)
      select \(tokenHash), id, \(now.advanced(by: lifetime)) from users where \(part: condition)
      on conflict (token_hash) do update set expires_at = excluded.expires_at
      where device_tokens.user_id = excluded.user_id
      """,
      """
      delete from device_tokens where user_id = \(user) and token_hash not in (
        select token_hash from device_tokens where user_id = \(user)
        order by expires_at desc, token_hash limit \(limit))
      """,
    ]
  }

  /// Deletes the expired tokens of all users.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from device_tokens where expires_at <= \(now)"], in: write)
  }
}
