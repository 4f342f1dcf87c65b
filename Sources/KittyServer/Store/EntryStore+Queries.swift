import KittyShared

extension EntryStore {
  /// Returns an entry, also a deleted one.
  func find(_ key: EntryKey, in group: ID) async throws -> Entry? {
    let condition: SQL =
      switch key {
      case .id(let id): "e.id = \(id)"
      case .number(let number): "e.number = \(number)"
      }
    return try await database.read(
      "\(part: Self.columns) where e.group_id = \(group) and \(part: condition)"
    ).first.map(Self.entry)
  }

  /// Returns the first version of an entry, as the request that created it was answered.
  func asEntered(_ entry: ID, in group: ID) async throws -> Entry? {
    try await database.read(
      """
      select e.number, r.content, r.made_by, r.made_at from entries e
      join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = 1
      where e.group_id = \(group) and e.id = \(entry)
      """
    ).first.map { row in
      let (number, content, by, at) = try row.decode(Int64.self, String.self, ID.self, Instant.self)
      return Entry(
        id: entry, number: number, content: try EntryContent(stored: content), createdBy: by, createdAt: at,
        changedAt: at, deletedAt: nil, commentCount: 0, version: 1)
    }
  }

  /// Returns a page of entries: the latest day first and, within a day, the highest number first.
  /// - Parameter before: The day and the number of the last entry on the previous page.
  func list(
    in group: ID, _ filter: EntryFilter, limit: Int, before: (date: Day, number: Int64)?
  ) async throws -> ListPage<Entry> {
    let (date, number) = before ?? (Day.last, Int64.max)
    var conditions: SQL = "e.group_id = \(group) and (e.date, e.number) < (\(date), \(number))"
    conditions = Self.narrowed(conditions, to: filter.kinds)
    if !filter.deleted { conditions = "\(part: conditions) and e.deleted_at is null" }
    if let from = filter.from { conditions = "\(part: conditions) and e.date >= \(from)" }
    if let to = filter.to { conditions = "\(part: conditions) and e.date <= \(to)" }
    if let account = filter.account {
      conditions = """
        \(part: conditions) and exists (
          select 1 from postings p where p.group_id = e.group_id and p.entry_id = e.id
            and p.revision = e.version and p.account_id = \(account))
        """
    }
    let rows = try await database.read([
      ChangeSequence.of(group),
      "\(part: Self.columns) where \(part: conditions) order by e.date desc, e.number desc limit \(limit)",
    ])
    return ListPage(items: try rows[1].map(Self.entry), sequence: try ChangeSequence(rows[0]).now)
  }

  /// Returns the entries that changed after a number of the change sequence, also deleted ones, in the order of their
  /// latest changes.
  /// - Parameter kinds: The kinds of entries; all kinds when empty.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(
    in group: ID, _ kinds: Set<EntryContent.Kind>, since start: Int64, limit: Int
  ) async throws -> ChangeSet<Entry> {
    let conditions = Self.narrowed("e.group_id = \(group) and e.sequence > \(start)", to: kinds)
    let rows = try await database.read([
      ChangeSequence.of(group),
      "\(part: Self.columns) where \(part: conditions) order by e.sequence limit \(limit)",
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    return ChangeSet(
      items: try rows[1].map { (try Self.entry($0), try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  private static func narrowed(_ conditions: SQL, to kinds: Set<EntryContent.Kind>) -> SQL {
    guard !kinds.isEmpty else { return conditions }
    let names = kinds.map(\.rawValue).sorted().map { "\($0)" as SQL }
    // The partial indexes of all other kinds have this very condition.
    let others: SQL = kinds.contains(.expense) ? "" : " and e.kind <> 'expense'"
    return "\(part: conditions)\(part: others) and e.kind in (\(list: names))"
  }

  /// Returns the revisions of an entry, oldest first.
  func revisions(of entry: ID, in group: ID) async throws -> [GroupFile.FileRevision] {
    try await database.read(
      """
      select action, made_by, made_at, content from revisions
      where group_id = \(group) and entry_id = \(entry) order by revision
      """
    ).map { row in
      let (action, by, at, content) = try row.decode(String.self, ID.self, Instant.self, String.self)
      return GroupFile.FileRevision(
        action: try Revision.Action(stored: action), by: by, at: at,
        content: try EntryContent(stored: content))
    }
  }

  private static let columns: SQL = """
    select e.id, e.number, r.content, e.created_by, e.created_at, e.changed_at, e.deleted_at, e.version,
      (select count(*) from comments c where c.group_id = e.group_id and c.entry_id = e.id), e.sequence
    from entries e
    join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
    """

  private static func entry(_ row: Row) throws -> Entry {
    let (id, number, content, author, created, changed, deleted, version, comments) = try row.decode(
      ID.self, Int64.self, String.self, ID.self, Instant.self, Instant.self, Instant?.self, Int64.self,
      Int.self)
    return Entry(
      id: id, number: number, content: try EntryContent(stored: content), createdBy: author,
      createdAt: created, changedAt: changed, deletedAt: deleted, commentCount: comments, version: version)
  }
}
