import KittyShared

extension Bookkeeping {
  /// Takes an entry out of the balances. An entry that is deleted already stays as it is.
  /// - Parameter version: The version that the caller knows; `nil` for any.
  /// - Throws: `Rejection`.
  func delete(_ entry: Entry, version: Int64?, by caller: Caller) async throws {
    try Permissions.requireRevision(of: entry.createdBy, caller.membership)
    _ = try await onLatest(entry, in: caller.group, version: { version }) { entry in
      guard entry.deletedAt == nil else { return entry }
      return try await revise(.deleted, entry, version: version, by: caller)
    }
  }

  /// Takes a deleted entry back into the balances. An entry that is not deleted stays as it is.
  /// - Parameter version: The version that the caller knows; `nil` for any.
  /// - Returns: The entry.
  /// - Throws: `Rejection`.
  func restore(_ entry: Entry, version: Int64?, by caller: Caller) async throws -> Entry {
    try Permissions.requireRevision(of: entry.createdBy, caller.membership)
    return try await onLatest(entry, in: caller.group, version: { version }) { entry in
      guard entry.deletedAt != nil else { return entry }
      return try await revise(.restored, entry, version: version, by: caller)
    }
  }

  /// Deletes or restores an entry.
  private func revise(
    _ action: Revision.Action, _ entry: Entry, version: Int64?, by caller: Caller
  ) async throws -> Entry {
    try Self.require(version, of: entry)
    return try await untilUnchanged {
      var content = action == .restored ? try await restored(entry.content, for: caller) : entry.content
      if action == .restored, content.kind == .count {
        content = try await recounted(content, of: entry, in: caller.group)
      }
      var revision = EntryRevision(
        action, entry, to: content, in: caller.group, by: caller.membership.member, at: caller.now,
        former: content.kind == .count ? Set((content.shares ?? []).map(\.member)) : [])
      if action == .restored, let original = content.refundOf {
        revision.refunded = try await requireRoom(for: entry, of: original, in: caller.group)
      }
      try await requireRules(of: revision, caller.membership)
      return try await adjusting(revision, by: caller) { revision, adjustments in
        try await requiringNoRefunds(of: entry, revision) {
          try await entries.revise(entry, revision, adjusting: adjustments, caller.write)
        }
      }
    }
  }
}
