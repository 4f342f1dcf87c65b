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
  /// The day of the entry; when omitted, today in the time zone of the account, in UTC without one.
  package var date: Day?
  /// A note: at most 2000 characters.
  package var note: String?
  /// The category: one of the group's that is neither archived nor removed.
  package var category: ID?
  /// Tags beside those in the description, such as `#trip`: at most 10 together.
  package var tags: [String]?
  /// The expense that this one refunds, in whole or in part: its shares are mirrored, so it has no split of its own.
  package var refundOf: ID?
  /// The only payer: a member's id, or `"kitty"`. A refund goes to the payers of its expense when both are omitted.
  package var payer: LedgerAccount?
  /// Several payers with their amounts, which add up to the amount.
  package var payers: [Payer]?
  /// The members who share equally: short for a split with the method `equally`.
  package var participants: [ID]?
  /// The split; the default split of the group when both are omitted.
  package var split: SplitRule?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case id, description, amount, currency, rate, date, note, category, tags, refundOf, payer, payers
    case participants, split
  }

  package init(
    id: ID? = nil, description: String, amount: AmountInput, currency: Currency? = nil, rate: Rate? = nil,
    date: Day? = nil, note: String? = nil, category: ID? = nil, tags: [String]? = nil,
    refundOf: ID? = nil, payer: LedgerAccount? = nil, payers: [Payer]? = nil,
    participants: [ID]? = nil, split: SplitRule? = nil
  ) {
    self.id = id
    self.description = description
    self.amount = amount
    self.currency = currency
    self.rate = rate
    self.date = date
    self.note = note
    self.category = category
    self.tags = tags
    self.refundOf = refundOf
    self.payer = payer
    self.payers = payers
    self.participants = participants
    self.split = split
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) { check(&checks, isStored: false) }

  /// - Parameter isStored: `true` for a part of a group file, which keeps a tag that is reserved by now.
  func check(_ checks: inout FieldChecks, isStored: Bool) {
    checks.newID(id)
    checks.text(description, "description", max: 200)
    checks.note(note)
    checks.tags(tags, "tags", orReserved: isStored)
    checks.require(
      payer != nil || payers != nil || refundOf != nil, "payer", "missing",
      "A payer is required: send a member's id, or \"kitty\".")
    checks.paying(payer, payers)
    checks.sharing(participants, split, orReserved: isStored)
    guard refundOf != nil else { return }
    for (isThere, field) in [
      (participants != nil, "participants"), (split != nil, "split"), (rate != nil, "rate"),
    ] {
      checks.require(
        !isThere, field, "not_for_a_refund",
        "A refund with refundOf mirrors its expense: leave \(field) out, or leave refundOf out.")
    }
  }
}
