import KittyShared

/// The members of a file and their members in the group: those of the same name, those that the request names, and new
/// guests for the others.
struct ImportedMembers: Sendable {
  /// The members in the order of the file.
  let all: [Match]
  private let weights: [(id: ID, weight: Int64)]

  struct Match: Sendable {
    /// The name in the file.
    let name: String
    let id: ID
    /// The name in the group.
    let here: String
    /// `true` for a member that the import adds.
    let isNew: Bool
    let weight: Int64
  }

  /// Matches the members of a file.
  /// - Parameters:
  ///   - present: The present members of the group.
  ///   - caller: The member who imports, whom `me` means.
  ///   - names: For a name in the file, the name or the id of a member of the group, `me`, or the name of a new guest.
  /// - Throws: `Rejection.invalid` for a name that is not in the file, and for names that a group cannot have.
  init(
    _ members: [ImportedBooks.Member], present: [Member], caller: ID, names: [String: String], at now: Instant
  ) throws(Rejection) {
    var wanted: [String: String] = [:]
    let byName = Dictionary(present.map { ($0.name.nameKey, $0) }, uniquingKeysWith: { first, _ in first })
    let byID = Dictionary(present.map { ("\($0.id)", $0) }, uniquingKeysWith: { first, _ in first })
    let keys = Set(members.map(\.name.nameKey))
    for (name, target) in names {
      guard keys.contains(name.nameKey) else {
        throw .invalid(
          "map", "not_in_the_file",
          "\"\(name.cut(to: 64))\" is not a member in the file. It has \(Self.list(members.map(\.name)))."
        )
      }
      wanted[name.nameKey] = target.trimmed
    }
    var free = FreeNames(used: present.map(\.name)) { $0.nameKey }
    var taken: Set<ID> = []
    var added: [String: Match] = [:]
    var all: [Match] = []
    for member in members {
      let target = wanted[member.name.nameKey]
      let wish = target.flatMap {
        byID[$0] ?? byName[$0.nameKey] ?? ($0.nameKey == "me" ? byID["\(caller)"] : nil)
      }
      let known = target == nil ? byName[member.name.nameKey] : wish
      // Two members of the file with names that look alike are two members here, unless the request says otherwise.
      if let known, target != nil || taken.insert(known.id).inserted {
        all.append(
          Match(name: member.name, id: known.id, here: known.name, isNew: false, weight: known.weight))
        continue
      }
      if let target, let other = added[target.nameKey] {
        all.append(
          Match(name: member.name, id: other.id, here: other.here, isNew: true, weight: other.weight))
        continue
      }
      let name = try Self.name(target ?? member.name, of: member)
      let here = free.free(name) { "\(name) \($0)" }
      let match = Match(name: member.name, id: ID(at: now), here: here, isNew: true, weight: member.weight)
      if let target { added[target.nameKey] = match }
      all.append(match)
    }
    self.all = all
    weights = present.map { ($0.id, $0.weight) }
  }

  /// The members who can be named: those of the group and the new ones.
  var participants: Participants {
    let new = Dictionary(
      all.filter(\.isNew).map { ($0.id, $0.weight) }, uniquingKeysWith: { first, _ in first })
    return Participants(present: weights + new.map { (id: $0.key, weight: $0.value) })
  }

  /// Returns a name that a group can have.
  private static func name(_ text: String, of member: ImportedBooks.Member) throws(Rejection) -> String {
    let name = text.composed.replacingScalars { $0.isInvisibleControl ? " " : nil }.trimmed
    var checks = FieldChecks()
    checks.text(name, "map", max: 64)
    guard checks.errors.isEmpty else {
      throw .invalid(
        "map", "not_a_name",
        "The group cannot have a member with the name \"\(member.name.cut(to: 64))\". Send map={\"…\": \"another name\"}."
      )
    }
    return name
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(20).map { "\"\($0.cut(to: 64))\"" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "")
  }
}
