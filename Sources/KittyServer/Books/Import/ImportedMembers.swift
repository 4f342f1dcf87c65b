import KittyShared
import Sodium

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
    /// The id in a file of KittyCash.
    let inFile: ID?
    /// The text that tells the member in later files of the same books.
    let key: String
    /// The former members of the group who are the same, by the id: older entries name them.
    var former: [ID] = []
  }

  /// The members by their names in the file, without names that look alike.
  var byName: [String: ID] {
    let counts = Dictionary(all.map { ($0.name.nameKey, 1) }, uniquingKeysWith: +)
    return Dictionary(
      all.filter { counts[$0.name.nameKey] == 1 }.map { ($0.name, $0.id) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The members by what tells them in later files of the same books: the ids in KittyCash's JSON, and the names, which are all
  /// that a later file of another format has.
  var byKey: [String: ID] {
    byName.merging(all.filter { $0.key != $0.name }.map { ($0.key, $0.id) }) { _, id in id }
  }

  /// The members who stand for former members of the group.
  var forFormer: [ID: ID] {
    Dictionary(
      all.flatMap { match in match.former.map { ($0, match.id) } }, uniquingKeysWith: { first, _ in first })
  }

  /// Matches the members of a file.
  /// - Parameters:
  ///   - group: The group, whose kitty has its id.
  ///   - present: The present members of the group.
  ///   - former: The former ones.
  ///   - caller: The member who imports, whom `me` means.
  ///   - names: For a name in the file, the name or the id of a member of the group, `me`, or the name of a new guest.
  /// - Throws: `Rejection.invalid` for a name that is not in the file, and for names that a group cannot have.
  init(
    _ members: [ImportedBooks.Member], of group: ID, present: [Member], former: Set<ID> = [], caller: ID,
    names: [String: String]
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
    // A member of this group, or of a group that came from the same file, is known by the id, also with another name.
    let own = members.map { $0.ownID(beside: former.union([group])) }
    let owned = zip(members, own).map {
      wanted[$0.name.nameKey] == nil ? $1.flatMap { byID["\($0.id)"] } : nil
    }
    var taken = Set(owned.compactMap { $0?.id })
    var used = former.union(present.map(\.id)).union(own.compactMap { $0?.id }).union([group])
    var added: [String: Match] = [:]
    var found: [Int: Match] = [:]
    // Those whom the request names come last: it may name one of the others.
    let order =
      members.indices.filter { wanted[members[$0].name.nameKey] == nil }
      + members.indices.filter { wanted[members[$0].name.nameKey] != nil }
    for index in order {
      let member = members[index]
      let target = wanted[member.name.nameKey]
      let wish = target.flatMap {
        byID[$0] ?? byName[$0.nameKey] ?? ($0.nameKey == "me" ? byID["\(caller)"] : nil)
      }
      let former = own[index]?.former ?? []
      let sameName = former.isEmpty ? byName[member.name.nameKey] : nil
      let known = target == nil ? owned[index] ?? sameName : wish
      // Two members of the file with names that look alike are two members here, unless the request says otherwise.
      if let known, target != nil || owned[index] != nil || taken.insert(known.id).inserted {
        found[index] = Match(
          name: member.name, id: known.id, here: known.name, isNew: false, weight: known.weight,
          inFile: member.id, key: member.key, former: former)
        continue
      }
      if let target, let other = added[target.nameKey] {
        found[index] = Match(
          name: member.name, id: other.id, here: other.here, isNew: true, weight: other.weight,
          inFile: member.id, key: member.key, former: former)
        continue
      }
      let name = try Self.name(target ?? member.name, of: member)
      let here = free.free(name) { "\(name) \($0)" }
      // With the same ids, the rules of the file give the same shares.
      let ownID = own[index].flatMap { byID["\($0.id)"] == nil ? $0.id : nil }
      let match = Match(
        name: member.name, id: ownID ?? Self.freeID(for: here, in: group, &used), here: here, isNew: true,
        weight: member.weight, inFile: member.id, key: member.key, former: former)
      added[(target ?? member.name).nameKey] = added[(target ?? member.name).nameKey] ?? match
      found[index] = match
    }
    all = members.indices.compactMap { found[$0] }
    weights = present.map { ($0.id, $0.weight) }
  }

  /// Returns an id for a new guest that follows from the name: a preview has the shares of the import, whose odd cents depend on
  /// the ids.
  private static func freeID(for name: String, in group: ID, _ used: inout Set<ID>) -> ID {
    var id = ID(of: group, number: Int64(bitPattern: SHA256.Half(of: "guest \(name)").first))
    while !used.insert(id).inserted { id = ID(of: id, number: 1) }
    return id
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

extension ImportedBooks.Member {
  /// The id in KittyCash's JSON, otherwise the name.
  fileprivate var key: String {
    guard hasOwnID, let id else { return name }
    return "\(id)"
  }

  /// Returns the id that a member of a group of KittyCash keeps: their own, or one that follows from it when the group has
  /// only former members with it.
  fileprivate func ownID(beside former: Set<ID>) -> (id: ID, former: [ID])? {
    guard hasOwnID, let first = id else { return nil }
    var (id, found): (ID, [ID]) = (first, [])
    while former.contains(id) {
      found.append(id)
      id = ID(of: first, number: Int64(found.count))
    }
    return (id, found)
  }
}
