/// A request to enter an expense.
public struct NewExpense: Creation, Hashable {
  /// The id, when the client makes it. The same id is never entered twice.
  public var id: ID?
  /// What it was for: at most 200 characters.
  public var description: String
  /// How much: minor units, or a decimal text. Below zero is a refund.
  public var amount: AmountInput
  /// The group's currency when left out.
  public var currency: Currency?
  /// What one unit of the currency is worth in the group's; then it is booked in the group's currency.
  public var rate: Rate?
  /// The day it belongs to; today in UTC when left out.
  public var date: Day?
  /// More about it: at most 2000 characters.
  public var note: String?
  /// Who paid all of it: a member's id, or `"kitty"`.
  public var payer: LedgerAccount?
  /// Who paid how much of it, when there are several; together the amount.
  public var payers: [Payer]?
  /// Who shares it equally: short for a split with the method `equally`.
  public var participants: [ID]?
  /// How it is divided; equally among everybody in the group when both are left out.
  public var split: SplitRule?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case id, description, amount, currency, rate, date, note, payer, payers, participants, split
  }

  /// Makes one.
  public init(
    id: ID? = nil, description: String, amount: AmountInput, currency: Currency? = nil, rate: Rate? = nil,
    date: Day? = nil, note: String? = nil, payer: LedgerAccount? = nil, payers: [Payer]? = nil,
    participants: [ID]? = nil, split: SplitRule? = nil
  ) {
    self.id = id
    self.description = description
    self.amount = amount
    self.currency = currency
    self.rate = rate
    self.date = date
    self.note = note
    self.payer = payer
    self.payers = payers
    self.participants = participants
    self.split = split
  }

  /// Checks all fields that can be checked without the group.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(description, "description", max: 200)
    checks.note(note)
    checks.require(
      payer != nil || payers != nil, "payer", "missing", "Say who paid: a member's id, or \"kitty\".")
    checks.paying(payer, payers)
    checks.sharing(participants, split)
  }
}

/// A request to change an expense; what is left out stays.
public struct ExpenseChange: RequestBody, Hashable {
  /// What it was for.
  public var description: String?
  /// How much.
  public var amount: AmountInput?
  /// In which currency; another one needs a new amount, and drops the old rate when no new one comes with it.
  public var currency: Currency?
  /// What one unit is worth in the group's currency; `null` takes the rate away.
  public var rate: Patch<Rate> = .keep
  /// The day it belongs to.
  public var date: Day?
  /// More about it; `null` takes the note away.
  public var note: Patch<String> = .keep
  /// Who paid all of it.
  public var payer: LedgerAccount?
  /// Who paid how much of it.
  public var payers: [Payer]?
  /// Who shares it equally.
  public var participants: [ID]?
  /// How it is divided.
  public var split: SplitRule?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case description, amount, currency, rate, date, note, payer, payers, participants, split
  }

  /// `null` takes these away.
  public static var nullable: [CodingKeys] { [.rate, .note] }

  /// Makes a change of nothing, to be filled in.
  public init() {}

  /// Checks all fields that can be checked without the entry.
  public func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.paying(payer, payers)
    checks.sharing(participants, split)
    checks.require(
      self != ExpenseChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// The expense as it would have been entered with the change in it.
  /// - Throws: `Rejection.invalid` when the currency changes and an amount in the old one would stay.
  public func applied(to old: EntryContent) throws(Rejection) -> NewExpense {
    let isOtherCurrency = currency != nil && currency != old.currency
    if isOtherCurrency { try requireAmounts(old) }
    // A single payer pays the new amount; several stay as they are, and must be changed with it.
    let single = old.payers?.count == 1 ? old.payers?[0].account : nil
    let keepsPayers = payer == nil && payers == nil
    return NewExpense(
      description: description ?? old.description, amount: amount ?? .minorUnits(old.amount),
      currency: currency ?? old.currency, rate: rate.applied(to: isOtherCurrency ? nil : old.rate),
      date: date ?? old.date, note: note.applied(to: old.note), payer: keepsPayers ? single : payer,
      payers: keepsPayers && single == nil ? old.payers : payers, participants: participants,
      split: participants == nil ? split ?? old.split : nil)
  }

  /// 5000 JPY are not 50.00 EUR: whatever was an amount in the old currency is said anew.
  private func requireAmounts(_ old: EntryContent) throws(Rejection) {
    var checks = FieldChecks()
    checks.amountWithCurrency(amount)
    checks.require(
      (old.payers ?? []).count < 2 || payer != nil || payers != nil, "payers", "missing",
      "With another currency, say again who paid how much of it.")
    let hasAmounts = old.split.map { [.exact, .adjusted, .items].contains($0.method) } ?? false
    checks.require(
      !hasAmounts || split != nil || participants != nil, "split", "missing",
      "With another currency, send the amounts of the split again.")
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
  }
}

extension FieldChecks {
  mutating func note(_ note: String?) {
    guard let note else { return }
    // A note may have lines.
    require(
      note.unicodeScalars.count <= 2000, "note", "too_long",
      "Write at most 2000 characters; this has \(note.unicodeScalars.count).")
    require(
      !note.unicodeScalars.contains { $0.isInvisibleControl && $0 != "\n" }, "note", "control_character",
      "Leave out invisible control characters other than line breaks.")
  }

  mutating func amountWithCurrency(_ amount: AmountInput?) {
    require(
      amount != nil, "amount", "missing",
      "With another currency, say the amount in it: the old one is not converted.")
  }

  mutating func paying(_ payer: LedgerAccount?, _ payers: [Payer]?) {
    require(payer == nil || payers == nil, "payers", "two_ways", "Send payer or payers, not both.")
    guard let payers else { return }
    require(!payers.isEmpty, "payers", "nobody", "Name at least one payer.")
    require(payers.count <= 100, "payers", "too_many", "Name at most 100 payers.")
    require(
      Set(payers.map(\.account)).count == payers.count, "payers", "twice", "Name each payer once.")
  }

  mutating func sharing(_ participants: [ID]?, _ split: SplitRule?) {
    require(
      participants == nil || split == nil, "split", "two_ways", "Send participants or split, not both.")
    split?.check(&self)
    guard let participants else { return }
    require(
      !participants.isEmpty, "participants", "nobody",
      "Name at least one member, or leave this out for everybody.")
    require(participants.count <= 500, "participants", "too_many", "Name at most 500 members.")
    require(
      Set(participants).count == participants.count, "participants", "twice", "Name each member once.")
  }
}
