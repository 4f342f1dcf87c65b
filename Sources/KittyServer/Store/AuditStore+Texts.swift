import KittyShared

/// The key of an entry. An imported group has the entry ids of the group that it came from, so the group is a part.
struct EntryOfGroup: Hashable, Sendable {
  let group: ID
  let entry: ID

  /// The key before those of all entries.
  static let first = EntryOfGroup(group: .first, entry: .first)
}

/// The key of a comment.
struct CommentOfEntry: Hashable, Sendable {
  let entry: EntryOfGroup
  let comment: ID

  /// The key before those of all comments.
  static let first = CommentOfEntry(entry: .first, comment: .first)
}

/// An entry with what filters find it by.
struct StoredEntryTexts: Sendable {
  let key: EntryOfGroup
  let number: Int64
  let version: Int64
  /// The content of the current version.
  let content: String
  /// The texts and marks; `nil` without a row.
  let texts: (own: String, marks: String)?
  let categories: Set<ID>
}

/// A comment with the text that filters find it by.
struct StoredCommentText: Sendable {
  let key: CommentOfEntry
  let comment: String
  /// `nil` without a row.
  let text: String?
}

extension AuditStore {
  /// Returns the entries that follow a key with what filters find them by, in the order of their keys.
  func texts(after key: EntryOfGroup, limit: Int) async throws -> [StoredEntryTexts] {
    let page: SQL = """
      select * from entries where (group_id, id) > (\(key.group), \(key.entry)) order by group_id, id limit \(limit)
      """
    let rows = try await database.read([
      """
      select e.group_id, e.id, e.number, e.version, r.content, t.own, t.marks from (\(part: page)) e
      join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
      left join entry_texts t on t.group_id = e.group_id and t.entry_id = e.id
      order by e.group_id, e.id
      """,
      """
      select e.group_id, e.id, c.category_id from (\(part: page)) e
      join entry_categories c on c.group_id = e.group_id and c.entry_id = e.id
      """,
    ])
    var categories: [EntryOfGroup: Set<ID>] = [:]
    for row in rows[1] {
      let (group, entry, category) = try row.decode(ID.self, ID.self, ID.self)
      categories[EntryOfGroup(group: group, entry: entry), default: []].insert(category)
    }
    return try rows[0].map { row in
      let (group, entry, number, version, content, own, marks) = try row.decode(
        ID.self, ID.self, Int64.self, Int64.self, String.self, String?.self, String?.self)
      let key = EntryOfGroup(group: group, entry: entry)
      var texts: (own: String, marks: String)?
      if let own, let marks { texts = (own, marks) }
      return StoredEntryTexts(
        key: key, number: number, version: version, content: content, texts: texts,
        categories: categories[key] ?? [])
    }
  }

  /// Returns the comments that follow a key with their texts, in the order of their keys.
  func commentTexts(after key: CommentOfEntry, limit: Int) async throws -> [StoredCommentText] {
    try await database.read(
      """
      select c.group_id, c.entry_id, c.id, c.text, t.text from (
        select * from comments
        where (group_id, entry_id, id) > (\(key.entry.group), \(key.entry.entry), \(key.comment))
        order by group_id, entry_id, id limit \(limit)
      ) c
      left join comment_texts t on t.group_id = c.group_id and t.entry_id = c.entry_id and t.comment_id = c.id
      order by c.group_id, c.entry_id, c.id
      """
    ).map { row in
      let (group, entry, comment, text, stored) = try row.decode(
        ID.self, ID.self, ID.self, String.self, String?.self)
      return StoredCommentText(
        key: CommentOfEntry(entry: EntryOfGroup(group: group, entry: entry), comment: comment), comment: text,
        text: stored)
    }
  }

  /// Returns the entries that have texts and do not exist, and those with texts of comments that do not exist.
  func textsWithoutOwner() async throws -> [EntryOfGroup] {
    try await database.read([
      "select group_id, entry_id from entry_texts except select group_id, id from entries",
      """
      select group_id, entry_id from (
        select group_id, entry_id, comment_id from comment_texts except select group_id, entry_id, id from comments
      ) t group by group_id, entry_id
      """,
    ]).joined().map { row in
      let (group, entry) = try row.decode(ID.self, ID.self)
      return EntryOfGroup(group: group, entry: entry)
    }
  }

  /// Writes what filters find an entry by, unless the entry is changed meanwhile.
  func repair(_ texts: EntryTexts, _ categories: Set<ID>, of stored: StoredEntryTexts, _ write: WriteContext)
    async throws
  {
    let (group, entry) = (stored.key.group, stored.key.entry)
    let isSame: SQL = """
      exists (select 1 from entries where group_id = \(group) and id = \(entry) and version = \(stored.version))
      """
    // The lock of the group lets no other request change the entry in between.
    var statements: [SQL] = [
      "update groups set sequence = sequence where id = \(group)",
      texts.statement(for: entry, in: group, where: isSame),
    ]
    if stored.categories != categories {
      statements.append(
        "delete from entry_categories where group_id = \(group) and entry_id = \(entry) and \(part: isSame)")
      statements += categories.sorted().map { category in
        """
        insert into entry_categories (group_id, entry_id, category_id)
        select id, \(entry), \(category) from groups where id = \(group) and \(part: isSame)
        """
      }
    }
    try await database.transact(statements, in: write)
  }

  /// Writes the texts of comments.
  func repair(_ comments: [StoredCommentText], _ write: WriteContext) async throws {
    try await database.transact(
      comments.map { stored in
        CommentText(stored.comment).statement(
          for: stored.key.comment, on: stored.key.entry.entry, in: stored.key.entry.group)
      }, in: write)
  }

  /// Removes the texts of an entry that does not exist, and those of comments that do not exist.
  func removeTextsWithoutOwner(of key: EntryOfGroup, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        delete from entry_texts where group_id = \(key.group) and entry_id = \(key.entry)
          and not exists (select 1 from entries where group_id = \(key.group) and id = \(key.entry))
        """,
        """
        delete from comment_texts where group_id = \(key.group) and entry_id = \(key.entry)
          and comment_id not in (
            select id from comments where group_id = \(key.group) and entry_id = \(key.entry))
        """,
      ], in: write)
  }
}
