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
      "select \(part: Self.columns) \(part: Self.source) where e.group_id = \(group) and \(part: condition)"
    ).first.map(Self.entry)
  }

  /// Returns entries by their ids, in the order of their numbers.
  func find(_ ids: [ID], in group: ID) async throws -> [Entry] {
    try await database.read(Self.entries(ids, in: group)).map(Self.entry)
  }

  /// Returns the query for entries by their ids.
  static func entries(_ ids: [ID], in group: ID) -> SQL {
    let ids: [SQL] = ids.map { "\($0)" }
    return """
      select \(part: columns) \(part: source)
      where e.group_id = \(group) and e.id in (\(list: ids)) order by e.number
      """
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
  /// - Parameters:
  ///   - before: The day and the number of the last entry on the previous page.
  ///   - totals: `true` to add up all entries of the list, also those of other pages.
  func list(
    in group: ID, _ filter: EntryFilter, limit: Int, before: FoundPlace?, totals: Bool = false
  ) async throws -> (page: ListPage<Entry>, totals: EntryTotals?) {
    let search = EntrySearch(filter, in: group, on: self)
    var statements = [
      ChangeSequence.of(group),
      page(search.entries(limit: limit, before: before), by: .latestDay, limit: limit),
    ]
    if totals { statements.append(search.totals) }
    let rows = try await database.read(statements)
    let page = ListPage(
      items: try rows[1].map(Self.entry), sequence: try ChangeSequence(rows[0]).now,
      isCut: try Self.isCut(rows[1]))
    return (page, totals ? try EntrySearch.totals(rows[2]) : nil)
  }

  /// Returns the entries that changed after a number of the change sequence, also deleted ones, in the order of their
  /// latest changes.
  /// - Parameter kinds: The kinds of entries; all kinds when empty.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(
    in group: ID, _ kinds: Set<EntryContent.Kind>, since start: Int64, limit: Int
  ) async throws -> ChangeSet<Entry> {
    let conditions = EntrySearch.narrowed("e.group_id = \(group) and e.sequence > \(start)", to: kinds)
    let rows = try await database.read([
      ChangeSequence.of(group),
      page(EntrySource(conditions: conditions), by: .sequence, limit: limit),
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    return ChangeSet(
      items: try rows[1].map { (try Self.entry($0), try $0.last(Int64.self)) }, sequence: sequence.now,
      isCut: try Self.isCut(rows[1]))
  }

  /// Returns the query for the first entries of a list whose contents begin within the bytes of a page. Their sizes are
  /// added up before their contents are read. The rows have the number of entries that were found as well.
  private func page(_ entries: EntrySource, by order: Order, limit: Int) -> SQL {
    """
    \(part: entries.with)
    select page.id, page.number,
      (select r.content from revisions r
        where r.group_id = page.group_id and r.entry_id = page.id and r.revision = page.version),
      page.created_by, page.created_at, page.changed_at, page.deleted_at,
      page.version,
      (select count(*) from comments c where c.group_id = page.group_id and c.entry_id = page.id),
      page.found, page.sequence
    from (
      select page.*, count(*) over () as found,
        sum(page.size) over (order by \(part: order.ofPage) rows unbounded preceding) - page.size as size_before
      from (
        select e.group_id, e.id, e.number, e.date, e.created_by, e.created_at, e.changed_at, e.deleted_at,
          e.version, e.sequence, \(Self.fixedSize) + octet_length(\(part: Self.content)) as size
        \(part: entries.source) where \(part: entries.conditions) order by \(part: order.ofEntries) limit \(limit)
      ) page
    ) page
    where page.size_before < \(pageBytes) order by \(part: order.ofPage)
    """
  }

  /// The order of a list of entries.
  private enum Order {
    case latestDay, sequence

    var ofEntries: SQL {
      switch self {
      case .latestDay: "e.date desc, e.number desc"
      case .sequence: "e.sequence"
      }
    }

    /// The same order of what was found.
    var ofPage: SQL {
      switch self {
      case .latestDay: "page.date desc, page.number desc"
      case .sequence: "page.sequence"
      }
    }
  }

  /// The size of an entry without its content.
  static let fixedSize = 400

  /// Returns `true` when more entries were found than the rows of a page have.
  private static func isCut(_ rows: [Row]) throws -> Bool {
    guard let row = rows.first else { return false }
    // The column before the last one.
    guard let found = Int(column: row.columns[row.columns.count - 2]) else {
      throw DatabaseFailure.fault("the number of entries is missing")
    }
    return found > rows.count
  }

  /// Returns revisions of an entry, oldest first: at least one, if there is one, and as many as begin within half of the
  /// bytes of a page, since a history shows each content twice.
  /// - Parameter after: The revision before the first one; 0 for the first page.
  /// - Returns: The content before the first one, the revisions, and `true` when more follow.
  func revisions(
    of entry: ID, in group: ID, after: Int64, limit: Int
  ) async throws -> (before: EntryContent?, revisions: [GroupFile.FileRevision], isMore: Bool) {
    let base = after > 0 ? 1 : 0
    let rows = try await database.read(
      """
      select r.action, r.made_by, r.made_at, r.content, page.found
      from (
        select page.*, count(*) over () as found,
          sum(page.size) over (order by page.revision rows unbounded preceding) - page.size as size_before
        from (
          select group_id, entry_id, revision, octet_length(content) as size from revisions
          where group_id = \(group) and entry_id = \(entry) and revision >= \(after)
          order by revision limit \(limit + 1 + base)
        ) page
      ) page
      join revisions r
        on r.group_id = page.group_id and r.entry_id = page.entry_id and r.revision = page.revision
      where page.size_before < \(pageBytes / 2) or page.revision <= \(after + 1)
      order by r.revision
      """)
    var last: EntryContent?
    let listed = try rows.map { row in
      let (action, by, at, content, found) = try row.decode(
        String.self, ID.self, Instant.self, String.self, Int.self)
      let stored = try EntryContent(stored: content)
      let revision = GroupFile.FileRevision(
        action: try Revision.Action(stored: action, stored, after: last), by: by, at: at, content: stored)
      last = stored
      return (revision: revision, found: found)
    }
    let shown = listed.dropFirst(base).prefix(limit)
    return (
      before: after > 0 ? listed.first?.revision.content : nil, revisions: shown.map { $0.revision },
      isMore: listed.first.map { $0.found > shown.count + base } ?? false
    )
  }

  private static let columns: SQL = """
    e.id, e.number, \(part: content), e.created_by, e.created_at, e.changed_at, e.deleted_at, e.version,
      (select count(*) from comments c where c.group_id = e.group_id and c.entry_id = e.id)
    """

  /// The content of an entry (`e`). A subquery for one value always uses the whole key, whatever the statistics of the
  /// database say; a join may compare each entry with each revision.
  static let content: SQL = """
    (select r.content from revisions r
      where r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version)
    """

  private static let source: SQL = """
    from entries e
    """

  /// Returns an expense with the refunds of it that count.
  /// - Parameter other: The refund that is left out.
  func refunds(of expense: ID, without other: ID?, in group: ID) async throws -> RefundedExpense? {
    let refunds: SQL = """
      e.group_id = \(group) and e.refund_of = \(expense) and e.deleted_at is null and e.id <> \(other ?? ID.first)
      """
    let rows = try await database.read([
      "select \(part: Self.columns) \(part: Self.source) where e.group_id = \(group) and e.id = \(expense)",
      "select \(part: Self.columns) \(part: Self.source) where \(part: refunds) order by e.number",
      "select count(*), coalesce(max(e.sequence), 0) \(part: Self.source) where \(part: refunds)",
    ])
    guard let found = try rows[0].first.map(Self.entry) else { return nil }
    let (count, latest) = try rows[2][0].decode(Int64.self, Int64.self)
    return RefundedExpense(
      expense: found, refunds: try rows[1].map { try Self.entry($0).content },
      state: .init(count: count, latest: latest))
  }

  /// Returns `true` when an expense has refunds that count.
  func hasRefunds(_ expense: ID, in group: ID) async throws -> Bool {
    try await !database.read(
      """
      select 1 from entries e where e.group_id = \(group) and e.refund_of = \(expense) and e.deleted_at is null limit 1
      """
    ).isEmpty
  }

  /// Returns the first count after each place among the entries.
  /// - Parameter other: The entry that is left out.
  func counts(
    after places: [EntryRevision.NextCount.Place], without other: ID, in group: ID
  ) async throws -> [Entry?] {
    try await database.read(
      places.map { place in
        """
        select \(part: Self.columns) \(part: Self.source)
        where \(part: EntryGuards.CountFollows.condition(after: place, without: other, in: group))
        """
      }
    ).map { try $0.first.map(Self.entry) }
  }

  static func entry(_ row: Row) throws -> Entry {
    let (id, number, content, author, created, changed, deleted, version, comments) = try row.decode(
      ID.self, Int64.self, String.self, ID.self, Instant.self, Instant.self, Instant?.self, Int64.self,
      Int.self)
    return Entry(
      id: id, number: number, content: try EntryContent(stored: content), createdBy: author,
      createdAt: created, changedAt: changed, deletedAt: deleted, commentCount: comments, version: version)
  }
}
