import KittyShared

extension ExpenseForm {
  /// A form for a new expense with what is understood of a line of quick entry. Words that are not clear stay in the
  /// description, so that none is lost.
  init(_ data: GroupData, id: ID, today: Day, reading: QuickReading) {
    self.init(data, id: id, today: today)
    let currency = reading.amount?.currency ?? data.group.currency
    func fill(_ name: String, _ text: String) {
      guard let index = form.fields.firstIndex(where: { $0.name == name }) else { return }
      form.fields[index].input.set(text)
    }
    fill(
      "description", ([reading.description] + reading.unread).filter { !$0.isEmpty }.joined(separator: " "))
    if let amount = reading.amount { fill("amount", amount.typed) }
    if let date = reading.date { fill("date", date.description) }
    fill("currency", currency.code)
    if currency != data.group.currency { form.shown = form.fields.count }
    if reading.named.count == 1, let only = reading.named.first {
      payer = payers.firstIndex { $0 == only.account } ?? payer
    } else if reading.named.count > 1 {
      payer = payers.firstIndex { $0 == nil } ?? payer
      for named in reading.named { several.set(named.amount ?? "", of: named.account) }
      for part in reading.payers ?? [] {
        let amount = try? part.amount.amount(in: currency)
        several.set(amount?.typed ?? "", of: part.account)
      }
    }
    if let participants = reading.participants {
      split = SplitFields(split.people, rule: .equally(participants), currency: currency)
    }
    focus = .field(form["description"].isEmpty ? 0 : 1)
  }

  /// Takes over the input of another form of the same expense.
  mutating func take(_ other: ExpenseForm) {
    for part in Self.parts { part.copy(&self, other) }
  }
}
