/// A request to change an expense; omitted fields stay unchanged.
package struct ExpenseChange: RequestBody, Hashable {
  /// The description.
  package var description: String?
  /// The amount.
  package var amount: AmountInput?
  /// The currency; another one requires a new amount, and removes the old rate unless there is a new one.
  package var currency: Currency?
  /// The worth of one unit in the group's currency; `null` removes the rate.
  package var rate: Patch<Rate> = .keep
  /// The day of the entry.
  package var date: Day?
  /// A note; `null` removes it.
  package var note: Patch<String> = .keep
  /// The category; `null` removes it.
  package var category: Patch<ID> = .keep
  /// Tags beside those in the description; an empty list removes all others. Omitted, the tags of a description go with it.
  package var tags: [String]?
  /// The only payer.
  package var payer: LedgerAccount?
  /// Several payers with their amounts.
  package var payers: [Payer]?
  /// The members who share equally.
  package var participants: [ID]?
  /// The split.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case description, amount, currency, rate, date, note, category, tags, payer, payers, participants, split
  }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.rate, .note, .category] }

  /// Creates an empty change.
  package init() {}

  /// Checks all fields that can be checked without the entry.
  package func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.tags(tags, "tags")
    checks.paying(payer, payers)
    checks.sharing(participants, split)
    checks.require(
      self != ExpenseChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// Returns the complete expense with the change applied.
  /// - Throws: `Rejection.invalid` when the currency changes without the amounts in it.
  package func applied(to old: EntryContent) throws(Rejection) -> NewExpense {
    let isOtherCurrency = currency != nil && currency != old.currency
    if isOtherCurrency { try requireAmounts(old) }
    // A single payer pays the new amount; several stay as they are, and must be changed with it.
    let single = old.payers?.count == 1 ? old.payers?[0].account : nil
    let keepsPayers = payer == nil && payers == nil
    if old.refundOf != nil { try requireRefund() }
    return NewExpense(
      description: description ?? old.description, amount: amount ?? .minorUnits(old.amount),
      currency: currency ?? old.currency, rate: rate.applied(to: isOtherCurrency ? nil : old.rate),
      date: date ?? old.date, note: note.applied(to: old.note), category: category.applied(to: old.category),
      tags: tags ?? keptTags(of: old), refundOf: old.refundOf, payer: keepsPayers ? single : payer,
      payers: keepsPayers && single == nil ? old.payers : payers, participants: participants,
      split: participants == nil ? split ?? old.split : nil)
  }

  /// Refuses what a refund has from its expense.
  private func requireRefund() throws(Rejection) {
    var checks = FieldChecks()
    for (isThere, field) in [
      (participants != nil, "participants"), (split != nil, "split"), (rate != .keep, "rate"),
      (currency != nil, "currency"),
    ] {
      checks.require(
        !isThere, field, "not_for_a_refund",
        "A refund mirrors its expense: \(field) must stay. Delete the refund and enter another one.")
    }
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
  }

  /// Returns the tags that stay: not those that were in the old description alone.
  private func keptTags(of old: EntryContent) -> [String]? {
    guard let description, description != old.description else { return old.tags }
    let gone = Tags.inText(old.description)
    return old.tags?.filter { !gone.contains($0) }
  }

  /// Requires each amount again: 5000 JPY are not 50.00 EUR.
  private func requireAmounts(_ old: EntryContent) throws(Rejection) {
    var checks = FieldChecks()
    checks.amountWithCurrency(amount)
    checks.require(
      (old.payers ?? []).count < 2 || payer != nil || payers != nil, "payers", "missing",
      "With another currency, send the amount of each payer again.")
    let hasAmounts = old.split.map { [.exact, .adjusted, .items].contains($0.method) } ?? false
    checks.require(
      !hasAmounts || split != nil || participants != nil, "split", "missing",
      "With another currency, send the amounts of the split again.")
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
  }
}
