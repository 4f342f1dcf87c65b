import KittyShared

/// The lines of the form: their choices, their checks, and the way between them.
extension PaymentForm {
  /// An account does not pay itself: the choice of the other line is left out.
  var options: [Picker.Option] {
    guard focus < choices else { return [] }
    let others = accounts.enumerated().filter { $0.offset != (focus == 0 ? to : from) }
      .map { (value: $0.offset, account: $0.element as LedgerAccount?) }
    return focus == 0
      ? data.options(others, by: { ($0.payers ?? []).map(\.account) + [$0.from].compactMap { $0 } }, "paid")
      : data.options(others, by: { [$0.to].compactMap { $0 } }, "was paid")
  }

  var chosen: Int { focus == 0 ? from : to }

  mutating func choose(_ value: Int) { if focus == 0 { from = value } else { to = value } }

  /// Checks the line, and moves to another one. After the last comes the first.
  mutating func move(_ step: Int) {
    leave()
    focus = (focus + step + lineCount) % lineCount
    form.active = max(0, focus - choices)
  }

  /// Checks the field that is left.
  mutating func leave() {
    guard focus >= choices else { return }
    let typed = self
    let (name, amount) = (form.fields[form.active].name, form.fields[0].name)
    form.check(name) { (field) throws(Rejection) in try typed.check(field) }
    guard name == "currency", form.filled(amount) != nil else { return }
    form.clearError(of: amount)
    form.check(amount) { (field) throws(Rejection) in try typed.check(field) }
  }

  /// Moves the focus to the line of an error of the server, if there is one.
  mutating func goToError(_ failure: ClientFailure) {
    guard case .problem(let problem) = failure, let errors = problem.errors else { return }
    if form.fields.contains(where: { !$0.error.string.isEmpty }) {
      focus = choices + form.active
    } else if let line = ["from", "to"].firstIndex(where: { name in errors.contains { $0.field == name } }),
      line < choices
    {
      focus = line
    }
  }

  /// Checks the text of one field.
  func check(_ field: String) throws(Rejection) {
    let currency = try? form.currency()
    switch field {
    case "currency": _ = try form.currency()
    case "date": _ = try form.day(field, today: today)
    // Without a currency neither can be read.
    case "counted", "amount":
      guard let currency else { return }
      let amount = try form.amount(field, in: currency)
      if kind == .payment { _ = try AmountInput.minorUnits(amount.minorUnits).positiveAmount(in: currency) }
    case "rate":
      guard let rate = try form.rate, let currency else { return }
      _ = try rate.booked(
        (try? form.amount("amount", in: currency)) ?? Amount(1, currency), in: data.group.currency)
    default: break
    }
  }
}
