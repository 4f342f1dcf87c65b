/// A request to enter a payment between two accounts. Into the kitty it is a contribution, out of it a payout.
package struct NewPayment: Creation, Hashable {
  /// The id, if the client makes it. An id is never entered twice.
  package var id: ID?
  /// The paying account: a member's id, or `"kitty"`.
  package var from: LedgerAccount
  /// The receiving account: a member's id, or `"kitty"`.
  package var to: LedgerAccount
  /// The amount: minor units, or a decimal string; greater than zero.
  package var amount: AmountInput
  /// The currency; the group's when omitted.
  package var currency: Currency?
  /// The worth of one unit in the group's currency; with a rate, the entry is booked in the group's currency.
  package var rate: Rate?
  /// The day of the entry; when omitted, today in the time zone of the account, in UTC without one.
  package var date: Day?
  /// The description: at most 200 characters; "Payment", "Contribution" or "Payout" when omitted.
  package var description: String?
  /// A note: at most 2000 characters.
  package var note: String?
  /// `true` refuses a payment that is more than the payer owes or the recipient is owed, such as a suggested payment
  /// that both of them enter. `false` when omitted.
  package var onlyIfOwed: Bool?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, from, to, amount, currency, rate, date, description, note, onlyIfOwed
  }

  package init(
    id: ID? = nil, from: LedgerAccount, to: LedgerAccount, amount: AmountInput, currency: Currency? = nil,
    rate: Rate? = nil, date: Day? = nil, description: String? = nil, note: String? = nil,
    onlyIfOwed: Bool? = nil
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
    self.onlyIfOwed = onlyIfOwed
  }

  /// Returns the currency in which the payment is booked in a group with `groupCurrency`.
  package func bookedCurrency(in groupCurrency: Currency) -> Currency {
    rate == nil ? currency ?? groupCurrency : groupCurrency
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    if let description { checks.text(description, "description", max: 200) }
    checks.note(note)
    checks.require(from != to, "to", "same_account", "from and to must be different accounts.")
  }
}
