import KittyShared

/// The rows of addresses to which a photo or a receipt can be sent once. Only the hash of a secret is stored.
struct UploadAddressStore: Sendable {
  let database: any Database

  /// Maximum number of addresses of one user: the latest ones.
  private static let limit = 10

  /// An address that was not used yet.
  struct Target: Sendable {
    let user: ID
    /// `nil` for the photo of the user.
    let group: ID?
    /// The entry of a receipt; `nil` for a photo.
    let entry: ID?
  }

  /// Inserts an address, and deletes the expired ones of all users and the oldest of this user beyond the limit.
  func insert(
    tokenHash: String, _ target: Target, session: ID, at now: Instant, expires: Instant,
    _ write: WriteContext
  ) async throws {
    let user = target.user
    try await database.transact(
      [
        UserStore.lockRow(of: user),
        "delete from upload_addresses where expires_at <= \(now)",
        """
        insert into upload_addresses (token_hash, user_id, group_id, entry_id, session_id, expires_at)
        values (\(tokenHash), \(user), \(target.group), \(target.entry), \(session), \(expires))
        """,
        """
        delete from upload_addresses where user_id = \(user) and token_hash not in (
          select token_hash from upload_addresses where user_id = \(user)
          order by expires_at desc, token_hash limit \(Self.limit))
        """,
      ], in: write)
  }

  /// Returns the target of an address, unless its session has ended.
  func target(tokenHash: String, at now: Instant) async throws -> Target? {
    try await database.read(
      """
      select a.user_id, a.group_id, a.entry_id from upload_addresses a
      join sessions s on s.id = a.session_id and s.expires_at > \(now)
      where a.token_hash = \(tokenHash) and a.expires_at > \(now)
      """
    ).first.map { row in
      let (user, group, entry) = try row.decode(ID.self, ID?.self, ID?.self)
      return Target(user: user, group: group, entry: entry)
    }
  }

  /// Returns the membership of a user in a group.
  func membership(of user: ID, in group: ID) async throws -> Membership? {
    try await database.read(Membership.query(in: group, of: "\(user)")).first.map {
      try Membership($0, in: group)
    }
  }

  /// The row of an address that was used up.
  struct Used: Sendable {
    fileprivate let tokenHash: String
    fileprivate let target: Target
    fileprivate let session: ID
    fileprivate let expires: Instant
  }

  /// Uses an address up.
  /// - Returns: Its row; `nil` when it was used before or has expired.
  func use(tokenHash: String, at now: Instant, _ write: WriteContext) async throws -> Used? {
    try await database.transact(
      [
        """
        delete from upload_addresses where token_hash = \(tokenHash) and expires_at > \(now)
        returning user_id, group_id, entry_id, session_id, expires_at
        """
      ], in: write)[0].first.map { row in
        let (user, group, entry, session, expires) = try row.decode(
          ID.self, ID?.self, ID?.self, ID.self, Instant.self)
        return Used(
          tokenHash: tokenHash, target: Target(user: user, group: group, entry: entry), session: session,
          expires: expires)
      }
  }

  /// Makes an address work again, unless its session has ended.
  func restore(_ used: Used, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        insert into upload_addresses (token_hash, user_id, group_id, entry_id, session_id, expires_at)
        select \(used.tokenHash), user_id, \(used.target.group), \(used.target.entry), id, \(used.expires)
        from sessions where id = \(used.session)
        """
      ], in: write)
  }
}
