import KittyShared

/// The queries of an audit: each returns rows that contradict other rows.
struct AuditStore: Sendable {
  let database: any Database

  /// A row that refers to a row that does not exist, or several such rows.
  struct Orphans: Sendable {
    let group: ID
    /// The id of the row that they refer to, or of its entry.
    let id: ID
    let count: Int64
  }

  /// Returns the groups that are being imported or purged in several transactions: they are not complete.
  func incomplete() async throws -> Set<ID> {
    Set(
      try await database.read(
        "select id from groups where importing is not null or deleted_at = \(GroupPurge.mark)"
      ).map { try $0.decode(ID.self) })
  }

  /// Rows without the row that they belong to.
  struct LostRows: Sendable {
    let revisionsWithoutEntry: [Orphans]
    let postingsWithoutRevision: [Orphans]
    let balancesWithoutAccount: [Orphans]
    let postingsWithoutAccount: [Orphans]
    /// Categories that are not removed, and are below one that is lost, removed or not on the upper level.
    let categoriesWithoutParent: [Orphans]
    /// Expenses that are not there, and have refunds that count.
    let refundsWithoutExpense: [Orphans]
    /// Accounts that are not there, and have payments in settling rounds.
    let roundsWithoutAccount: [Orphans]
    /// Entries that are not deleted, and have categories that do not exist or are removed.
    let entriesWithoutCategory: [Orphans]
    /// Rules with booked days whose entries are lost.
    let rulesWithoutEntry: [Orphans]
    /// Rules that have not recorded each number before the next one, or have recorded later ones.
    let rulesWithGaps: [Orphans]
  }

  /// Returns the rows that refer to rows that do not exist. The keys of the database prevent them, unless a file is
  /// damaged or the database was changed by hand.
  func lostRows() async throws -> LostRows {
    let rows = try await database.read(Self.lost).map { rows in
      try rows.map { row in
        let (group, id, count) = try row.decode(ID.self, ID.self, Int64.self)
        return Orphans(group: group, id: id, count: count)
      }
    }
    return LostRows(
      revisionsWithoutEntry: rows[0], postingsWithoutRevision: rows[1], balancesWithoutAccount: rows[2],
      postingsWithoutAccount: rows[3], categoriesWithoutParent: rows[5],
      refundsWithoutExpense: rows[8], roundsWithoutAccount: rows[9], entriesWithoutCategory: rows[4],
      rulesWithoutEntry: rows[6], rulesWithGaps: rows[7])
  }

  private static let lost: [SQL] = [
    """
    select r.group_id, r.entry_id, count(*) from revisions r
    left join entries e on e.group_id = r.group_id and e.id = r.entry_id
    where e.id is null group by r.group_id, r.entry_id
    """,
    """
    select p.group_id, p.entry_id, count(*) from postings p
    left join revisions r on r.group_id = p.group_id and r.entry_id = p.entry_id and r.revision = p.revision
    where r.entry_id is null group by p.group_id, p.entry_id
    """,
    """
    select b.group_id, b.account_id, count(*) from balances b
    left join accounts a on a.group_id = b.group_id and a.id = b.account_id
    where a.id is null group by b.group_id, b.account_id
    """,
    """
    select p.group_id, p.account_id, count(*) from postings p
    left join accounts a on a.group_id = p.group_id and a.id = p.account_id
    where a.id is null group by p.group_id, p.account_id
    """,
    """
    select l.group_id, l.entry_id, count(*) from entry_categories l
    join entries e on e.group_id = l.group_id and e.id = l.entry_id and e.deleted_at is null
    left join categories c on c.group_id = l.group_id and c.id = l.category_id and c.removed_at is null
    where c.id is null group by l.group_id, l.entry_id
    """,
    """
    select c.group_id, c.id, count(*) from categories c
    left join categories p on p.group_id = c.group_id and p.id = c.parent_id and p.parent_id is null
      and p.removed_at is null
    where c.parent_id is not null and c.removed_at is null and p.id is null group by c.group_id, c.id
    """,
    """
    select o.group_id, o.rule_id, count(*) from occurrences o
    left join entries e on e.group_id = o.group_id and e.id = o.entry_id
    where o.state = 'booked' and e.id is null group by o.group_id, o.rule_id
    """,
    """
    select r.group_id, r.id, r.next_k - count(o.k) from recurring r
    left join occurrences o on o.group_id = r.group_id and o.rule_id = r.id
    group by r.group_id, r.id, r.next_k
    having count(o.k) <> r.next_k or coalesce(max(o.k), -1) <> r.next_k - 1
    """,
    """
    select r.group_id, r.refund_of, count(*) from entries r
    left join entries e on e.group_id = r.group_id and e.id = r.refund_of and e.deleted_at is null
    where r.refund_of is not null and r.deleted_at is null and e.id is null group by r.group_id, r.refund_of
    """,
    """
    select x.group_id, x.id, count(*) from (
      select group_id, from_id as id from settlement_payments
      union all select group_id, to_id from settlement_payments
    ) x
    left join accounts a on a.group_id = x.group_id and a.id = x.id
    where a.id is null group by x.group_id, x.id
    """,
  ]

  /// Numbers that contradict each other.
  struct WrongNumbers: Sendable {
    /// Groups with an entry above their last number.
    let entriesAboveLast: [(group: ID, last: Int64, highest: Int64)]
    /// Entries with another number of revisions than their version.
    let versionsWithoutRevisions: [(group: ID, number: Int64, version: Int64, count: Int64)]
    /// Groups with an entry above their change sequence.
    let changesAboveSequence: [(group: ID, sequence: Int64, highest: Int64)]
  }

  /// Returns the numbers of entries, versions and changes that contradict each other.
  func wrongNumbers() async throws -> WrongNumbers {
    let rows = try await database.read([
      """
      select g.id, g.last_number, coalesce(max(e.number), 0) from groups g
      join entries e on e.group_id = g.id group by g.id, g.last_number
      having max(e.number) > g.last_number
      """,
      """
      select e.group_id, e.number, e.version, count(r.revision) from entries e
      left join revisions r on r.group_id = e.group_id and r.entry_id = e.id
      group by e.group_id, e.id, e.number, e.version
      having count(r.revision) <> e.version or max(r.revision) <> e.version
      """,
      """
      select g.id, g.sequence, max(e.sequence) from groups g join entries e on e.group_id = g.id
      group by g.id, g.sequence having max(e.sequence) > g.sequence
      """,
    ])
    return WrongNumbers(
      entriesAboveLast: try rows[0].map { try $0.decode(ID.self, Int64.self, Int64.self) },
      versionsWithoutRevisions: try rows[1].map {
        try $0.decode(ID.self, Int64.self, Int64.self, Int64.self)
      },
      changesAboveSequence: try rows[2].map { try $0.decode(ID.self, Int64.self, Int64.self) })
  }

  /// Numbers of a group that no entry has.
  struct Gap: Sendable {
    let group: ID
    let count: Int64
    /// The lowest missing number.
    let first: Int64
    /// `true` if the group was imported: the file may have left numbers out.
    let isImported: Bool
  }

  /// Returns the groups in which numbers up to the last one have no entry.
  func gaps() async throws -> [Gap] {
    // Numbers whose entries were removed with an import are known to be free.
    // A group and its kitty are created at the same time; only an import sets the time of the group back.
    let rows = try await database.read(
      """
      select g.id, g.last_number - g.removed_numbers - count(e.number), case when a.created_at = g.created_at then 0 else 1 end
      from groups g join accounts a on a.group_id = g.id and a.id = g.id
      left join entries e on e.group_id = g.id and e.number between 1 and g.last_number
      group by g.id, g.last_number, g.removed_numbers, g.created_at, a.created_at
      having count(e.number) < g.last_number - g.removed_numbers
      """)
    var gaps: [Gap] = []
    for row in rows {
      let (group, count, isImported) = try row.decode(ID.self, Int64.self, Int64.self)
      let first = try await database.read(
        """
        select min(n.number) + 1 from (
          select 0 as number union all select number from entries where group_id = \(group)) n
        where not exists (select 1 from entries e where e.group_id = \(group) and e.number = n.number + 1)
        """)
      gaps.append(
        Gap(
          group: group, count: count, first: try first.first?.decode(Int64.self) ?? 1,
          isImported: isImported != 0))
    }
    return gaps
  }

  /// Returns the hashes of the receipts that entries have, each with its type, and of those that a job is about to remove.
  func receiptHashes() async throws -> (used: [String: String], toRemove: Set<String>) {
    let rows = try await database.read([
      "select hash, min(type) from entry_receipts group by hash",
      "select payload from jobs where kind = \(Job.Kind.removeReceipt.rawValue)",
    ])
    return (
      Dictionary(
        try rows[0].map { try $0.decode(String.self, String.self) }, uniquingKeysWith: { first, _ in first }),
      Set(try rows[1].map { try $0.decode(String.self) })
    )
  }

  /// Returns the groups that were imported: their receipts may be without files.
  func importedGroups() async throws -> Set<ID> {
    // Numbers whose entries were removed with an import are known to be free.
    // A group and its kitty are created at the same time; only an import sets the time of the group back.
    Set(
      try await database.read(
        """
        select g.id from groups g join accounts a on a.group_id = g.id and a.id = g.id
        where a.created_at <> g.created_at
        """
      ).map { try $0.decode(ID.self) })
  }

  /// Returns the hashes of the photos that users and groups have, and of those that a job is about to remove.
  func photoHashes() async throws -> (used: Set<String>, toRemove: Set<String>) {
    let rows = try await database.read([
      """
      select photo_hash from users where photo_hash is not null
      union select photo_hash from groups where photo_hash is not null
      """,
      "select payload from jobs where kind = \(Job.Kind.removePhoto.rawValue)",
    ])
    return (
      Set(try rows[0].map { try $0.decode(String.self) }), Set(try rows[1].map { try $0.decode(String.self) })
    )
  }
}
