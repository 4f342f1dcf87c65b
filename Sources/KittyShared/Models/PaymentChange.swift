/// A request to change a payment; omitted fields stay unchanged.
package struct PaymentChange: RequestBody, Hashable {
  /// The paying account.
  package var from: LedgerAccount?
  /// The receiving account.
  package var to: LedgerAccount?
  /// The amount.
  package var amount: AmountInput?
  /// The currency; another one requires a new amount, and removes the old rate unless there is a new one.
  package var currency: Currency?
  /// The worth of one unit in the group's currency; `null` removes the rate.
  package var rate: Patch<Rate> = .keep
  /// The day of the entry.
  package var date: Day?
  /// The description.
  package var description: String?
  /// A note; `null` removes it.
  package var note: Patch<String> = .keep

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case from, to, amount, currency, rate, date, description, note
  }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.rate, .note] }

  /// Creates an empty change.
  package init() {}

  /// Checks all fields that can be checked without the entry.
  package func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.require(
      self != PaymentChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// Returns the complete payment with the change applied.
  /// - Throws: `Rejection.invalid` when both accounts would be the same, or when the currency changes without
  ///   a new amount.
  package func applied(to old: EntryContent) throws(Rejection) -> NewPayment {
    let isOtherCurrency = currency != nil && currency != old.currency
    if isOtherCurrency {
      var checks = FieldChecks()
      checks.amountWithCurrency(amount)
      guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
    }
    return try NewPayment(
      from: from ?? old.from ?? .kitty, to: to ?? old.to ?? .kitty, amount: amount ?? .minorUnits(old.amount),
      currency: currency ?? old.currency, rate: rate.applied(to: isOtherCurrency ? nil : old.rate),
      date: date ?? old.date, description: description ?? old.description, note: note.applied(to: old.note)
    ).checked()
  }
}
