extension FieldChecks {
  /// Checks the note of a request, as it will be stored: with plain lines.
  mutating func note(_ note: String?) { storedNote(note?.withPlainLines) }

  /// Checks a note of a group file. It may have line breaks.
  mutating func storedNote(_ note: String?) {
    guard let note else { return }
    require(
      note.unicodeScalars.count <= 2000, "note", "too_long",
      "Write at most 2000 characters; the text has \(note.unicodeScalars.count).")
    plain(note, "note", lines: nil)
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

  mutating func sharing(_ participants: [ID]?, _ split: SplitRule?, orReserved: Bool = false) {
    require(
      participants == nil || split == nil, "split", "two_ways", "Send participants or split, not both.")
    split?.check(&self, orReserved: orReserved)
    guard let participants else { return }
    require(
      !participants.isEmpty, "participants", "nobody",
      "Name at least one member, or omit this field for all members.")
    require(
      participants.count <= SplitRule.maxSharers, "participants", "too_many",
      "Name at most \(SplitRule.maxSharers) members.")
    require(
      Set(participants).count == participants.count, "participants", "twice", "Name each member once.")
  }
}
