import KittyShared

/// The payment as another user changed it meanwhile. A count is never changed.
extension PaymentForm {
  var version: Int64? { old?.version }
  var reading: Effect { .loadPresent(group: data.group.id, entry: id) }
  var untouched: PaymentForm { PaymentForm(data, id: id, today: today, changing: old) }

  func opened(_ present: Present) -> PaymentForm? {
    guard let entry = present.details?.entry, entry.id == id, entry.deletedAt == nil else { return nil }
    return PaymentForm(present.data, id: id, today: today, changing: entry)
  }

  func heading(_ present: Present) -> SafeText { present.heading(after: version ?? 0) }

  mutating func rebase(on present: Present) {
    data = present.data
    old = present.details?.entry
  }

  static var parts: [FormPart<PaymentForm>] {
    [
      FormPart(
        name: "Payment",
        words: { "\($0.data.name(of: $0.accounts[$0.from])) → \($0.data.name(of: $0.accounts[$0.to]))" },
        copy: { ($0.accounts, $0.from, $0.to) = ($1.accounts, $1.from, $1.to) }),
      FormPart(
        name: "Amount", words: { $0.amountWords },
        copy: { $0.form.copy(["amount", "currency", "rate"], from: $1.form) }),
      .field("date", "Date"), .field("description", "What for"), .field("note", "Note"),
    ]
  }

  private var amountWords: SafeText {
    let typed = Currency(code: form["currency"]).flatMap { try? Amount(typed: form["amount"], currency: $0) }
    let sum = typed.map { SafeText(Money(amount: $0.minorUnits, currency: $0.currency)) }
    let rate: SafeText =
      form.filled("rate").map { ", at \(Amount.shown(decimal: $0.replacing(",", with: ".")))" } ?? ""
    return (sum ?? "\(form["amount"]) \(form["currency"])") + rate
  }
}
