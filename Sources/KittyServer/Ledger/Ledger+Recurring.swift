import KittyShared

extension Ledger {
  /// Returns the content of an entry of a rule.
  /// - Parameters:
  ///   - turns: The memory of the odd units; it takes a turn.
  /// - Throws: `Rejection.invalid` that names the field of the template.
  static func content(
    for template: RecurringTemplate, source: RecurringSource, date: Day, currency: Currency,
    people: Participants, turns: inout FairTurns
  ) throws(Rejection) -> EntryContent {
    var content: EntryContent
    if var expense = template.expense {
      expense.date = date
      content = try Ledger.content(
        for: expense, seed: source.entry, currency: currency, people: people, today: date)
    } else if var payment = template.payment {
      payment.date = date
      content = try Ledger.content(for: payment, currency: currency, people: people, today: date)
    } else {
      throw .invalid("", "one_of_two", "A template has either an expense or a payment.")
    }
    content.recurring = source
    turns.take(for: &content, rule: source.rule)
    return content
  }
}

extension RecurringTemplate {
  /// Returns the template as it is stored: with the currency of the group where it names none, so that a rule keeps its
  /// currency.
  func stored(in currency: Currency) -> RecurringTemplate {
    var template = self
    template.expense?.currency = currency
    template.payment?.currency = currency
    template.expense?.description = expense?.description.trimmed ?? ""
    template.payment?.description = payment?.description?.trimmed
    return template
  }
}
