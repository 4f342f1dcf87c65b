import KittyShared

/// A row of statistics as it is stored, with the entry that it is of.
struct StoredSpending: Sendable {
  let key: SpendingKey
  /// `nil` when a column cannot be what the program writes.
  let row: SpendingRow?
  /// The number of the entry; `nil` when the entry does not exist.
  let number: Int64?
  let isDeleted: Bool
  /// The content of the current version; `nil` when it does not exist.
  let content: String?
}

/// The key of a row of statistics.
struct SpendingKey: Sendable {
  let group: ID
  let month: Int64
  let category: ID
  let currency: String
  let entry: ID

  /// The key before those of all rows.
  static let first = SpendingKey(group: .first, month: .min, category: .first, currency: "", entry: .first)
}

extension AuditStore {
  /// Returns the entries whose rows of statistics are incomplete: without a first row, or with another number of rows than
  /// it says. No index has the entry alone, so nothing is looked up by it: a difference of sets and a sum are linear.
  func entriesWithoutSpending() async throws -> [(group: ID, entry: ID)] {
    try await database.read([
      """
      select group_id, id from entries where deleted_at is null and kind in ('expense', 'count')
      except select group_id, entry_id from spending where categories > 0
      """,
      """
      select s.group_id, s.entry_id from spending s group by s.group_id, s.entry_id
      having count(*) <> max(s.categories)
      """,
    ]).flatMap { $0 }.map { try $0.decode(ID.self, ID.self) }
  }

  /// Removes wrong rows of an entry, and writes all that it should have. An entry that is changed meanwhile gets its rows
  /// from that change.
  /// - Parameter wrong: The keys of its wrong rows, by which they are found without reading the rows of the group.
  func repairSpending(
    of entry: ID, in group: ID, removing wrong: [SpendingKey], _ write: WriteContext
  ) async throws {
    let found = try await database.read(
      """
      select e.version, e.deleted_at, r.content from entries e
      join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
      where e.group_id = \(group) and e.id = \(entry)
      """)
    guard let row = found.first else {
      let isLost: SQL = "not exists (select 1 from entries where group_id = \(group) and id = \(entry))"
      try await database.transact(wrong.map { SpendingStore.delete($0, where: isLost) }, in: write)
      return
    }
    let (version, deleted, text) = try row.decode(Int64.self, Int64?.self, String.self)
    let rows = deleted == nil ? try EntryContent(stored: text).spendingRows(group: group, entry: entry) : []
    let isSame: SQL =
      "exists (select 1 from entries where group_id = \(group) and id = \(entry) and version = \(version))"
    // The lock of the group lets no other request change the entry in between.
    try await database.transact(
      ["update groups set sequence = sequence where id = \(group)"]
        + wrong.map { SpendingStore.delete($0, where: isSame) }
        + rows.map { SpendingStore.write($0, of: entry, in: group, where: isSame) }, in: write)
  }

  /// Returns the rows of statistics that follow a key, in the order of their keys.
  func spending(after key: SpendingKey, limit: Int) async throws -> [StoredSpending] {
    try await database.read(
      """
      select s.group_id, s.month, s.category_id, s.currency, s.entry_id, s.date, s.kind, s.categories, s.tags,
        s.amount, e.number, e.deleted_at, r.content
      from (
        select * from spending where (group_id, month, category_id, currency, entry_id)
          > (\(key.group), \(key.month), \(key.category), \(key.currency), \(key.entry))
        order by group_id, month, category_id, currency, entry_id limit \(limit)
      ) s
      left join entries e on e.group_id = s.group_id and e.id = s.entry_id
      left join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
      order by s.group_id, s.month, s.category_id, s.currency, s.entry_id
      """
    ).map { row in
      let (
        group, month, category, currency, entry, date, kind, categories, tags, amount, number, deleted,
        content
      ) =
        try row.decode(
          ID.self, Int64.self, ID.self, String.self, ID.self, String.self, String.self, Int.self, String.self,
          Int64.self, Int64?.self, Int64?.self, String?.self)
      var stored: SpendingRow?
      if let day = Day(date), let kind = EntryContent.Kind(rawValue: kind),
        let known = Currency(code: currency), CalendarUnit.month.number(of: day) == month
      {
        stored = SpendingRow(
          category: category, day: day, kind: kind, categories: categories, tags: tags,
          amount: Amount(amount, known))
      }
      return StoredSpending(
        key: SpendingKey(group: group, month: month, category: category, currency: currency, entry: entry),
        row: stored, number: number, isDeleted: deleted != nil, content: content)
    }
  }
}
