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

  private struct Member {
    let group: ID
    let id: ID
    let name: String
    let key: String
    let isPresent: Bool
  }

  @Sendable private static func keys(_ rows: [Row]) throws -> [SQL] {
    let members = try rows.map { row in
      let (group, id, name, key, isPresent) = try row.decode(
        ID.self, ID.self, String.self, String.self, Int.self)
      return Member(group: group, id: id, name: name, key: key, isPresent: isPresent == 1)
    }
    // The keys of present members are unique in a group. One that stays is never given to another member. They are
    // compared by bytes, as the database does: texts of Swift are equal in each form of Unicode.
    var taken = Dictionary(grouping: members.filter(\.isPresent), by: \.group)
      .mapValues { Set($0.map { Array($0.key.utf8) }) }
    // The number to try next for a key in a group: all lower ones are taken.
    var numbers: [ID: [[UInt8]: Int]] = [:]
    return members.compactMap { member in
      var key = member.name.nameKey
      let isOther = !key.utf8.elementsEqual(member.key.utf8)
      if member.isPresent, isOther {
        let plain = key
        while taken[member.group]?.contains(Array(key.utf8)) == true {
          // No name has this control character, so no later key can be the same.
          let number = numbers[member.group, default: [:]][Array(plain.utf8), default: 2]
          numbers[member.group, default: [:]][Array(plain.utf8)] = number + 1
          key = "\(plain)\u{1F}\(number)"
        }
        taken[member.group]?.insert(Array(key.utf8))
      }
      guard isOther || !member.name.isComposed else { return nil }
      return """
        update accounts set name = \(member.name.composed), name_key = \(key)
        where group_id = \(member.group) and id = \(member.id)
        """
    }
  }
}

extension String {
  fileprivate var isComposed: Bool { composed.unicodeScalars.elementsEqual(unicodeScalars) }
}
