import KittyShared

/// What ends sessions: a new password, keeping somebody out, a deleted account.
extension UserStore {
  /// What has ended, for the caches.
  struct Ended: Sendable {
    /// The hashes of the tokens, of sessions and of scripts, that are no longer what they were.
    var tokens: [String] = []
    /// The groups that somebody is no longer in by their account.
    var groups: [ID] = []
  }

  /// Sets somebody's password if it is still the one that was checked.
  /// - Parameters:
  ///   - old: The hash that was checked.
  ///   - session: The session that goes on.
  /// - Returns: What was ended; `nil` when nothing was done.
  func setPassword(of user: ID, from old: String, to hash: String, keeping session: ID, _ write: WriteContext)
    async throws -> Ended?
  {
    try await setPassword(hash, of: "\(user)", where: "password_hash = \(old)", keeping: session, write)
  }

  /// Sets somebody's password.
  /// - Returns: What was ended; `nil` when nobody has this name.
  func setPassword(of name: String, to hash: String, _ write: WriteContext) async throws -> Ended? {
    try await setPassword(hash, of: "(select id from users where name = \(name))", where: "true", write)
  }

  /// Sets the password of whom a token was mailed to, and takes the token.
  /// - Returns: What was ended; `nil` when the token is of no use.
  func setPassword(token tokenHash: String, to hash: String, at now: Instant, _ write: WriteContext)
    async throws -> Ended?
  {
    let use = ID(at: now)
    return try await setPassword(
      hash, of: "(select user_id from password_resets where token_hash = \(tokenHash) and used_by = \(use))",
      where: "disabled_at is null",
      first: """
        update password_resets set used_by = \(use)
        where token_hash = \(tokenHash) and used_by is null and expires_at > \(now)
        """, write)
  }

  /// - Parameter user: Selects an id.
  private func setPassword(
    _ hash: String, of user: SQL, where condition: SQL, keeping session: ID? = nil, first: SQL? = nil,
    _ write: WriteContext
  ) async throws -> Ended? {
    // A hash has a salt of its own, so whoever has it now was changed by this transaction.
    let changed: SQL = "(select id from users where id = \(part: user) and password_hash = \(hash))"
    let rows = try await database.transact(
      (first.map { [$0] } ?? []) + [
        """
        update users set password_hash = \(hash) where id = \(part: user) and \(part: condition) returning id
        """,
        """
        delete from sessions where user_id = \(part: changed) and id <> \(session ?? ID.first)
        returning token_hash
        """,
        "delete from password_resets where user_id = \(part: changed)",
      ], in: write)
    let isDone = !rows[rows.count - 3].isEmpty
    return isDone ? Ended(tokens: try Self.tokens(rows[rows.count - 2])) : nil
  }

  /// Keeps somebody out, and ends their sessions, or lets them in again.
  /// - Returns: What was ended; `nil` when nobody has this name.
  func setDisabled(_ isDisabled: Bool, name: String, at now: Instant, _ write: WriteContext) async throws
    -> Ended?
  {
    let user: SQL = "(select id from users where name = \(name) and disabled_at is not null)"
    let rows = try await database.transact(
      [
        """
        update users set disabled_at = case when \(isDisabled) then coalesce(disabled_at, \(now)) else null end
        where name = \(name) returning id
        """,
        "delete from sessions where user_id = \(part: user) returning token_hash",
        "delete from password_resets where user_id = \(part: user)",
        // Whether an API token is good is asked of its user, too.
        "select token_hash from tokens where user_id = (select id from users where name = \(name))",
      ], in: write)
    return rows[0].isEmpty ? nil : Ended(tokens: try Self.tokens(rows[1] + rows[3]))
  }

  /// Deletes an account if its password is still the one that was checked, and no group of theirs has others in
  /// it. What belongs to the person goes; in the books their name stays, as that of a guest. Groups with
  /// nobody else in them are deleted.
  /// - Parameter old: The hash that was checked.
  /// - Returns: What was ended; `nil` when nothing was done.
  func delete(_ user: ID, password old: String, at now: Instant, _ write: WriteContext) async throws -> Ended?
  {
    let owned: SQL = """
      select group_id from accounts where user_id = \(user) and role = 'owner' and removed_at is null
      """
    // Nobody can have an empty hash. It is there for the rest of this transaction, to say that it goes on.
    let goner: SQL = "(select id from users where id = \(user) and password_hash = '')"
    let rows: [[Row]]
    do {
      rows = try await database.transact(
        [
          // Members join under the same lock.
          "update groups set last_number = last_number where id in (\(part: owned))",
          """
          update users set password_hash = '' where id = \(user) and password_hash = \(old)
            and not exists (\(part: Self.sharedGroups(of: user))) returning id
          """,
          """
          update groups set deleted_at = \(now), version = version + 1
          where deleted_at is null and id in (\(part: owned)) and \(user) = \(part: goner)
          """,
          JobStore.enqueueRemoval(
            ofPhotosFrom: "select photo_hash from users where id = \(part: goner)", at: now),
          """
          update accounts set user_id = null, role = 'guest', version = version + 1
          where user_id = \(part: goner) returning group_id
          """,
          "delete from sessions where user_id = \(part: goner) returning token_hash",
          "delete from tokens where user_id = \(part: goner) returning token_hash",
          "delete from password_resets where user_id = \(part: goner)",
          "delete from idempotency_keys where user_id = \(part: goner)",
          "delete from users where id = \(part: goner)",
        ], in: write)
    } catch DatabaseFailure.brokenReference {
      throw Rejection.unavailable("Something of this account was changed at the same time. Try again.")
    }
    guard !rows[1].isEmpty else { return nil }
    return Ended(
      tokens: try Self.tokens(rows[5] + rows[6]), groups: try rows[4].map { try $0.decode(ID.self) })
  }

  /// The names of some groups that keep somebody from deleting their account: they own them, and others are in
  /// them, guests too.
  func ownedGroupsWithOthers(_ user: ID) async throws -> [String] {
    try await database.read("\(part: Self.sharedGroups(of: user)) order by g.id limit 10").map {
      try $0.decode(String.self)
    }
  }

  private static func sharedGroups(of user: ID) -> SQL {
    """
    select g.name from accounts a join groups g on g.id = a.group_id
    where a.user_id = \(user) and a.role = 'owner' and a.removed_at is null and g.deleted_at is null
      and exists (
        select 1 from accounts o where o.group_id = a.group_id and o.kind = 'member' and o.id <> a.id
          and o.removed_at is null)
    """
  }

  private static func tokens(_ rows: [Row]) throws -> [String] { try rows.map { try $0.decode(String.self) } }
}
