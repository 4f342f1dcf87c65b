/// A request to enter an expense.
package struct NewExpense: Creation, Hashable {
  /// The id, when the client makes it. The same id is never entered twice.
  package var id: ID?
  /// What it was for: at most 200 characters.
  package var description: String
  /// How much: minor units, or a decimal text. Below zero is a refund.
  package var amount: AmountInput
  /// The group's currency when left out.
  package var currency: Currency?
  /// What one unit of the currency is worth in the group's; then it is booked in the group's currency.
  package var rate: Rate?
  /// The day it belongs to; today in UTC when left out.
  package var date: Day?
  /// More about it: at most 2000 characters.
  package var note: String?
  /// Who paid all of it: a member's id, or `"kitty"`.
  package var payer: LedgerAccount?
  /// Who paid how much of it, when there are several; together the amount.
  package var payers: [Payer]?
  /// Who shares it equally: short for a split with the method `equally`.
  package var participants: [ID]?
  /// How it is divided; equally among everybody in the group when both are left out.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, description, amount, currency, rate, date, note, payer, payers, participants, split
  }

  package init(
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
  package func check(_ checks: inout FieldChecks) {
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
package struct ExpenseChange: RequestBody, Hashable {
  /// What it was for.
  package var description: String?
  /// How much.
  package var amount: AmountInput?
  /// In which currency; another one needs a new amount, and drops the old rate when no new one comes with it.
  package var currency: Currency?
  /// What one unit is worth in the group's currency; `null` takes the rate away.
  package var rate: Patch<Rate> = .keep
  /// The day it belongs to.
  package var date: Day?
  /// More about it; `null` takes the note away.
  package var note: Patch<String> = .keep
  /// Who paid all of it.
  package var payer: LedgerAccount?
  /// Who paid how much of it.
  package var payers: [Payer]?
  /// Who shares it equally.
  package var participants: [ID]?
  /// How it is divided.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case description, amount, currency, rate, date, note, payer, payers, participants, split
  }

  /// `null` takes these away.
  package static var nullable: [CodingKeys] { [.rate, .note] }

  /// Makes a change of nothing, to be filled in.
  package init() {}

  /// Checks all fields that can be checked without the entry.
  package func check(_ checks: inout FieldChecks) {
    if let description { checks.text(description, "description", max: 200) }
    if case .set(let note) = note { checks.note(note) }
    checks.paying(payer, payers)
    checks.sharing(participants, split)
    checks.require(
      self != ExpenseChange(), "", "nothing_to_change", "Send at least one field with a new value.")
  }

  /// The expense as it would have been entered with the change in it.
  /// - Throws: `Rejection.invalid` when the currency changes and an amount in the old one would stay.
  package func applied(to old: EntryContent) throws(Rejection) -> NewExpense {
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
