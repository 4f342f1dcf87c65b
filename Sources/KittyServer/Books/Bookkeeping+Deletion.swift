import KittyShared

extension Bookkeeping {
  /// Takes an entry out of the balances. An entry that is deleted already stays as it is.
  /// - Parameter version: The version that the caller knows; `nil` for any.
  /// - Throws: `Rejection`.
  func delete(_ entry: Entry, version: Int64?, by caller: Caller) async throws {
    try Permissions.requireRevision(of: entry.createdBy, caller.membership)
    guard entry.deletedAt == nil else { return }
    try Self.require(version, of: entry)
    _ = try await setDeleted(.deleted, entry, version: version, by: caller)
  }

  /// Takes a deleted entry back into the balances. An entry that is not deleted stays as it is.
  /// - Parameter version: The version that the caller knows; `nil` for any.
  /// - Returns: The entry.
  /// - Throws: `Rejection`.
  func restore(_ entry: Entry, version: Int64?, by caller: Caller) async throws -> Entry {
    try Permissions.requireRevision(of: entry.createdBy, caller.membership)
    guard entry.deletedAt != nil else { return entry }
    try Self.require(version, of: entry)
    return try await setDeleted(.restored, entry, version: version, by: caller)
  }

  /// Deletes or restores an entry. Without a version, it tries again on top of each revision that another request wrote
  /// at the same time.
  private func setDeleted(
    _ action: Revision.Action, _ entry: Entry, version: Int64?, by caller: Caller
  ) async throws -> Entry {
    var entry = entry
    while true {
      let revision = EntryRevision(
        action, entry, to: entry.content, in: caller.group, by: caller.membership.member, at: caller.now)
      try await requireRules(of: revision, caller.membership)
      do {
        return try await entries.revise(entry, revision, caller.write)
      } catch let rejection as Rejection where rejection.reason == .stale && version == nil {
        guard let current = try await entries.find(.id(entry.id), in: caller.group) else {
          throw Rejection.notFound("entry")
        }
        entry = current
        if (entry.deletedAt != nil) == (action == .deleted) { return entry }
      }
    }
  }
}
