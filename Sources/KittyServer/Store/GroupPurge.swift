import KittyShared

/// The removal of groups that can no longer be restored, in short transactions: a group may have some hundred thousand entries,
/// and SQLite has one writer.
///
/// The first transaction marks the group and ends the memberships, so that no request sees it any more. A purge that is stopped
/// after it goes on with the next one. The postings of a revision go with it: a backup that is made meanwhile can be restored.
struct GroupPurge: Sendable {
  let database: any Database
  /// The number of rows that are deleted in one transaction, other than postings: some ten milliseconds of the writer of SQLite.
  var rowsTogether = 100

  /// The time of deletion of a group that is being purged. No group was deleted at it.
  static let mark = Instant(milliseconds: -1)

  /// The tables whose rows go before the entries, and those after the revisions, each with the rest of its key.
  private static let (before, after): ([(name: StaticString, key: SQL)], [(name: StaticString, key: SQL)]) = (
    [
      ("imported_entries", "entry_id"), ("imports", "id"), ("settlement_payments", "settlement_id, number"),
      ("settlements", "id"), ("invites", "id"), ("comments", "entry_id, id"),
      ("entry_categories", "entry_id, category_id"), ("entry_texts", "entry_id"),
      ("comment_texts", "entry_id, comment_id"), ("spending", "month, category_id, currency, entry_id"),
      ("occurrences", "rule_id, k"), ("recurring", "id"), ("targets", "account_id, currency"),
      ("balances", "account_id, currency"), ("entries", "id"),
    ], [("accounts", "id")]
  )

  /// Removes one group with everything in it.
  /// - Returns: `false` when there was none.
  /// - Throws: `CancellationError` between two transactions, or `DatabaseFailure`. The next purge goes on.
  func run(at now: Instant, _ write: WriteContext) async throws -> Bool {
    let limit = now.advanced(by: .zero - GroupStore.recoverable)
    let rows = try await database.read(
      "select id from groups where deleted_at < \(limit) and importing is null order by deleted_at limit 1")
    guard let group = try rows.first?.decode(ID.self) else { return false }
    guard try await hide(group, deletedBefore: limit, write) else { return true }
    try await removeReceipts(of: group, at: now, write)
    for table in Self.before { try await removeRows(of: group, from: table.name, table.key, write) }
    try await removeRevisions(of: group, write)
    for table in Self.after { try await removeRows(of: group, from: table.name, table.key, write) }
    try await database.transact(
      [
        JobStore.enqueueRemoval(ofPhotosFrom: "select photo_hash from groups where id = \(group)", at: now),
        "delete from categories where group_id = \(group)",
        "delete from groups where id = \(group)",
      ], in: write)
    return true
  }

  /// Marks a group, and makes guests of its members.
  /// - Returns: `false` when the group was restored meanwhile.
  private func hide(_ group: ID, deletedBefore limit: Instant, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        // A restore has the same lock.
        GroupStore.nextSequence(of: group),
        """
        update groups set deleted_at = \(Self.mark)
        where id = \(group) and deleted_at < \(limit) and importing is null returning id
        """,
        """
        update accounts set user_id = null, role = \(Member.Role.guest.rawValue)
        where group_id in (select id from groups where id = \(group) and deleted_at = \(Self.mark)) and user_id is not null
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Removes all rows of a group from a table.
  private func removeRows(
    of group: ID, from table: StaticString, _ key: SQL, _ write: WriteContext
  ) async throws {
    var statement: SQL = """
      delete from \(name: table) where group_id = \(group) and (\(part: key)) in (
        select \(part: key) from \(name: table) where group_id = \(group) limit \(rowsTogether))
      returning group_id
      """
    // A plan that was made for small groups reads all rows of a large one each time.
    statement.isRepeated = false
    while try await database.transact([statement], in: write)[0].count == rowsTogether {
      try Task.checkCancellation()
    }
  }

  /// Removes the receipts of a group, and has their files removed.
  private func removeReceipts(of group: ID, at now: Instant, _ write: WriteContext) async throws {
    while true {
      try Task.checkCancellation()
      let rows = try await database.read(
        """
        select entry_id, number, hash from entry_receipts where group_id = \(group)
        order by entry_id, number limit \(rowsTogether)
        """
      ).map { try $0.decode(ID.self, Int64.self, String.self) }
      guard let last = rows.last else { return }
      try await database.transact(
        Set(rows.map(\.2)).map { JobStore.enqueueRemoval(ofReceipt: $0, at: now) } + [
          """
          delete from entry_receipts where group_id = \(group) and (entry_id, number) <= (\(last.0), \(last.1))
          """
        ], in: write)
    }
  }

  /// Removes the revisions of a group, each with its postings.
  private func removeRevisions(of group: ID, _ write: WriteContext) async throws {
    while true {
      try Task.checkCancellation()
      let rows = try await database.read(
        """
        select entry_id, revision, lines from revisions where group_id = \(group)
        order by entry_id, revision limit \(rowsTogether)
        """
      ).map { try $0.decode(ID.self, Int64.self, Int64.self) }
      guard !rows.isEmpty else { return }
      var (end, postings): (SQL, Int64) = ("", 0)
      for (entry, revision, lines) in rows where postings < ImportStore.postingsTogether {
        end = "(\(entry), \(revision))"
        postings += lines
      }
      let of: SQL = "group_id = \(group) and (entry_id, revision) <= \(part: end)"
      try await database.transact(
        ["delete from postings where \(part: of)", "delete from revisions where \(part: of)"], in: write)
    }
  }
}
