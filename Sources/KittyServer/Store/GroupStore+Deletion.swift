import KittyShared

/// The end of a group: deleted, restored, or purged after some time.
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

  /// Restores a deleted group.
  func restore(_ group: ID, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        update groups set deleted_at = null, version = version + 1, sequence = sequence + 1
        where id = \(group) and deleted_at is not null and importing is null
        """
      ], in: write)
  }

  /// Removes one group that can no longer be restored, with everything in it.
  /// - Returns: `false` when there was none.
  func purge(at now: Instant, _ write: WriteContext) async throws -> Bool {
    let limit = now.advanced(by: .zero - Self.recoverable)
    let rows = try await database.read(
      "select id from groups where deleted_at < \(limit) and importing is null limit 1")
    guard let group = try rows.first?.decode(ID.self) else { return false }
    let receipts = try await ReceiptStore(database: database).hashes(in: group)
    // The group may be restored between the query and the transaction, so each statement checks that it is still
    // deleted. Within the transaction, the lock prevents it.
    let purged: SQL =
      "(select id from groups where id = \(group) and deleted_at < \(limit) and importing is null)"
    var statements: [SQL] = [
      Self.nextSequence(of: group),
      JobStore.enqueueRemoval(
        ofPhotosFrom: "select photo_hash from groups where id in \(part: purged)", at: now),
    ]
    statements += receipts.map {
      JobStore.enqueueRemoval(ofReceipt: $0, where: "exists \(part: purged)", at: now)
    }
    statements += [
      "delete from imported_entries where group_id in \(part: purged)",
      "delete from imports where group_id in \(part: purged)",
      "delete from settlement_payments where group_id in \(part: purged)",
      "delete from settlements where group_id in \(part: purged)",
      "delete from entry_receipts where group_id in \(part: purged)",
      "delete from invites where group_id in \(part: purged)",
      "delete from comments where group_id in \(part: purged)",
      "delete from entry_categories where group_id in \(part: purged)",
      "delete from entry_texts where group_id in \(part: purged)",
      "delete from comment_texts where group_id in \(part: purged)",
      "delete from spending where group_id in \(part: purged)",
      "delete from occurrences where group_id in \(part: purged)",
      "delete from recurring where group_id in \(part: purged)",
      "delete from categories where group_id in \(part: purged)",
      "delete from targets where group_id in \(part: purged)",
      "delete from balances where group_id in \(part: purged)",
      "delete from postings where group_id in \(part: purged)",
      "delete from entries where group_id in \(part: purged)",
      "delete from revisions where group_id in \(part: purged)",
      "delete from accounts where group_id in \(part: purged)",
      "delete from groups where id in \(part: purged)",
    ]
    try await database.transact(statements, in: write)
    return true
  }
}
