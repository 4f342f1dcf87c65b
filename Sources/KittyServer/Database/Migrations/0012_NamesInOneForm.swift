import KittyShared

extension Migration {
  /// Writes names in the composed form of Unicode, and the keys of members by which names that look alike are the same.
  /// Members of a group whose names are the same now keep their names; the later one gets a number in its key.
  static let namesInOneForm = Migration(
    version: 12, name: "names in one form",
    rewrites: [
      Rewrite("select id, name from groups") { rows in
        try rows.compactMap { row in
          let (id, name) = try row.decode(ID.self, String.self)
          return name.isComposed ? nil : "update groups set name = \(name.composed) where id = \(id)"
        }
      },
      Rewrite("select id, display_name from users") { rows in
        try rows.compactMap { row in
          let (id, name) = try row.decode(ID.self, String.self)
          return name.isComposed ? nil : "update users set display_name = \(name.composed) where id = \(id)"
        }
      },
      Rewrite(
        """
        select group_id, id, name, name_key, case when removed_at is null then 1 else 0 end from accounts
        where kind = 'member' order by group_id, id
        """, keys),
    ]
  ) { _ in
    // Only rows change.
    "select 1"
  }

  @Sendable private static func keys(_ rows: [Row]) throws -> [SQL] {
    let names = try rows.map(StoredName.init)
    return StoredName.keys(of: names).compactMap { name, key in
      guard key != nil || !name.text.isComposed else { return nil }
      return """
        update accounts set name = \(name.text.composed), name_key = \(key ?? name.key)
        where group_id = \(name.group) and id = \(name.id)
        """
    }
  }
}

extension String {
  fileprivate var isComposed: Bool { composed.unicodeScalars.elementsEqual(unicodeScalars) }
}
