import KittyShared

extension UserStore {
  /// The password hash of a user while the transaction that deletes them runs. No real hash is empty.
  private static let deletionMark = ""

  /// Deletes a user if the hash of their password is still the one that was verified, and they own no group with other
  /// members. Their personal data is removed; in the books of their groups their name remains, as that of a guest. Groups
  /// in which they are the only member are deleted.
  /// - Parameter old: The hash that was verified.
  /// - Returns: The ended sessions, API tokens and memberships; `nil` when nothing was done.
  func delete(
    _ user: ID, password old: String, at now: Instant, _ write: WriteContext
  ) async throws -> Revocation? {
    let groups: SQL = "select group_id from accounts where user_id = \(user) and removed_at is null and role"
    let owned: SQL = "\(part: groups) = 'owner'"
    // The second statement marks the user if the conditions hold. The others change only what belongs to a marked user,
    // and the last one removes the mark with the row.
    let marked: SQL = "(select id from users where id = \(user) and password_hash = \(Self.deletionMark))"
    let rows: [[Row]]
    do {
      rows = try await database.transact(
        [
          // Members join under the same lock, so no member joins between the check and the deletion.
          GroupStore.lockRows(of: "\(part: groups) in ('owner', 'admin')"),
          """
          update users set password_hash = \(Self.deletionMark) where id = \(user) and password_hash = \(old)
            and not exists (\(part: Self.sharedGroups(of: user))) returning id
          """,
          """
          update groups set deleted_at = \(now), importing = null, version = version + 1
          where (deleted_at is null or importing is not null) and id in (\(part: owned)) and \(user) = \(part: marked)
          """,
          JobStore.enqueueRemoval(
            ofPhotosFrom: "select photo_hash from users where id = \(part: marked)", at: now),
          // They may know the codes of all invites of a group that they managed.
          """
          delete from invites where group_id in (\(part: groups) = 'admin') and \(user) = \(part: marked)
          """,
          """
          update accounts set user_id = null, role = 'guest', iban = null, version = version + 1
          where user_id = \(part: marked) returning group_id
          """,
          "delete from sessions where user_id = \(part: marked) returning token_hash",
          "delete from tokens where user_id = \(part: marked) returning token_hash",
          "delete from ssh_keys where user_id = \(part: marked)",
          "delete from account_files where user_id = \(part: marked)",
          "delete from upload_addresses where user_id = \(part: marked)",
          "delete from password_resets where user_id = \(part: marked)",
          "delete from idempotency_keys where user_id = \(part: marked)",
          "delete from users where id = \(part: marked)",
        ], in: write)
    } catch DatabaseFailure.brokenReference {
      throw Rejection.unavailable("Another request changed your account at the same time. Try again.")
    }
    guard !rows[1].isEmpty else { return nil }
    return Revocation(
      tokens: try Revocation.tokens(rows[6] + rows[7]), groups: try rows[5].map { try $0.decode(ID.self) })
  }

  /// Returns the names of the groups that prevent the deletion of a user: groups that they own with other members,
  /// guests included.
  func ownedGroupsWithOthers(_ user: ID) async throws -> [String] {
    try await database.read("\(part: Self.sharedGroups(of: user)) order by g.id").map {
      try $0.decode(String.self)
    }
  }

  private static func sharedGroups(of user: ID) -> SQL {
    """
    select g.name from accounts a join groups g on g.id = a.group_id
    where a.user_id = \(user) and a.role = 'owner' and a.removed_at is null
      and (g.deleted_at is null or g.importing is not null)
      and exists (
        select 1 from accounts o where o.group_id = a.group_id and o.kind = 'member' and o.id <> a.id
          and o.removed_at is null)
    """
  }
}
