import KittyShared

/// The rows of a group as an export needs them: as they are at one moment, however long the export takes and whatever is
/// written meanwhile. The head is one read. The entries are read page by page, up to the change that the head has seen,
/// so that a slow client holds no transaction open. Entries are only removed with an import that is undone or failed: each page
/// tells of it, and the export ends with an error, so that no file without them looks whole.
struct GroupExportStore: Sendable {
  let database: any Database
  /// The number of entries that are read at a time.
  var pageSize = 500
  /// The number of bytes of revisions and comments after which fewer are read at a time.
  var pageBytes = 4 * PageBytes.limit

  /// The facts that an export needs before its entries, and the change up to which it shows the group.
  struct Head: Sendable {
    /// The group without its entries.
    let file: GroupFile
    /// The number of the latest change in the change sequence.
    let sequence: Int64
    /// The number of its first change that is known.
    let firstSequence: Int64
    /// Every currency of the postings that count.
    let currencies: [Currency]
    /// The day of the first entry.
    let firstDay: Day?
    /// The entries that count, in the order of their days; `nil` for an export in the order of their numbers.
    let order: [ID]?
  }

  /// A moment of a group, after which nothing is exported.
  struct Moment: Sendable {
    /// The number of the latest change in the change sequence.
    let sequence: Int64
    /// The number of the latest entry.
    let lastNumber: Int64
    /// The number of the first change that is known: another one later means that entries were removed.
    let firstSequence: Int64
  }

  /// Returns the statement that tells whether entries of a group were removed. Read it together with them.
  private static func removals(in group: ID) -> SQL {
    "select first_sequence from groups where id = \(group)"
  }

  /// - Parameter rows: Those of the statement `removals`.
  /// - Throws: `Rejection` when entries were removed since a moment: with an import that was undone, for example.
  private static func requireNoRemoval(_ rows: [Row], since firstSequence: Int64) throws {
    guard try rows.first?.decode(Int64.self) == firstSequence else {
      throw Rejection.unavailable(
        "An import of the group was undone or failed while the file was made. Ask for the file again.",
        retryAfter: 1)
    }
  }

  /// Reads the head of a group.
  /// - Parameters:
  ///   - withRange: `true` to read the currencies and the first day, which takes time in a large group.
  ///   - inOrderOfDays: `true` to read the order of the days of its entries.
  /// - Throws: `Rejection` when the group does not exist.
  func head(of group: ID, withRange: Bool, inOrderOfDays: Bool = false) async throws -> Head {
    let range: [SQL] = [
      """
      select distinct p.currency from postings p
      where p.group_id = \(group) and p.revision = \(part: BalanceStore.version()) order by p.currency
      """,
      "select min(date) from entries where group_id = \(group) and deleted_at is null",
    ]
    let order: [SQL] = [
      "select id from entries where group_id = \(group) and deleted_at is null order by date, number"
    ]
    // One batch sees one moment.
    let rows = try await database.read(
      [
        """
        select name, currency, created_at, closed_until, last_number, own_entries_only, sequence,
          default_split, first_sequence from groups
        where id = \(group)
        """,
        """
        select id, name, weight, iban, created_at, removed_at, role from accounts
        where group_id = \(group) and kind = 'member' order by id
        """,
        """
        select account_id, currency, amount from targets where group_id = \(group)
        order by account_id, currency
        """,
        "\(part: CategoryStore.columns) where c.group_id = \(group) order by c.id",
        "\(part: RecurringStore.columns) where r.group_id = \(group) order by r.id",
        """
        select rule_id, k, date, state, reason, entry_id, at from occurrences
        where group_id = \(group) order by rule_id, k
        """,
      ] + SettlementStore.all(in: group) + (withRange ? range : []) + (inOrderOfDays ? order : []))
    guard let row = rows[0].first else { throw Rejection.notFound("group") }
    let (name, currency, created, closed, last, ownOnly, sequence, split, first) = try row.decode(
      String.self, Currency.self, Instant.self, Day?.self, Int64.self, Int.self, Int64.self, String?.self,
      Int64.self)
    var owner: ID?
    let members = try rows[1].map { row in
      let (id, name, weight, iban, created, removed, role) = try row.decode(
        ID.self, String.self, Int64.self, String?.self, Instant.self, Instant?.self, String.self)
      if role == Member.Role.owner.rawValue, removed == nil { owner = id }
      return GroupFile.FileMember(
        id: id, name: name, weight: weight, iban: iban, createdAt: created, removedAt: removed)
    }
    guard let owner else { throw DatabaseFailure.fault("group \(group) has no owner") }
    let targets = try rows[2].map { row in
      let (member, currency, amount) = try row.decode(ID.self, Currency.self, Int64.self)
      return GroupFile.FileTarget(member: member, currency: currency, amount: amount)
    }
    let rounds = try SettlementStore.rounds(rows[6], payments: rows[7])
    let file = GroupFile(
      name: name, currency: currency, createdAt: created, closedUntil: closed,
      ownEntriesOnly: ownOnly == 1 ? true : nil,
      defaultSplit: try split.map(SplitRule.init(stored:)), lastNumber: last, owner: owner, members: members,
      targets: targets,
      categories: try rows[3].map { GroupFile.FileCategory(try CategoryStore.category($0)) },
      recurring: try Self.rules(rows[4], days: rows[5]),
      settlements: rounds.isEmpty ? nil : rounds.reversed().map { $0.inFile(of: group) },
      entries: [])
    var (currencies, firstDay) = ([Currency](), Day?.none)
    if withRange {
      currencies = try rows[8].map { try $0.decode(Currency.self) }
      firstDay = try rows[9].first?.decode(Day?.self) ?? nil
    }
    return Head(
      file: file, sequence: sequence, firstSequence: first, currencies: currencies, firstDay: firstDay,
      order: try inOrderOfDays ? rows.last?.map { try $0.decode(ID.self) } : nil)
  }

  /// Returns the rules of a file; `nil` for a group without one, so that its file is the same as before there were any.
  private static func rules(_ rows: [Row], days: [Row]) throws -> [GroupFile.FileRecurring]? {
    guard !rows.isEmpty else { return nil }
    var occurrences: [ID: [Occurrence]] = [:]
    for row in days {
      occurrences[try row.decode(ID.self), default: []].append(
        try RecurringStore.occurrence(Row(columns: Array(row.columns.dropFirst()))))
    }
    return try rows.map { row in
      let row = try RecurringStore.row(row)
      return GroupFile.FileRecurring(
        row.rule, next: row.nextNumber,
        series: row.turns.key.isEmpty ? nil : .init(key: row.turns.key, turns: row.turns.turns),
        occurrences: occurrences[row.rule.id] ?? [])
    }
  }

  /// Returns some entries with their last revision that the head has seen, in the order of their ids in `ids`.
  /// - Throws: `Rejection` when entries were removed since.
  func lastRevisions(of ids: some Collection<ID>, in group: ID, _ head: Head) async throws
    -> [GroupFile.FileEntry]
  {
    let list: [SQL] = ids.map { "\($0)" }
    let read = try await database.read([
      Self.removals(in: group),
      """
      select e.id, e.number, r.action, r.made_by, r.made_at, r.content from entries e
      join revisions r on r.group_id = e.group_id and r.entry_id = e.id
      where e.group_id = \(group) and e.id in (\(list: list)) and r.revision = (
        select max(l.revision) from revisions l
        where l.group_id = e.group_id and l.entry_id = e.id and l.sequence <= \(head.sequence))
      """,
    ])
    try Self.requireNoRemoval(read[0], since: head.firstSequence)
    var entries: [ID: GroupFile.FileEntry] = [:]
    for row in read[1] {
      let (id, number, action, by, at, content) = try row.decode(
        ID.self, Int64.self, String.self, ID.self, Instant.self, String.self)
      entries[id] = .init(
        id: id, number: number, revisions: [try Self.revision(action, by, at, content, after: nil)],
        comments: [])
    }
    return ids.compactMap { entries[$0] }
  }

  private static func revision(
    _ action: String, _ by: ID, _ at: Instant, _ content: String, after before: EntryContent?
  ) throws -> GroupFile.FileRevision {
    let stored = try EntryContent(stored: content)
    return GroupFile.FileRevision(
      action: try Revision.Action(stored: action, stored, after: before), by: by, at: at, content: stored)
  }

  /// Returns the entries with numbers above `after`, in the order of their numbers, each with the revisions and comments
  /// up to a moment: at most `pageSize` of them, and those that begin within `pageBytes`.
  /// - Parameter member: A member, for the entries in which they take part, that they entered or changed, or on which they
  ///   commented, with their comments alone; `nil` for all entries.
  /// - Throws: `Rejection` when entries were removed since the moment.
  func entries(
    of group: ID, upTo moment: Moment, after: Int64, concerning member: ID? = nil
  ) async throws -> [GroupFile.FileEntry] {
    let concerned: SQL = member.map { Self.concerning($0) } ?? ""
    let own: SQL = member.map { "and created_by = \($0)" } ?? ""
    let found = try await database.read([
      Self.removals(in: group),
      """
      select page.id, page.number from (
        select page.*,
          sum(page.size) over (order by page.number rows unbounded preceding) - page.size as size_before
        from (
          select e.id, e.number,
            (select coalesce(sum(octet_length(r.content)), 0) from revisions r
             where r.group_id = e.group_id and r.entry_id = e.id)
            + (select coalesce(sum(octet_length(c.text)), 0) from comments c
               where c.group_id = e.group_id and c.entry_id = e.id) as size
          from entries e
          where e.group_id = \(group) and e.number > \(after) and e.number <= \(moment.lastNumber)
            \(part: concerned)
          order by e.number limit \(pageSize)
        ) page
      ) page
      where page.size_before < \(pageBytes) order by page.number
      """,
    ])
    try Self.requireNoRemoval(found[0], since: moment.firstSequence)
    let page = try found[1].map { try $0.decode(ID.self, Int64.self) }
    guard !page.isEmpty else { return [] }
    let ids: [SQL] = page.map { "\($0.0)" }
    let rows = try await database.read([
      """
      select entry_id, action, made_by, made_at, content from revisions
      where group_id = \(group) and entry_id in (\(list: ids)) and sequence <= \(moment.sequence)
      order by entry_id, revision
      """,
      """
      select entry_id, id, text, created_by, created_at from comments
      where group_id = \(group) and entry_id in (\(list: ids)) and sequence <= \(moment.sequence)
        \(part: own)
      order by entry_id, id
      """,
      Self.removals(in: group),
    ])
    try Self.requireNoRemoval(rows[2], since: moment.firstSequence)
    var revisions: [ID: [GroupFile.FileRevision]] = [:]
    for row in rows[0] {
      let (entry, action, by, at, content) = try row.decode(
        ID.self, String.self, ID.self, Instant.self, String.self)
      let before = revisions[entry]?.last?.content
      revisions[entry, default: []].append(try Self.revision(action, by, at, content, after: before))
    }
    var comments: [ID: [GroupFile.FileComment]] = [:]
    for row in rows[1] {
      let (entry, id, text, by, at) = try row.decode(ID.self, ID.self, String.self, ID.self, Instant.self)
      comments[entry, default: []].append(.init(id: id, text: text, by: by, at: at))
    }
    return page.map { id, number in
      GroupFile.FileEntry(
        id: id, number: number, revisions: revisions[id] ?? [], comments: comments[id] ?? [])
    }
  }
}

extension GroupExportStore.Head {
  /// The moment of the export.
  var moment: GroupExportStore.Moment {
    .init(sequence: sequence, lastNumber: file.lastNumber, firstSequence: firstSequence)
  }
}

extension GroupExportStore {
  /// The condition that an entry `e` concerns a member.
  private static func concerning(_ member: ID) -> SQL {
    """
    and (exists (select 1 from postings p where p.group_id = e.group_id and p.entry_id = e.id and p.account_id = \(member))
      or exists (select 1 from revisions r where r.group_id = e.group_id and r.entry_id = e.id and r.made_by = \(member))
      or exists (select 1 from comments c where c.group_id = e.group_id and c.entry_id = e.id and c.created_by = \(member)))
    """
  }
}

extension SettlementStore.Stored {
  /// Returns the round as a file has it.
  fileprivate func inFile(of group: ID) -> GroupFile.FileRound {
    GroupFile.FileRound(
      id: id, by: createdBy, at: createdAt, endedAt: endedAt, methods: methods, keeps: keeps,
      payments: payments.map {
        .init(
          from: LedgerAccount($0.from, in: group), to: LedgerAccount($0.to, in: group), amount: $0.amount,
          currency: $0.currency, entry: $0.entry)
      })
  }
}
