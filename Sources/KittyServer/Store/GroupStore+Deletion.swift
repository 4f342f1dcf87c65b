import KittyShared

/// The end of a group: deleted, or restored. `GroupPurge` removes it after some time.
extension GroupStore {
  /// Time for which a deleted group can be restored.
  static let recoverable: Duration = .seconds(30 * 86_400)

  /// Marks a group as deleted if all balances in it are zero.
  /// - Parameter force: `true` to delete it whatever the balances are.
  /// - Returns: Whether it was deleted.
  func delete(_ group: ID, force: Bool, at now: Instant, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        // Entries are written under the same lock, so no balance can change in between.
        Self.nextSequence(of: group),
        """
        update groups set deleted_at = \(now), version = version + 1
        where id = \(group) and deleted_at is null and (\(force) or not exists (
          select 1 from balances b
          where b.group_id = \(group) and b.paid - b.share + b.sent - b.received <> 0))
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Deletes a group because its owner leaves it: if no other member is a user and all balances are zero.
  /// - Returns: Whether it was deleted, and the number of other members who are users.
  func leave(
    _ group: ID, asOwner owner: ID, at now: Instant, _ write: WriteContext
  ) async throws -> (isDone: Bool, otherUsers: Int) {
    let otherUsers: SQL = """
      select count(*) from accounts
      where group_id = \(group) and user_id is not null and removed_at is null and id <> \(owner)
      """
    let rows = try await database.transact(
      [
        Self.nextSequence(of: group),
        """
        update groups set deleted_at = \(now), version = version + 1
        where id = \(group) and deleted_at is null and 0 = (\(part: otherUsers)) and not exists (
          select 1 from balances b
          where b.group_id = \(group) and b.paid - b.share + b.sent - b.received <> 0)
        returning id
        """,
        otherUsers,
      ], in: write)
    return (!rows[1].isEmpty, try rows[2][0].decode(Int.self))
  }

  /// Restores a deleted group. It does nothing to one that is being imported or purged.
  func restore(_ group: ID, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        update groups set deleted_at = null, version = version + 1, sequence = sequence + 1
        where id = \(group) and deleted_at > \(GroupPurge.mark) and importing is null
        """
      ], in: write)
  }
}
