import FoundationEssentials
import KittyShared

// An import is undone by removing what it wrote, as if it had never been: the only entries that are ever removed from a group
// that stays. So it removes entries that are as the import wrote them; a revision or a comment of a member is history.

extension ImportStore {
  /// The number of entries that are removed in one transaction: some ten milliseconds of the writer of SQLite.
  private static let removedTogether = 100

  /// Returns the entries of an import that were changed, commented or refunded since.
  func changed(since id: ID, in group: ID) async throws -> [ChangedEntry] {
    try await database.read(
      """
      select e.id, e.number, case when \(part: Self.isItselfUnchanged) then
          (select min(r.number) from entries r where \(part: Self.isLaterRefund)) end
        \(part: Self.entries(of: id, in: group)) and not (\(part: Self.isUnchanged))
      order by e.number
      """
    ).map {
      let (id, number, refund) = try $0.decode(ID.self, Int64.self, Int64?.self)
      return ChangedEntry(id: id, number: number, refund: refund)
    }
  }

  /// An entry of an import that is not as the import wrote it.
  struct ChangedEntry: Sendable {
    let id: ID
    let number: Int64
    /// The number of a refund that refers to it, also of a deleted one; `nil` when the entry itself was changed or commented.
    let refund: Int64?
  }

  private static func entries(of id: ID, in group: ID) -> SQL {
    """
    from imported_entries i join entries e on e.group_id = i.group_id and e.id = i.entry_id
    where i.group_id = \(group) and i.import_id = \(id)
    """
  }

  /// The condition that an entry is as its import wrote it, and no other refers to it.
  private static let isUntouched: SQL = """
    e.version = 1 and not exists (select 1 from comments c where c.group_id = e.group_id and c.entry_id = e.id)
      and not exists (select 1 from entries r where r.group_id = e.group_id and r.refund_of = e.id)
    """

  /// The condition that an entry is as its import wrote it, whatever refers to it.
  private static let isItselfUnchanged: SQL = """
    e.version = 1 and not exists (select 1 from comments c where c.group_id = e.group_id and c.entry_id = e.id)
    """

  /// The condition that an entry (`r`) is a refund of another one (`e`), and not as the import of that one wrote it.
  private static let isLaterRefund: SQL = """
    r.group_id = e.group_id and r.refund_of = e.id and (
        r.version > 1
        or exists (select 1 from comments c where c.group_id = r.group_id and c.entry_id = r.id)
        or not exists (
          select 1 from imported_entries m
          where m.group_id = r.group_id and m.entry_id = r.id and m.import_id = i.import_id))
    """

  /// The condition that an entry is as its import wrote it, and so is each refund that refers to it.
  private static let isUnchanged: SQL = """
    \(part: isItselfUnchanged) and not exists (select 1 from entries r where \(part: isLaterRefund))
    """

  /// Returns the numbers of counts of the kitty that follow entries of an import which change the kitty.
  func counts(after id: ID, in group: ID, limit: Int) async throws -> [Int64] {
    try await database.read(
      """
      select c.number \(part: Self.counts(after: Self.entries(of: id, in: group), in: group))
      order by c.number limit \(limit)
      """
    ).map { try $0.decode(Int64.self) }
  }

  /// The counts of the kitty (`c`) that follow one of some entries (`e`) which changes the kitty.
  private static func counts(after entries: SQL, in group: ID) -> SQL {
    """
    from entries c
    where c.group_id = \(group) and c.kind <> 'expense' and c.kind = 'count' and c.deleted_at is null and exists (
      select 1 \(part: entries) and e.deleted_at is null and (e.date, e.number) < (c.date, c.number) and exists (
        select 1 from postings p where p.group_id = e.group_id and p.entry_id = e.id and p.revision = e.version
          and p.account_id = \(group) and p.currency = c.currency))
    """
  }

  /// Returns the refunds of an expense that count, the latest first.
  func refunds(ofExpense entry: ID, in group: ID) async throws -> [ID] {
    try await database.read(
      """
      select id from entries where group_id = \(group) and refund_of = \(entry) and deleted_at is null
      order by number desc
      """
    ).map { try $0.decode(ID.self) }
  }

  /// Returns the numbers of refunds, entered by members, of expenses of an import.
  func refunds(of id: ID, in group: ID, limit: Int) async throws -> [Int64] {
    try await database.read(
      """
      select r.number from entries r
      join imported_entries i on i.group_id = r.group_id and i.entry_id = r.refund_of
      where r.group_id = \(group) and i.import_id = \(id) and r.deleted_at is null
        and not exists (
          select 1 from imported_entries m
          where m.group_id = r.group_id and m.entry_id = r.id and m.import_id = i.import_id)
      order by r.number limit \(limit)
      """
    ).map { try $0.decode(Int64.self) }
  }

  /// Returns the first day of the entries of an import; `nil` when it has none any more.
  func firstDay(of id: ID, in group: ID) async throws -> Day? {
    let query: SQL = "select min(e.date) \(part: Self.entries(of: id, in: group))"
    let rows: [Row] = try await database.read(query)
    guard let row = rows.first else { return nil }
    return try row.decode(Day?.self)
  }

  /// The reason why an import is undone.
  enum Undo: Sendable {
    /// A member wishes it: not in closed books, not before a count of the kitty, and no entry that was changed since.
    case wished
    /// It was not written to its end.
    case failed
  }

  /// The time after which a server that has not gone on with an import is taken for dead.
  static let patience: Duration = .seconds(300)

  /// Marks an import as being undone, so that it is neither written nor undone by another request.
  /// - Returns: `false` when another request writes or undoes it, or it does not exist.
  func beginUndo(_ id: ID, in group: ID, _ reason: Undo, at now: Instant, _ write: WriteContext) async throws
    -> Bool
  {
    let limit = now.advanced(by: .zero - Self.patience)
    let isFree: SQL = reason == .failed ? "state <> 'undoing'" : "state = 'done'"
    do {
      return try await !database.transact(
        [
          """
          update imports set state = 'undoing', touched_at = \(now), wished = \(reason == .wished ? 1 : 0)
          where group_id = \(group) and id = \(id) and (\(part: isFree) or touched_at < \(limit)) returning id
          """
        ], in: write)[0].isEmpty
    } catch DatabaseFailure.notUnique {
      throw Self.underWay
    }
  }

  /// Goes on with the undo of an import on which no server has worked for a while, or removes one that was not written to its end.
  /// - Returns: The reason of the undo; `nil` when a server works on it, or it is done.
  func resumeUndo(_ id: ID, in group: ID, at now: Instant, _ write: WriteContext) async throws -> Undo? {
    let limit = now.advanced(by: .zero - Self.patience)
    let rows = try await database.transact(
      [
        """
        update imports set state = 'undoing', touched_at = \(now)
        where group_id = \(group) and id = \(id) and state <> 'done' and touched_at < \(limit) returning wished
        """
      ], in: write)
    return try rows[0].first.map { try $0.decode(Int.self) == 1 ? .wished : .failed }
  }

  /// Ends a wished undo that was refused: what is left of the import is an import.
  func keepRest(of id: ID, in group: ID, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        update imports set state = 'done', wished = 0
        where group_id = \(group) and id = \(id) and state = 'undoing' and wished = 1
        """
      ], in: write)
  }

  /// Removes the untouched entries of an import in short transactions, then its members and categories that are not used, and
  /// the import itself. Repeated after a failure, it goes on.
  /// - Throws: `Rejection.groupChanged` when an entry was changed, the books were closed, or the kitty was counted meanwhile;
  ///   `DatabaseFailure`.
  func remove(_ id: ID, in group: ID, _ reason: Undo, _ write: WriteContext = WriteContext()) async throws {
    while true {
      let rows = try await database.read(
        """
        select e.id, r.content from imported_entries i
        join entries e on e.group_id = i.group_id and e.id = i.entry_id
        join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = 1
        where i.group_id = \(group) and i.import_id = \(id) and \(part: Self.isUntouched)
        limit \(Self.removedTogether)
        """)
      guard !rows.isEmpty else { break }
      var piece: [(id: ID, stored: String, content: EntryContent)] = []
      var postings = 0
      for row in rows where piece.isEmpty || postings < Self.postingsTogether {
        let (entry, stored) = try row.decode(ID.self, String.self)
        let content = try EntryContent(stored: stored)
        piece.append((entry, stored, content))
        postings += content.postings(group: group, entry: entry).count
      }
      try await remove(piece, of: id, in: group, reason, write)
    }
    try await Self.refusing { try await removeRest(of: id, in: group, reason, write) }
  }

  /// Runs a transaction that a later change of the group makes impossible.
  private static func refusing(_ body: () async throws -> Void) async throws {
    do { try await body() } catch DatabaseFailure.brokenReference {
      throw Rejection.groupChanged
    } catch DatabaseFailure.refused(let rule) where rule.contains("imports_state") {
      throw Rejection.groupChanged
    }
  }

  /// The number of postings with which the entries of a transaction end.
  static let postingsTogether = 500

  /// Removes some entries. The trigger that keeps the books lets rows go from a deleted group alone, so the group is marked
  /// as deleted within the transaction, at an instant that no group was deleted at: no other transaction sees it.
  private func remove(
    _ entries: [(id: ID, stored: String, content: EntryContent)], of id: ID, in group: ID, _ reason: Undo,
    _ write: WriteContext
  ) async throws {
    let ids: [SQL] = entries.map { "\($0.id)" }
    var (postings, bytes): ([Posting], Int64) = ([], 0)
    for entry in entries {
      let own = entry.content.postings(group: group, entry: entry.id)
      bytes += GroupBytes.of(content: entry.stored, postings: own.count)
      postings += own
    }
    let of: SQL = "group_id = \(group) and entry_id in (\(list: ids))"
    let changes = try BalanceChange.changes(from: postings, to: [])
    let first = entries.map(\.content.date).min() ?? .last
    let isAllowed: SQL = reason == .failed ? "1 = 1" : Self.isAllowed(removing: ids, from: first, in: group)
    try await Self.refusing {
      try await database.transact(
        [
          """
          update groups set sequence = sequence + 1, first_sequence = sequence + 1, bytes = bytes - \(bytes),
            removed_numbers = removed_numbers + \(entries.count), deleted_at = coalesce(deleted_at, 0)
          where id = \(group)
          """,
          // Another request may have gone on with this undo: the reference fails when the import is gone, and the check of the
          // state when an entry is, the books were closed, or the kitty was counted.
          "insert into imported_entries (group_id, entry_id, import_id) values (\(group), \(id), \(id))",
          "delete from imported_entries where group_id = \(group) and entry_id = \(id)",
          """
          update imports set touched_at = \(Instant.now), state = case
              when state = 'undoing' and \(part: isAllowed) and \(entries.count) = (
                select count(*) from imported_entries where \(part: of) and import_id = \(id))
              then state else 'changed' end
          where group_id = \(group) and id = \(id)
          """,
        ]
          + changes.chunks(of: 1000).map { BalanceStore.add($0, in: group) } + [
            "delete from imported_entries where \(part: of)",
            "delete from entry_categories where \(part: of)",
            "delete from entry_texts where \(part: of)",
            "delete from spending where \(part: of)",
            // An entry that was changed or commented meanwhile keeps a reference to one of these, and the transaction fails.
            """
            delete from postings where \(part: of) and entry_id in (
              select e.id from entries e where e.group_id = \(group) and \(part: Self.isUntouched))
            """,
            """
            delete from entries where group_id = \(group) and id in (\(list: ids)) and version = 1
              and not exists (select 1 from comments c where c.group_id = \(group) and c.entry_id = entries.id)
            """,
            "delete from revisions where \(part: of)",
            "update groups set deleted_at = null where id = \(group) and deleted_at = 0",
          ], in: write)
    }
  }

  /// The condition that a member may remove some entries of an import: the books are open, and the kitty was not counted after
  /// them. An import that failed is removed all the same: it cannot stay. A count that was entered while it was written keeps its
  /// difference, so that the kitty no longer holds what was counted, until the count is deleted and entered again. An adjustment
  /// would be a revision of the count, which has an author, and every piece that is removed would have to write one.
  /// - Parameter first: The first day of the entries.
  private static func isAllowed(removing ids: [SQL], from first: Day, in group: ID) -> SQL {
    let entries: SQL = "from entries e where e.group_id = \(group) and e.id in (\(list: ids))"
    return """
      exists (select 1 from groups where id = \(group) and (closed_until is null or closed_until < \(first)))
        and not exists (select 1 \(part: counts(after: entries, in: group)))
      """
  }

  /// Removes the members and categories that an import added and that nothing names, whatever their names are by now and also those
  /// that the group removed since, and takes back the numbers of its entries when no later entry has one. A guest who has an account,
  /// an IBAN, a target or an invite by now stays, and so does one who had an account and wrote something.
  private func removeRest(of id: ID, in group: ID, _ reason: Undo, _ write: WriteContext) async throws {
    guard let stored = try await find(id, in: group) else { return }
    let heir = try await handOver(stored, in: group)
    let isLast: SQL =
      "not exists (select 1 from entries e where e.group_id = \(group) and e.number > \(stored.lastNumber))"
    let members = stored.members.map { member -> SQL in
      """
      delete from accounts where group_id = \(group) and id = \(member) and user_id is null
        and iban is null and \(part: Self.isUnnamed(member, in: group)) and \(part: Self.isNoAuthor(member, in: group))
        and not exists (select 1 from targets t where t.group_id = \(group) and t.account_id = \(member))
        and not exists (select 1 from invites v where v.group_id = \(group) and v.guest_id = \(member))
      """
    }
    // Those of the upper level come first in the list, and go last.
    let categories = stored.categories.reversed().map { category -> SQL in
      """
      delete from categories where group_id = \(group) and id = \(category)
        and \(part: Self.isUnnamed(category, in: group))
        and not exists (
          select 1 from categories c where c.group_id = \(group) and (c.parent_id = \(category) or c.removed_into = \(category)))
      """
    }
    let balances = stored.members.map { member -> SQL in
      """
      delete from balances where group_id = \(group) and account_id = \(member)
        and not exists (select 1 from postings p where p.group_id = \(group) and p.account_id = \(member))
      """
    }
    try await database.transact(
      [GroupStore.nextSequence(of: group)]
        + (reason == .wished ? [Self.requireNoEntry(of: id, in: group)] : [])
        + balances + members + categories + [
          "delete from imported_entries where group_id = \(group) and import_id = \(id)",
          "delete from imports where group_id = \(group) and id = \(id)",
        ] + heir + [
          """
          update groups set version = version + 1, first_sequence = sequence,
            last_number = case when \(part: isLast) then \(stored.lastNumber) else last_number end,
            removed_numbers = case when \(part: isLast)
              then removed_numbers - (last_number - \(stored.lastNumber)) else removed_numbers end
          where id = \(group)
          """
        ], in: write)
  }

  /// Returns the statement that fails while an import has an entry that counts: a member changed it during the undo.
  private static func requireNoEntry(of id: ID, in group: ID) -> SQL {
    """
    update imports set state = case
        when exists (select 1 \(part: entries(of: id, in: group)) and e.deleted_at is null) then 'changed' else state end
    where group_id = \(group) and id = \(id)
    """
  }

  /// Returns the statement by which the next import takes over the members and categories of one that is undone, and the
  /// number before it: when that import is undone too, they go with it.
  private func handOver(_ old: Stored, in group: ID) async throws -> [SQL] {
    let rows = try await database.read(
      """
      \(part: Self.columns) where i.group_id = \(group) and i.id > \(old.id) and i.state = 'done' order by i.id limit 1
      """)
    guard let next = try rows.first.map(Self.stored) else { return [] }
    return [
      """
      update imports set members = \(try JSON.text(of: old.members + next.members)),
        categories = \(try JSON.text(of: old.categories + next.categories)), last_number = case
          when exists (select 1 from entries e where e.group_id = \(group) and e.number > \(old.lastNumber)
            and not exists (select 1 from imported_entries m where m.group_id = e.group_id and m.entry_id = e.id))
          then last_number else \(old.lastNumber) end
      where group_id = \(group) and id = \(next.id)
      """
    ]
  }

  /// The condition that a member wrote nothing in a group.
  private static func isNoAuthor(_ member: ID, in group: ID) -> SQL {
    """
    not exists (select 1 from revisions a where a.group_id = \(group) and a.made_by = \(member))
      and not exists (select 1 from comments a where a.group_id = \(group) and a.created_by = \(member))
      and not exists (select 1 from invites a where a.group_id = \(group) and a.created_by = \(member))
      and not exists (select 1 from recurring a where a.group_id = \(group) and a.created_by = \(member))
      and not exists (select 1 from settlements a where a.group_id = \(group) and a.created_by = \(member))
      and not exists (select 1 from imports a where a.group_id = \(group) and a.created_by = \(member))
    """
  }

  /// The condition that no revision, rule, round or default split of a group has an id in its text.
  private static func isUnnamed(_ id: ID, in group: ID) -> SQL {
    let pattern = "%\(id)%"
    return """
      not exists (select 1 from revisions r where r.group_id = \(group) and r.content like \(pattern))
        and not exists (select 1 from recurring r where r.group_id = \(group) and r.template like \(pattern))
        and not exists (
          select 1 from settlement_payments s where s.group_id = \(group) and (s.from_id = \(id) or s.to_id = \(id)))
        and not exists (select 1 from settlements s where s.group_id = \(group) and s.kept like \(pattern))
        and not exists (select 1 from groups g where g.id = \(group) and g.default_split like \(pattern))
      """
  }
}
