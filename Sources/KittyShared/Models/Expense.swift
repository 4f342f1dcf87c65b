/// A request to enter an expense.
package struct NewExpense: Creation, Hashable {
  /// The id, if the client makes it. An id is never entered twice.
  package var id: ID?
  /// The description: at most 200 characters.
  package var description: String
  /// The amount: minor units, or a decimal string. A negative amount is a refund.
  package var amount: AmountInput
  /// The currency; the group's when omitted.
  package var currency: Currency?
  /// The worth of one unit in the group's currency; with a rate, the entry is booked in the group's currency.
  package var rate: Rate?
  /// The day of the entry; today in UTC when omitted.
  package var date: Day?
  /// A note: at most 2000 characters.
  package var note: String?
  /// The only payer: a member's id, or `"kitty"`.
  package var payer: LedgerAccount?
  /// Several payers with their amounts, which add up to the amount.
  package var payers: [Payer]?
  /// The members who share equally: short for a split with the method `equally`.
  package var participants: [ID]?
  /// The split; equally among all members when both are omitted.
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
      payer != nil || payers != nil, "payer", "missing",
      "A payer is required: send a member's id, or \"kitty\".")
    checks.paying(payer, payers)
    checks.sharing(participants, split)
  }
}

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
  /// The only payer.
  package var payer: LedgerAccount?
  /// Several payers with their amounts.
  package var payers: [Payer]?
  /// The members who share equally.
  package var participants: [ID]?
  /// The split.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case description, amount, currency, rate, date, note, payer, payers, participants, split
  }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.rate, .note] }

  /// Creates an empty change.
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

  /// Returns the complete expense with the change applied.
  /// - Throws: `Rejection.invalid` when the currency changes without the amounts in it.
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

extension FieldChecks {
  mutating func note(_ note: String?) {
    guard let note else { return }
    // A note may have line breaks.
    require(
      note.unicodeScalars.count <= 2000, "note", "too_long",
      "Write at most 2000 characters; the text has \(note.unicodeScalars.count).")
    require(
      !note.unicodeScalars.contains { $0.isInvisibleControl && $0 != "\n" }, "note", "control_character",
      "Leave out invisible control characters other than line breaks.")
  }

  mutating func amountWithCurrency(_ amount: AmountInput?) {
    require(
      amount != nil, "amount", "missing",
      "With another currency, send a new amount: the old one is not converted.")
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
      "Name at least one member, or omit this field for all members.")
    require(participants.count <= 500, "participants", "too_many", "Name at most 500 members.")
    require(
      Set(participants).count == participants.count, "participants", "twice", "Name each member once.")
  }
}
