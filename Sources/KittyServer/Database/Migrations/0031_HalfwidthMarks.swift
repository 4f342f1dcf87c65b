import KittyShared

extension Migration {
  /// Writes the keys of names and the texts of searches again that have a halfwidth mark of Japanese: `ﾊﾞ` counts as `バ` by now.
  /// Names of a group that are the same by it stay, and the later one gets a number in its key.
  static let halfwidthMarks = Migration(
    version: 31, name: "halfwidth marks",
    rewrites: [
      Rewrite(
        """
        select group_id, id, name, name_key, case when removed_at is null then 1 else 0 end from accounts
        where kind = 'member' and group_id in (select group_id from accounts where \(part: hasMark("name_key")))
        order by group_id, id
        """
      ) { try renew($0, in: "accounts") },
      Rewrite(
        """
        select group_id, id, name, name_key, case when removed_at is null then 1 else 0 end from categories
        where group_id in (select group_id from categories where \(part: hasMark("name_key"))) order by group_id, id
        """
      ) { try renew($0, in: "categories") },
      entries, comments,
    ]
  ) { _ in
    // Only rows change.
    "select 1"
  }

  private static let entries = Rewrite(
    pages: { row in
      let (group, entry) = try row?.decode(ID.self, ID.self) ?? (ID.first, ID.first)
      return """
        select e.group_id, e.id, r.content from entry_texts t
        join entries e on e.group_id = t.group_id and e.id = t.entry_id
        join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
        where (t.group_id, t.entry_id) > (\(group), \(entry)) and \(part: hasMark("t.own"))
        order by t.group_id, t.entry_id limit 500
        """
    },
    { rows in
      try rows.compactMap { row in
        let (group, entry, content) = try row.decode(ID.self, ID.self, String.self)
        // The audit reports a content that cannot be read; the migration is not the place to stop for it.
        guard let content = try? EntryContent(stored: content) else { return nil }
        return EntryTexts(content).statement(for: entry, in: group)
      }
    })

  private static let comments = Rewrite(
    pages: { row in
      let (group, entry, id) = try row?.decode(ID.self, ID.self, ID.self) ?? (ID.first, ID.first, ID.first)
      return """
        select c.group_id, c.entry_id, c.id, c.text from comment_texts t
        join comments c on c.group_id = t.group_id and c.entry_id = t.entry_id and c.id = t.comment_id
        where (t.group_id, t.entry_id, t.comment_id) > (\(group), \(entry), \(id)) and \(part: hasMark("t.text"))
        order by t.group_id, t.entry_id, t.comment_id limit 500
        """
    },
    { rows in
      try rows.map { row in
        let (group, entry, id, text) = try row.decode(ID.self, ID.self, ID.self, String.self)
        return CommentText(text).statement(for: id, on: entry, in: group)
      }
    })

  /// The condition that a column has a mark as it was kept.
  private static func hasMark(_ column: SQL) -> SQL {
    let conditions = "｡｢｣､･\u{FF9E}\u{FF9F}".unicodeScalars.map { mark -> SQL in
      "\(part: column) like \("%\(mark)%")"
    }
    return "(\(part: conditions.dropFirst().reduce(conditions[0]) { "\(part: $0) or \(part: $1)" }))"
  }

  private static func renew(_ rows: [Row], in table: StaticString) throws -> [SQL] {
    StoredName.keys(of: try rows.map(StoredName.init)).compactMap { name, key in
      key.map {
        "update \(name: table) set name_key = \($0) where group_id = \(name.group) and id = \(name.id)"
      }
    }
  }
}
