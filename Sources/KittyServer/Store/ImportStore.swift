import FoundationEssentials
import KittyShared

/// The rows of imports of files of other programs. Their entries are written by `EntryStore`.
struct ImportStore: Sendable {
  let database: any Database

  /// An import as it is stored.
  struct Stored: Sendable {
    let id: ID
    let format: ImportFormat
    let state: State
    /// `true` while a member wishes it undone.
    let isWished: Bool
    let createdBy: ID
    let createdAt: Instant
    /// The number of entries that it wrote.
    let entries: Int
    /// The last number of an entry before it.
    let lastNumber: Int64
    /// The members and the categories that it added.
    let members: [ID]
    let categories: [ID]
  }

  enum State: String, Sendable {
    /// Some entries may be missing.
    case writing
    case done
    /// Some entries may be gone.
    case undoing
  }

  /// Begins an import: adds its members and categories.
  /// - Parameter names: The member that each name of the file becomes, and each id in KittyCash's JSON.
  /// - Throws: `Rejection` when a name was taken meanwhile, or the group is archived or full.
  func begin(
    _ new: ImportRecord, members: [Member], names: [String: ID], categories: [Category], in group: ID,
    _ limits: GroupLimits, _ write: WriteContext
  ) async throws {
    let begin: [SQL] = [
      GroupStore.nextSequence(of: group),
      """
      insert into imports (group_id, id, format, state, created_by, created_at, touched_at, last_number, members, categories,
        names)
      select id, \(new.id), \(new.format.rawValue), 'writing', \(new.createdBy), \(new.createdAt), \(new.createdAt),
        last_number, \(try JSON.text(of: members.map(\.id))), \(try JSON.text(of: categories.map(\.id))),
        \(try JSON.text(of: names))
      from groups where id = \(group) and archived_at is null and deleted_at is null
      """,
    ]
    let lists =
      members.flatMap {
        [GroupStore.nextSequence(of: group), MemberStore.insertion(of: $0, in: group, limits)]
      }
      + categories.flatMap {
        [
          GroupStore.nextSequence(of: group),
          CategoryStore.insertion(of: $0, together: categories, in: group),
        ]
      }
    do {
      let rows = try await database.transact(begin + lists, in: write)
      guard
        rows.dropFirst(begin.count).enumerated().allSatisfy({
          $0.offset.isMultiple(of: 2) || !$0.element.isEmpty
        })
      else {
        // Its own row is there: nothing else writes this import.
        _ = try await beginUndo(new.id, in: group, .failed, at: new.createdAt, write)
        try await remove(new.id, in: group, .failed)
        throw Rejection.groupChanged
      }
    } catch DatabaseFailure.notUnique(let key) where key.contains("imports") {
      throw Self.underWay
    } catch DatabaseFailure.notUnique {
      throw Rejection.groupChanged
    }
  }

  static let underWay = Rejection.conflict(
    "import_under_way",
    "Another import of this group is being written or undone. Wait until it is done, then retry.")

  /// Returns the statements that record entries of an import, in the transaction that writes them.
  static func record(_ entries: [ID], of id: ID, in group: ID, at now: Instant) -> [SQL] {
    let rows: [SQL] = entries.map { "(\(group), \($0), \(id))" }
    return [
      "insert into imported_entries (group_id, entry_id, import_id) values \(list: rows)",
      "update imports set touched_at = \(now) where group_id = \(group) and id = \(id)",
    ]
  }

  /// Ends an import.
  /// - Returns: `false` when it was undone meanwhile.
  func finish(_ id: ID, in group: ID, _ write: WriteContext) async throws -> Bool {
    try await !database.transact(
      [
        """
        update imports set state = 'done' where group_id = \(group) and id = \(id) and state = 'writing' returning id
        """
      ], in: write)[0].isEmpty
  }

  static let columns: SQL = """
    select i.id, i.format, i.state, i.wished, i.created_by, i.created_at, i.last_number, i.members, i.categories,
      (select count(*) from imported_entries e where e.group_id = i.group_id and e.import_id = i.id)
    from imports i
    """

  static func stored(_ row: Row) throws -> Stored {
    let (id, format, state, wished, by, at, last, members, categories, entries) = try row.decode(
      ID.self, String.self, String.self, Int.self, ID.self, Instant.self, Int64.self, String.self,
      String.self, Int.self
    )
    guard let format = ImportFormat(rawValue: format), let state = State(rawValue: state) else {
      throw DatabaseFailure.fault("unknown import \(format) \(state)")
    }
    return Stored(
      id: id, format: format, state: state, isWished: wished == 1, createdBy: by, createdAt: at,
      entries: entries, lastNumber: last,
      members: try JSON.decode([ID].self, from: Data(members.utf8)),
      categories: try JSON.decode([ID].self, from: Data(categories.utf8)))
  }

  /// Returns a page of the finished imports of a group, the latest first.
  /// - Parameter before: The id of the last import on the previous page.
  func list(in group: ID, limit: Int, before: ID?) async throws -> [ImportRecord] {
    try await database.read(
      """
      \(part: Self.columns) where i.group_id = \(group) and i.state = 'done' and i.id < \(before ?? ID.last)
      order by i.id desc limit \(limit)
      """
    ).map {
      let stored = try Self.stored($0)
      return ImportRecord(
        id: stored.id, format: stored.format, entries: stored.entries, createdBy: stored.createdBy,
        createdAt: stored.createdAt)
    }
  }

  /// Returns an import, also an unfinished one.
  func find(_ id: ID, in group: ID) async throws -> Stored? {
    try await database.read("\(part: Self.columns) where i.group_id = \(group) and i.id = \(id)").first.map(
      Self.stored)
  }

  /// Returns `true` when there is a group with an id, also a deleted one.
  func hasGroup(_ id: ID) async throws -> Bool {
    try await !database.read("select 1 from groups where id = \(id)").isEmpty
  }

  /// Returns the imports of a format in a group.
  func imports(of format: ImportFormat, in group: ID) async throws -> Set<ID> {
    let rows = try await database.read(
      "select id from imports where group_id = \(group) and format = \(format.rawValue)")
    return Set(try rows.map { try $0.decode(ID.self) })
  }

  /// Returns the members that names and ids of files became in some imports, each with the number of entries that the import made.
  func names(of imports: some Collection<ID>, in group: ID) async throws -> [ID: (
    names: [String: ID], entries: Int
  )] {
    guard !imports.isEmpty else { return [:] }
    let list: [SQL] = imports.sorted().map { "\($0)" }
    let rows = try await database.read(
      """
      select i.id, i.names, (select count(*) from imported_entries e where e.group_id = i.group_id and e.import_id = i.id)
      from imports i where i.group_id = \(group) and i.id in (\(list: list))
      """)
    return Dictionary(
      try rows.map { row in
        let (id, names, entries) = try row.decode(ID.self, String.self, Int.self)
        return (id, (try JSON.decode([String: ID].self, from: Data(names.utf8)), entries))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the imports on which no server has worked since an instant.
  func unfinished(since limit: Instant) async throws -> [(group: ID, id: ID)] {
    try await database.read(
      "select group_id, id from imports where state <> 'done' and touched_at < \(limit) order by touched_at"
    ).map { try $0.decode(ID.self, ID.self) }.map { (group: $0.0, id: $0.1) }
  }
}

extension ImportStore {
  /// An entry of the group.
  struct Existing: Sendable {
    let id: ID
    let number: Int64
    let content: EntryContent
    let isDeleted: Bool
    /// The import that made it; `nil` for one that a member entered.
    let origin: ID?
  }

  /// Calls `body` with the entries from a day to another, deleted ones too.
  func forEachEntry(in group: ID, from: Day, to: Day, _ body: (Existing) throws -> Void) async throws {
    var after: (day: Day, number: Int64) = (from, 0)
    while true {
      let rows = try await database.read(
        """
        \(part: Self.existing)
        where e.group_id = \(group) and e.date <= \(to) and (e.date, e.number) > (\(after.day), \(after.number))
        order by e.date, e.number limit 500
        """)
      for row in rows {
        let entry = try Self.existing(row)
        after = (entry.content.date, entry.number)
        try body(entry)
      }
      guard rows.count == 500 else { return }
      try Task.checkCancellation()
    }
  }

  private static let existing: SQL = """
    select e.id, e.number, r.content, e.deleted_at, i.import_id from entries e
    join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
    left join imported_entries i on i.group_id = e.group_id and i.entry_id = e.id
    """

  private static func existing(_ row: Row) throws -> Existing {
    let (id, number, content, deleted, origin) = try row.decode(
      ID.self, Int64.self, String.self, Instant?.self, ID?.self)
    return Existing(
      id: id, number: number, content: try EntryContent(stored: content), isDeleted: deleted != nil,
      origin: origin)
  }

  /// Returns some entries, deleted ones too.
  func entries(_ ids: [ID], in group: ID) async throws -> [Existing] {
    guard !ids.isEmpty else { return [] }
    let list: [SQL] = ids.map { "\($0)" }
    return try await database.read(
      "\(part: Self.existing) where e.group_id = \(group) and e.id in (\(list: list)) order by e.number"
    ).map(Self.existing)
  }

  /// Returns the ids of the entries that some imports made, also of those that were deleted since.
  func entries(of imports: Set<ID>, in group: ID) async throws -> [ID] {
    let list: [SQL] = imports.sorted().map { "\($0)" }
    return try await database.read(
      "select entry_id from imported_entries where group_id = \(group) and import_id in (\(list: list))"
    ).map { try $0.decode(ID.self) }
  }

  /// An entry with an id that a file gives.
  struct Known: Sendable {
    let number: Int64
    let isDeleted: Bool
    /// The import that made it; `nil` for one whose import was undone: it stayed as a deleted one, because it had a history.
    let origin: ID?
  }

  /// Returns those of some ids that entries of the group have already.
  func known(_ ids: [ID], in group: ID) async throws -> [ID: Known] {
    var known: [ID: Known] = [:]
    for piece in ids.chunks(of: 500) {
      let list: [SQL] = piece.map { "\($0)" }
      let rows = try await database.read(
        """
        select e.id, e.number, e.deleted_at, i.import_id from entries e
        left join imported_entries i on i.group_id = e.group_id and i.entry_id = e.id
        where e.group_id = \(group) and e.id in (\(list: list))
        """)
      for row in rows {
        let (id, number, deleted, origin) = try row.decode(ID.self, Int64.self, Instant?.self, ID?.self)
        known[id] = Known(number: number, isDeleted: deleted != nil, origin: origin)
      }
      try Task.checkCancellation()
    }
    return known
  }
}
