extension GroupFile {
  /// Gives each present member whose name is the same as that of an earlier one, or looks the same, a number behind it:
  /// `Anna (2)`. A group of an older version may have such members, and a file that the program wrote must not be
  /// refused. O(members).
  /// - Returns: The members who got another name.
  package mutating func makeNamesDistinct() -> [ImportedGroup.RenamedMember] {
    let present = members.indices.filter { members[$0].removedAt == nil }
    // A new name must not be that of a member who comes later.
    var taken = Set(present.map { members[$0].name.nameKey })
    var seen: Set<String> = []
    var numbers: [String: Int] = [:]
    var renamed: [ImportedGroup.RenamedMember] = []
    for index in present {
      let name = members[index].name
      guard !seen.insert(name.nameKey).inserted else { continue }
      // A name has at most 64 characters.
      let start = name.trimmed.cut(to: 56)
      var (number, free) = (numbers[start.nameKey] ?? 2, "\(start) (2)")
      repeat {
        free = "\(start) (\(number))"
        number += 1
      } while !taken.insert(free.nameKey).inserted
      numbers[start.nameKey] = number
      members[index].name = free
      renamed.append(.init(member: members[index].id, from: name, to: free))
    }
    return renamed
  }
}
