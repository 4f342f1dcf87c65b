import KittyShared

extension FileImports {
  /// The ids here of the entries of a file, and those that the group has already.
  typealias Found = (ids: [ID], known: [ID: ImportStore.Known])

  /// Matches the members of a file with those of the group, and finds its entries. A name, or the id in KittyCash's JSON, means the
  /// member that it became in the latest import of the same books, unless the request says otherwise: they may have another name
  /// here since.
  /// - Parameters:
  ///   - everyone: The members of the group, former ones too.
  ///   - make: Makes the contents with the members.
  /// - Throws: `Rejection`.
  func contents(
    of file: ReadFile, _ wish: Wish, among everyone: [Member], by caller: Bookkeeping.Caller,
    _ make: (ImportedMembers) -> ImportedContents
  ) async throws -> (contents: ImportedContents, found: Found) {
    let books = file.content.books
    let present = everyone.filter { $0.removedAt == nil }
    let former = Set(everyone.filter { $0.removedAt != nil }.map(\.id))
    func contents(_ names: [String: String]) throws(Rejection) -> ImportedContents {
      var contents = make(
        try ImportedMembers(
          books.members, of: caller.group, present: present, former: former, caller: caller.membership.member,
          names: names))
      contents.namesHere = Dictionary(
        everyone.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
      return contents
    }
    let first = try contents(wish.names)
    let found = try await ids(of: books.entries, first, in: caller.group)
    let known = try await earlierMembers(found, in: caller.group)
    let unique = first.members.byName
    let wished = Set(wish.names.keys.map(\.nameKey))
    let presentIDs = Set(present.map(\.id))
    var earlier: [String: ID] = [:]
    for match in first.members.all where unique[match.name] != nil && !wished.contains(match.name.nameKey) {
      guard let id = known[match.key], id != match.id, presentIDs.contains(id) else { continue }
      earlier[match.name] = id
    }
    while !earlier.isEmpty {
      let second = try contents(wish.names.merging(earlier.mapValues { "\($0)" }) { wished, _ in wished })
      // Two members of the file are one here only where a request named them so: this one, or that of the earlier file.
      let taken = Set(second.members.all.filter { known[$0.key] != $0.id }.map(\.id))
      let kept = earlier.filter { !taken.contains($0.value) }
      if kept.count == earlier.count {
        return (second, try await ids(of: books.entries, second, in: caller.group))
      }
      earlier = kept
    }
    return (first, found)
  }

  /// Returns the members whom the keys of members in a file meant in the latest import of the same books.
  private func earlierMembers(_ found: Found, in group: ID) async throws -> [String: ID] {
    var common: [ID: Int] = [:]
    for origin in found.known.values.compactMap(\.origin) { common[origin, default: 0] += 1 }
    var known: [String: ID] = [:]
    for (id, old) in try await store.names(of: common.keys, in: group).sorted(by: { $0.key < $1.key })
    where Self.areSameBooks(common: common[id] ?? 0, old.entries, found.ids.count) {
      // A name that a member had in older files may be another member in the next one. An id stays that of the member.
      let members = Set(old.names.values)
      known = known.filter { ID($0.key) != nil || !members.contains($0.value) }
      known.merge(old.names) { $1 }
    }
    return known
  }
}
