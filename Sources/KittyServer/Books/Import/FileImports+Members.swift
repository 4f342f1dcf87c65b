import KittyShared

extension FileImports {
  /// The ids here of the entries of a file, and those that the group has already.
  typealias Found = (ids: [ID], known: [ID: ImportStore.Known])

  /// Matches the members of a file with those of the group, and finds its entries. A name means the member that it became in an
  /// earlier import of the same books, unless the request says otherwise: they may have another name here since.
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
    let wished = Set(wish.names.keys.map(\.nameKey))
    let earlier = try await earlierNames(found, first.members.byName, in: caller.group).filter {
      !wished.contains($0.key.nameKey)
        && everyone.contains { [id = $0.value] in $0.id == id && $0.removedAt == nil }
    }
    guard !earlier.isEmpty else { return (first, found) }
    let second = try contents(wish.names.merging(earlier.mapValues { "\($0)" }) { wished, _ in wished })
    return (second, try await ids(of: books.entries, second, in: caller.group))
  }

  /// Returns the names that mean other members than in earlier imports of the same books, with the members of then.
  private func earlierNames(_ found: Found, _ now: [String: ID], in group: ID) async throws -> [String: ID] {
    var common: [ID: Int] = [:]
    for origin in found.known.values.compactMap(\.origin) { common[origin, default: 0] += 1 }
    var earlier: [String: ID] = [:]
    // The latest import counts.
    for (id, old) in try await store.names(of: common.keys, in: group).sorted(by: { $0.key < $1.key })
    where Self.areSameBooks(common: common[id] ?? 0, old.entries, found.ids.count) {
      earlier.merge(old.names) { $1 }
    }
    return earlier.filter { name, id in now[name].map { $0 != id } ?? false }
  }
}
