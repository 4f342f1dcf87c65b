import KittyShared

/// A name of a group, of a member or a category, in a migration that makes the keys of names again.
struct StoredName {
  let group: ID
  let id: ID
  let text: String
  let key: String
  /// `true` for a name whose key no other such name of the group may have.
  let isPresent: Bool

  /// Decodes the group, the id, the name, the key, and 1 for a present one.
  init(_ row: Row) throws {
    let isPresent: Int
    (group, id, text, key, isPresent) = try row.decode(ID.self, ID.self, String.self, String.self, Int.self)
    self.isPresent = isPresent == 1
  }

  /// Returns the keys of names.
  /// - Parameter names: All of their groups.
  /// - Returns: The names with the keys that they get; `nil` for one that keeps its key.
  static func keys(of names: [StoredName]) -> [(name: StoredName, key: String?)] {
    // The keys of present names are unique in a group. One that stays is never given to another name. They are
    // compared by bytes, as the database does: texts of Swift are equal in each form of Unicode.
    var taken = Dictionary(grouping: names.filter(\.isPresent), by: \.group)
      .mapValues { Set($0.map { Array($0.key.utf8) }) }
    // The number to try next for a key in a group: all lower ones are taken.
    var numbers: [ID: [[UInt8]: Int]] = [:]
    return names.map { name in
      var key = name.text.nameKey
      guard !key.utf8.elementsEqual(name.key.utf8) else { return (name, nil) }
      if name.isPresent {
        let plain = key
        while taken[name.group]?.contains(Array(key.utf8)) == true {
          // No name has this control character, so no later key can be the same.
          let number = numbers[name.group, default: [:]][Array(plain.utf8), default: 2]
          numbers[name.group, default: [:]][Array(plain.utf8)] = number + 1
          key = "\(plain)\u{1F}\(number)"
        }
        taken[name.group]?.insert(Array(key.utf8))
      }
      return (name, key)
    }
  }
}
