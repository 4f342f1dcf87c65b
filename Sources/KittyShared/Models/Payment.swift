/// A request to enter a payment between two accounts. Into the kitty it is a contribution, out of it a payout.
package struct NewPayment: Creation, Hashable {
  /// The id, when the client makes it. The same id is never entered twice.
  package var id: ID?
  /// Who paid: a member's id, or `"kitty"`.
  package var from: LedgerAccount
  /// Who received: a member's id, or `"kitty"`.
  package var to: LedgerAccount
  /// How much: minor units, or a decimal text; more than zero.
  package var amount: AmountInput
  /// The group's currency when left out.
  package var currency: Currency?
  /// What one unit of the currency is worth in the group's; then it is booked in the group's currency.
  package var rate: Rate?
  /// The day it belongs to; today in UTC when left out.
  package var date: Day?
  /// What it was for: at most 200 characters; "Payment", "Contribution" or "Payout" when left out.
  package var description: String?
  /// More about it: at most 2000 characters.
  package var note: String?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, from, to, amount, currency, rate, date, description, note
  }

  package init(
    id: ID? = nil, from: LedgerAccount, to: LedgerAccount, amount: AmountInput, currency: Currency? = nil,
    rate: Rate? = nil, date: Day? = nil, description: String? = nil, note: String? = nil
  ) {
    self.id = id
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
    self.rate = rate
    self.date = date
    self.description = description
    self.note = note
  }

  /// The currency in which it is booked in a group with this one.
  package func bookedCurrency(in groupCurrency: Currency) -> Currency {
    rate == nil ? currency ?? groupCurrency : groupCurrency
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    if let description { checks.text(description, "description", max: 200) }
    checks.note(note)
    checks.require(from != to, "to", "same_account", "Money goes from one account to another.")
  }
}

/// A request to change a payment; what is left out stays.
package struct PaymentChange: RequestBody, Hashable {
  /// Who paid.
  package var from: LedgerAccount?
  /// Who received.
  package var to: LedgerAccount?
  /// How much.
  package var amount: AmountInput?
  /// In which currency; another one needs a new amount, and drops the old rate when no new one comes with it.
  package var currency: Currency?
  /// What one unit is worth in the group's currency; `null` takes the rate away.
  package var rate: Patch<Rate> = .keep
  /// The day it belongs to.
  package var date: Day?
  /// What it was for.
  package var description: String?
  /// More about it; `null` takes the note away.
  package var note: Patch<String> = .keep

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case from, to, amount, currency, rate, date, description, note
  }

  /// `null` takes these away.
  package static var nullable: [CodingKeys] { [.rate, .note] }

  /// Makes a change of nothing, to be filled in.
  package init() {}

  /// Checks all fields that can be checked without the entry.
  package func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.require(
      self != PaymentChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// The payment as it would have been entered with the change in it.
  /// - Throws: `Rejection.invalid` when it would go from an account to itself, or when the currency changes and
  ///   the amount in the old one would stay.
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
