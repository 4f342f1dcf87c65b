import KittyShared

/// Invites to sign up, as rows. Only a hash of the code is kept.
struct SignUpInviteStore: Sendable {
  let database: any Database

  /// What can be said of a code.
  enum State: Sendable, Equatable {
    case unknown, expired, used, open
  }

  func insert(codeHash: String, at now: Instant, expires: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        insert into sign_up_invites (code_hash, created_at, expires_at) values (\(codeHash), \(now), \(expires))
        """
      ], in: write)
  }

  func state(codeHash: String, at now: Instant) async throws -> State {
    let rows = try await database.read(
      "select used_by, expires_at from sign_up_invites where code_hash = \(codeHash)")
    guard let (user, expires) = try rows.first?.decode(ID?.self, Instant.self) else { return .unknown }
    if user != nil { return .used }
    return expires > now ? .open : .expired
  }

  /// For so long after its end it can still be said what was the matter with an invite.
  private static let explained: Duration = .seconds(30 * 86_400)

  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from sign_up_invites where expires_at < \(now.advanced(by: .zero - Self.explained))"
      ], in: write)
  }
}
