import KittyShared

/// The use case of an import: a file fills a group that has no entries.
struct GroupImport: Sendable {
  let store: GroupImportStore
  let cache: (any CacheInvalidation)?

  /// Imports a file into a group: all of it or nothing. The owner of the group replaces the owner of the file; the other
  /// members of the file become guests. Guests and invites that the group had are removed. Members whose names look alike
  /// are told apart by a number.
  /// - Returns: The members who got another name.
  /// - Throws: `Rejection` when the group has entries or other members with an account, or when the file breaks a rule
  ///   of the books.
  func run(
    _ file: GroupFileDocument, into group: ID, owner: ID, at now: Instant, _ write: WriteContext
  ) async throws -> [ImportedGroup.RenamedMember] {
    // A user who joins after this check stays, beside the members of the file.
    guard try await !store.hasOtherUsers(in: group, than: owner) else {
      throw Rejection.conflict(
        "not_empty", "Others have joined this group already. Import into a new group, then invite them.")
    }
    var content = file.group
    if let index = content.members.firstIndex(where: { $0.id == group }) {
      throw Rejection.invalid(
        "members.\(index).id", "twice", "The kitty of the group has this id. Give the member another one.")
    }
    let renamed = content.makeNamesDistinct()
    let tags = CacheTag.tags(of: group)
    var rules = ImportRules(file.group, at: now)
    var index = 0
    try await file.forEachEntry { entry in
      try rules.check(entry, at: index)
      index += 1
    }
    try rules.finish()
    try await store.insert(
      content, into: group, owner: owner, write, onChange: { [cache] in await cache?.invalidate(tags) },
      forEachEntry: file.forEachCheckedEntry)
    return renamed
  }
}
