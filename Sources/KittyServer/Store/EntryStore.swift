import FoundationEssentials
import KittyShared

/// Entries, their revisions and their postings as rows.
struct EntryStore: Sendable {
  let database: any Database

  /// Writes a new entry, its postings and the running totals: all or nothing, one round trip.
  /// - Returns: The entry.
  /// - Throws: `Rejection` when the id is taken, the totals would overflow, or the group changed meanwhile.
  func insert(_ write: EntryWrite) async throws -> Entry {
    let content = write.content
    let rows = try await write.transact(
      on: database,
      // Takes the next number, and holds the group's row: entries of one group follow each other.
      lock:
        "update groups set last_number = last_number + 1, sequence = sequence + 1 where id = \(write.group)",
      header: """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at, sequence)
        select id, \(write.entry), last_number, \(content.kind.rawValue), \(content.description),
          \(content.amount), \(content.currency), \(content.date), \(write.by), \(write.at), \(write.at), sequence
        from groups where id = \(write.group)
        returning number
        """)
    guard let row = rows.first else { throw EntryWrite.changedMeanwhile }
    return Entry(
      id: write.entry, number: try row.decode(Int64.self), content: content, createdBy: write.by,
      createdAt: write.at, changedAt: write.at, deletedAt: nil, commentCount: 0, version: 1)
  }

  /// Writes the next revision of an entry.
  /// - Returns: The entry as it is now.
  /// - Throws: `Rejection`: 412, with the version there is now, when somebody else wrote that revision first.
  func revise(_ old: Entry, _ write: EntryWrite) async throws -> Entry {
    let content = write.content
    let deleted: Instant? = write.action == .deleted ? write.at : nil
    do {
      _ = try await write.transact(
        on: database, lock: MemberStore.lock(write.group),
        header: """
          update entries set version = \(write.version), kind = \(content.kind.rawValue),
            description = \(content.description), amount = \(content.amount), currency = \(content.currency),
            date = \(content.date), changed_at = \(write.at), deleted_at = \(deleted),
            sequence = (select sequence from groups where id = \(write.group))
          where group_id = \(write.group) and id = \(write.entry)
          """)
    } catch let problem as Rejection where problem.reason == .stale {
      guard let now = try await find(.id(write.entry), in: write.group) else { throw problem }
      throw now.stale
    }
    return Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: write.at, deletedAt: deleted, commentCount: old.commentCount, version: write.version)
  }

  /// One entry, deleted ones too.
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

  /// An entry as it was when it was entered.
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

  /// The entries, latest day first and, within a day, highest number first.
  /// - Parameter before: The day and number of the last entry of the page before.
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

  /// The entries that changed after `place` in the change sequence, deleted ones too, in the order of their
  /// latest changes.
  /// - Parameter kinds: Any kind when empty.
  /// - Throws: `Rejection` when that cannot be told.
  func changes(
    in group: ID, _ kinds: Set<EntryContent.Kind>, since place: Int64, limit: Int
  ) async throws -> ChangeSet<Entry> {
    let conditions = Self.narrowed("e.group_id = \(group) and e.sequence > \(place)", to: kinds)
    let rows = try await database.read([
      ChangeSequence.of(group),
      "\(part: Self.columns) where \(part: conditions) order by e.sequence limit \(limit)",
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(place)
    return ChangeSet(
      items: try rows[1].map { (try Self.entry($0), try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  private static func narrowed(_ conditions: SQL, to kinds: Set<EntryContent.Kind>) -> SQL {
    guard !kinds.isEmpty else { return conditions }
    let names = kinds.map(\.rawValue).sorted().map { "\($0)" as SQL }
    // As the indexes of all but expenses have it.
    let others: SQL = kinds.contains(.expense) ? "" : " and e.kind <> 'expense'"
    return "\(part: conditions)\(part: others) and e.kind in (\(list: names))"
  }

  /// All that was done to an entry, oldest first, each with what the entry said then.
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

  /// Adds a comment.
  /// - Throws: `Rejection` when the id is taken or the entry is gone.
  func insert(_ comment: Comment, on entry: ID, in group: ID) async throws {
    do {
      try await database.transact([
        MemberStore.lock(group),
        """
        insert into comments (group_id, entry_id, id, text, created_by, created_at)
        values (\(group), \(entry), \(comment.id), \(comment.text), \(comment.createdBy), \(comment.createdAt))
        """,
        // How many comments it has is part of an entry.
        """
        update entries set sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(entry)
        """,
      ])
    } catch DatabaseFailure.notUnique("comments_id") {
      throw Rejection.conflict("id_taken", "There is a comment with this id already.")
    } catch DatabaseFailure.brokenReference {
      throw Rejection.notFound("entry")
    }
  }

  /// The comments on an entry, oldest first.
  func comments(on entry: ID, in group: ID, limit: Int, after: ID?) async throws -> [Comment] {
    try await database.read(
      """
      select id, text, created_by, created_at from comments
      where group_id = \(group) and entry_id = \(entry) and id > \(after ?? ID.first)
      order by id limit \(limit)
      """
    ).map { row in
      let (id, text, by, at) = try row.decode(ID.self, String.self, ID.self, Instant.self)
      return Comment(id: id, text: text, createdBy: by, createdAt: at)
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

extension Entry {
  /// 412: a change named another version.
  var stale: Rejection { .stale("#\(number)", version: version) }
}

/// How a path names an entry.
enum EntryKey: Sendable {
  case id(ID)
  case number(Int64)

  init?(_ text: String) {
    if let id = ID(text) {
      self = .id(id)
    } else if let number = Int64(text), number > 0 {
      self = .number(number)
    } else {
      return nil
    }
  }
}

/// Which entries are wanted.
struct EntryFilter: Sendable {
  /// Any kind when empty.
  var kinds: Set<EntryContent.Kind> = []
  var account: ID?
  var from: Day?
  var to: Day?
  /// Whether the deleted ones are wanted too.
  var deleted = false
}

extension EntryContent {
  /// Reads what a revision keeps.
  init(stored text: String) throws { self = try JSON.decode(EntryContent.self, from: Data(text.utf8)) }

  /// What a revision keeps.
  func stored() throws -> String { try JSON.text(of: self) }
}

extension Revision.Action {
  init(stored text: String) throws {
    guard let action = Self(rawValue: text) else { throw DatabaseFailure.fault("unknown action \(text)") }
    self = action
  }
}
