import KittyShared

/// The rows of invites to sign up. Only the hash of a code is stored.
struct SignUpInviteStore: Sendable {
  let database: any Database

  /// The state of an invite.
  enum State: Sendable, Equatable {
    case unknown, expired, used, open
  }

  /// Inserts an invite.
  func insert(codeHash: String, at now: Instant, expires: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        insert into sign_up_invites (code_hash, created_at, expires_at) values (\(codeHash), \(now), \(expires))
        """
      ], in: write)
  }

  /// Returns the state of an invite.
  func state(codeHash: String, at now: Instant) async throws -> State {
    let rows = try await database.read(
      "select used_by, expires_at from sign_up_invites where code_hash = \(codeHash)")
    guard let (user, expires) = try rows.first?.decode(ID?.self, Instant.self) else { return .unknown }
    if user != nil { return .used }
    return expires > now ? .open : .expired
  }

  /// Time for which an expired invite is kept, so that a user who tries it gets the reason.
  private static let keptAfterExpiry: Duration = .seconds(30 * 86_400)

  /// Deletes the invites that expired some time ago.
  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    let limit = now.advanced(by: .zero - Self.keptAfterExpiry)
    try await database.transact(["delete from sign_up_invites where expires_at < \(limit)"], in: write)
  }
}
