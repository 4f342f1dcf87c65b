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
    require(
      participants.count <= SplitRule.maxMembers, "participants", "too_many",
      "Name at most \(SplitRule.maxMembers) members.")
    require(
      Set(participants).count == participants.count, "participants", "twice", "Name each member once.")
  }
}
