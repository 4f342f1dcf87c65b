import KittyShared

extension Bookkeeping {
  /// Checks early that a receipt may be added to an entry, before its file is received.
  /// - Parameter number: The number of the receipt; `nil` for a free one.
  /// - Throws: `Rejection`.
  func requireReceiptChange(of entry: Entry, number: Int? = nil, version: Int64?, by caller: Caller) throws {
    try Self.requireChangeable(entry, version: version, by: caller)
    try EntryGuards.GroupInUse().require(caller.membership)
    // In closed books, the file of a receipt that an imported entry names is still taken: it changes no entry.
    guard number.flatMap(entry.content.receipt) == nil else { return }
    try EntryGuards.BooksOpen(day: entry.date).require(caller.membership)
  }

  /// Returns the number of the next receipt of an entry.
  /// - Throws: `Rejection` when it has as many as it can have.
  static func freeReceiptNumber(of entry: Entry) throws(Rejection) -> Int {
    guard let number = entry.content.freeReceiptNumber else {
      throw .conflict(
        "too_many_receipts",
        "#\(entry.number) has \(Receipt.maxNumber) receipts, which is the most. Remove one first.")
    }
    return number
  }

  /// Adds a receipt to an entry, under the lowest number that is free when it is written.
  /// - Parameter make: Returns the receipt with a number.
  /// - Throws: `Rejection`.
  func addReceipt(
    to entry: Entry, by caller: Caller, _ make: (Int) -> Receipt
  ) async throws -> Receipt {
    try await onLatest(entry, in: caller.group, version: { nil }) { entry in
      let receipt = make(try Self.freeReceiptNumber(of: entry))
      _ = try await setReceipt(
        receipt.number, of: entry, to: receipt, version: entry.version, by: caller)
      return receipt
    }
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
      try requireReceiptChange(of: entry, number: number, version: version, by: caller)
      if receipt == nil, entry.content.receipt(number) == nil { throw Rejection.notFound("receipt") }
      let content = entry.content.replacingReceipt(number, by: receipt)
      let revision = EntryRevision(
        .changed, entry, to: content, in: caller.group, by: caller.membership.member, at: caller.now)
      guard content != entry.content else {
        // An imported entry names a receipt whose file is not here yet.
        if let receipt { try await receipts.insertFile(of: receipt, entry, in: caller.group, caller.write) }
        return entry
      }
      try await requireRules(of: revision, caller.membership)
      return try await entries.revise(entry, revision, caller.write)
    }
  }
}
