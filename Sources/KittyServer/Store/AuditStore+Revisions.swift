import KittyShared

/// The key of a revision. An imported group has the entry ids of the group that it came from, so the group is a part.
struct RevisionKey: Hashable, Sendable {
  let group: ID
  let entry: ID
  let revision: Int64

  /// The key before those of all revisions.
  static let first = RevisionKey(group: .first, entry: .first, revision: 0)
}

/// A revision as it is stored, with its postings: nothing is decoded, because the audit must also report rows that cannot
/// be decoded.
struct StoredRevision: Sendable {
  let key: RevisionKey
  let action: String
  /// The time of the revision: milliseconds since 1970.
  let time: Int64
  /// The number of postings that the revision had when it was written.
  let postingCount: Int64
  let content: String
  /// The number of the entry; `nil` when the entry does not exist.
  let number: Int64?
  let postings: [StoredPosting]
  /// The row of the entry, when this is its current revision: kind, description, amount, currency, date, time of the
  /// change, time of the deletion, refunded expense.
  let entry: [SQL.Value]?
  /// The receipts whose files the server has, when this is its current revision.
  let receipts: [Receipt]
}

/// A posting as it is stored.
struct StoredPosting: Equatable, Sendable {
  let account: String
  let kind: String
  let currency: String
  let amount: Int64
}

extension AuditStore {
  /// Returns the revisions that follow a key, in the order of their keys.
  func revisions(after key: RevisionKey, limit: Int) async throws -> [StoredRevision] {
    let page: SQL = """
      select * from revisions
      where (group_id, entry_id, revision) > (\(key.group), \(key.entry), \(key.revision))
      order by group_id, entry_id, revision limit \(limit)
      """
    let rows = try await database.read(Self.statements(page))
    var postings: [RevisionKey: [StoredPosting]] = [:]
    for row in rows[1] {
      let (_, _, _, account, kind, currency, amount) = try row.decode(
        ID.self, ID.self, Int64.self, String.self, String.self, String.self, Int64.self)
      postings[try RevisionKey(row), default: []].append(
        StoredPosting(account: account, kind: kind, currency: currency, amount: amount))
    }
    var entries: [RevisionKey: [SQL.Value]] = [:]
    for row in rows[2] { entries[try RevisionKey(row)] = Array(row.columns.dropFirst(3)) }
    var receipts: [RevisionKey: [Receipt]] = [:]
    for row in rows[3] {
      receipts[try RevisionKey(row), default: []].append(
        try ReceiptStore.receipt(Row(columns: Array(row.columns.dropFirst(3)))))
    }
    return try rows[0].map { row in
      let key = try RevisionKey(row)
      let (_, _, _, action, time, count, content, number) = try row.decode(
        ID.self, ID.self, Int64.self, String.self, Int64.self, Int64.self, String.self, Int64?.self)
      return StoredRevision(
        key: key, action: action, time: time, postingCount: count, content: content, number: number,
        postings: postings[key] ?? [], entry: entries[key], receipts: receipts[key] ?? [])
    }
  }

  /// The statements that read a page of revisions with all that belongs to them.
  private static func statements(_ page: SQL) -> [SQL] {
    [
      """
      select r.group_id, r.entry_id, r.revision, r.action, r.made_at, r.lines, r.content, e.number
      from (\(part: page)) r left join entries e on e.group_id = r.group_id and e.id = r.entry_id
      order by r.group_id, r.entry_id, r.revision
      """,
      """
      select p.group_id, p.entry_id, p.revision, p.account_id, p.kind, p.currency, p.amount
      from (\(part: page)) r join postings p
        on p.group_id = r.group_id and p.entry_id = r.entry_id and p.revision = r.revision
      order by p.group_id, p.entry_id, p.revision, p.line
      """,
      """
      select e.group_id, e.id, e.version, e.kind, e.description, e.amount, e.currency, e.date, e.changed_at,
        e.deleted_at, e.refund_of
      from (\(part: page)) r join entries e
        on e.group_id = r.group_id and e.id = r.entry_id and e.version = r.revision
      """,
      """
      select e.group_id, e.id, e.version, f.number, f.name, f.type, f.bytes, f.hash
      from (\(part: page)) r join entries e
        on e.group_id = r.group_id and e.id = r.entry_id and e.version = r.revision
      join entry_receipts f on f.group_id = e.group_id and f.entry_id = e.id
      order by e.group_id, e.id, f.number
      """,
    ]
  }
}

extension RevisionKey {
  /// Decodes the first three columns of a row.
  fileprivate init(_ row: Row) throws {
    let (group, entry, revision) = try Row(columns: Array(row.columns.prefix(3))).decode(
      ID.self, ID.self, Int64.self)
    self.init(group: group, entry: entry, revision: revision)
  }
}
