import KittyShared

extension Bookkeeping {
  /// Checks early that a receipt may be added to an entry, before its file is received.
  /// - Throws: `Rejection`.
  func requireReceiptChange(of entry: Entry, version: Int64?, by caller: Caller) throws {
    try Self.requireChangeable(entry, version: version, by: caller)
    try EntryGuards.GroupInUse().require(caller.membership)
    try EntryGuards.BooksOpen(day: entry.date).require(caller.membership)
  }

  /// Adds a receipt to an entry, or replaces or removes one: a revision, like each other change of an entry. What is the same
  /// already makes none.
  /// - Parameters:
  ///   - number: The number of the receipt.
  ///   - receipt: The receipt; `nil` removes it.
  ///   - version: The version that the change is made to; `nil` for any.
  /// - Returns: The entry.
  /// - Throws: `Rejection`.
  func setReceipt(
    _ number: Int, of entry: Entry, to receipt: Receipt?, version: Int64?, by caller: Caller
  ) async throws -> Entry {
    try await onLatest(entry, in: caller.group, version: { version }) { entry in
      try requireReceiptChange(of: entry, version: version, by: caller)
      if receipt == nil, entry.content.receipt(number) == nil { throw Rejection.notFound("receipt") }
      let content = entry.content.replacingReceipt(number, by: receipt)
      let revision = EntryRevision(
        .changed, entry, to: content, in: caller.group, by: caller.membership.member, at: caller.now)
      try await requireRules(of: revision, caller.membership)
      guard content != entry.content else {
        // An imported entry names a receipt whose file is not here yet.
        if let receipt { try await receipts.insertFile(of: receipt, entry, in: caller.group, caller.write) }
        return entry
      }
      return try await entries.revise(entry, revision, caller.write)
    }
  }
}
