import KittyShared

extension Bookkeeping {
  /// Enters a refund of an expense.
  func enterRefund(_ input: NewExpense, of original: ID, id: ID, by caller: Caller) async throws -> Entered {
    let refunded = try await refundable(original, without: id, in: caller.group)
    let people = try await participants(naming: refunded.expense, for: caller)
    let content = try Ledger.content(
      for: input, refunding: refunded, people: people, today: caller.today)
    return try await enter(content, id: id, former: people.former, refunding: refunded, by: caller)
  }

  /// Changes a refund: its amount within what is open of its expense, its words, its payers.
  func changeRefund(
    _ entry: Entry, _ input: NewExpense, of original: ID, by caller: Caller
  ) async throws -> Entered {
    let refunded = try await refundable(original, without: entry.id, in: caller.group)
    var people = try await participants(naming: refunded.expense, for: caller)
    let own = try await participants(naming: entry, for: caller)
    people = Participants(present: people.present, former: Array(people.former.union(own.former)))
    let content = try Ledger.content(
      for: input, refunding: refunded, people: people, today: caller.today, changing: entry.content)
    return try await change(entry, to: content, former: people.former, refunding: refunded, by: caller)
  }

  private func refundable(_ original: ID, without refund: ID, in group: ID) async throws -> RefundedExpense {
    guard let found = try await entries.refunds(of: original, without: refund, in: group),
      found.expense.kind == .expense
    else {
      throw Rejection.invalid(
        "refundOf", "not_an_expense", "No expense of this group has the id \(original).")
    }
    guard found.expense.deletedAt == nil else {
      throw Rejection.invalid(
        "refundOf", "deleted", "#\(found.expense.number) is deleted: restore it first.")
    }
    guard found.expense.refundOf == nil else {
      throw Rejection.invalid(
        "refundOf", "is_a_refund", "#\(found.expense.number) is a refund itself: delete or change it instead."
      )
    }
    return found
  }

  /// Returns the expense of a refund that is restored.
  /// - Throws: `Rejection` when the expense is deleted, or others refunded it meanwhile.
  func requireRoom(for refund: Entry, of original: ID, in group: ID) async throws -> RefundedExpense {
    guard let found = try await entries.refunds(of: original, without: refund.id, in: group),
      found.expense.deletedAt == nil
    else {
      throw Rejection.conflict(
        "expense_deleted", "The expense that #\(refund.number) refunds is deleted: restore it first.")
    }
    guard found.hasRoom(for: refund.content) else {
      throw Rejection.conflict(
        "refunded_meanwhile",
        "#\(found.expense.number) has other refunds now, so that #\(refund.number) does not fit any more. Enter a new refund of the rest."
      )
    }
    return found
  }

  /// Runs a write that fails when the entry has refunds, and says so then.
  func requiringNoRefunds<Result>(
    of entry: Entry, _ revision: EntryRevision, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let rejection as Rejection
      where rejection.code == Rejection.groupChanged.code && revision.requiresNoRefunds
    {
      try await requireNoRefunds(of: entry, in: revision.group)
      throw rejection
    }
  }

  /// - Throws: `Rejection`: `has_refunds`.
  func requireNoRefunds(of entry: Entry, in group: ID) async throws {
    guard try await entries.hasRefunds(entry.id, in: group) else { return }
    throw Rejection.conflict(
      "has_refunds",
      "#\(entry.number) has refunds, which mirror its amount, payers and shares. Delete them first, or change its other fields alone."
    )
  }
}
