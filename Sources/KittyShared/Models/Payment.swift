/// A request to enter a payment between two accounts. Into the kitty it is a contribution, out of it a payout.
public struct NewPayment: Creation, Hashable {
  /// The id, when the client makes it. The same id is never entered twice.
  public var id: ID?
  /// Who paid: a member's id, or `"kitty"`.
  public var from: LedgerAccount
  /// Who received: a member's id, or `"kitty"`.
  public var to: LedgerAccount
  /// How much: minor units, or a decimal text; more than zero.
  public var amount: AmountInput
  /// The group's currency when left out.
  public var currency: Currency?
  /// What one unit of the currency is worth in the group's; then it is booked in the group's currency.
  public var rate: Rate?
  /// The day it belongs to; today in UTC when left out.
  public var date: Day?
  /// What it was for: at most 200 characters; "Payment", "Contribution" or "Payout" when left out.
  public var description: String?
  /// More about it: at most 2000 characters.
  public var note: String?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case id, from, to, amount, currency, rate, date, description, note
  }

  /// Makes one.
  public init(
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
  public func bookedCurrency(in groupCurrency: Currency) -> Currency {
    rate == nil ? currency ?? groupCurrency : groupCurrency
  }

  /// Checks all fields that can be checked without the group.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    if let description { checks.text(description, "description", max: 200) }
    checks.note(note)
    checks.require(from != to, "to", "same_account", "Money goes from one account to another.")
  }
}

/// A request to change a payment; what is left out stays.
public struct PaymentChange: RequestBody, Hashable {
  /// Who paid.
  public var from: LedgerAccount?
  /// Who received.
  public var to: LedgerAccount?
  /// How much.
  public var amount: AmountInput?
  /// In which currency; another one needs a new amount, and drops the old rate when no new one comes with it.
  public var currency: Currency?
  /// What one unit is worth in the group's currency; `null` takes the rate away.
  public var rate: Patch<Rate> = .keep
  /// The day it belongs to.
  public var date: Day?
  /// What it was for.
  public var description: String?
  /// More about it; `null` takes the note away.
  public var note: Patch<String> = .keep

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case from, to, amount, currency, rate, date, description, note
  }

  /// `null` takes these away.
  public static var nullable: [CodingKeys] { [.rate, .note] }

  /// Makes a change of nothing, to be filled in.
  public init() {}

  /// Checks all fields that can be checked without the entry.
  public func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.require(
      self != PaymentChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// The payment as it would have been entered with the change in it.
  /// - Throws: `Rejection.invalid` when it would go from an account to itself, or when the currency changes and
  ///   the amount in the old one would stay.
  public func applied(to old: EntryContent) throws(Rejection) -> NewPayment {
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
