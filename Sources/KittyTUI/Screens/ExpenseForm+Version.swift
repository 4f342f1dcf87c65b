import KittyShared

/// The expense as another user changed it meanwhile.
extension ExpenseForm {
  var version: Int64? { old?.version }
  var reading: Effect { .loadPresent(group: data.group.id, entry: id) }
  var untouched: ExpenseForm { ExpenseForm(data, id: id, today: today, changing: old) }

  func opened(_ present: Present) -> ExpenseForm? {
    guard let entry = present.details?.entry, entry.id == id, entry.deletedAt == nil else { return nil }
    return ExpenseForm(present.data, id: id, today: today, changing: entry)
  }

  func heading(_ present: Present) -> SafeText { present.heading(after: version ?? 0) }

  static var parts: [FormPart<ExpenseForm>] {
    [
      .field("description", "What for"),
      FormPart(
        name: "Amount", words: { $0.amountWords },
        copy: { $0.form.copy(["amount", "currency", "rate"], from: $1.form) }),
      .field("date", "Date"),
      .field("category", "Category"),
      FormPart(
        name: "Paid by", words: { $0.payerWords },
        copy: { ($0.payers, $0.payer, $0.several) = ($1.payers, $1.payer, $1.several) }),
      FormPart(
        name: "Split", words: { form in form.split.words { form.data.label($0) } },
        copy: { $0.split = $1.split }),
      .field("note", "Note"),
      .field("tags", "Tags"),
    ]
  }

  private var amountWords: SafeText {
    let sum = (try? amount).map { SafeText(Money(amount: $0.minorUnits, currency: $0.currency)) }
    let rate: SafeText =
      form.filled("rate").map { ", at \(Amount.shown(decimal: $0.replacing(",", with: ".")))" } ?? ""
    return (sum ?? "\(form["amount"]) \(form["currency"])") + rate
  }

  private var payerWords: SafeText { payers[payer].map { data.name(of: $0) } ?? several.words(data.name) }
}

extension Present {
  /// The authors of the changes of an entry after a version, as a sentence.
  func heading(after version: Int64) -> SafeText {
    guard let details else { return "" }
    let changes = details.history.filter { $0.version > version }
    var names: [SafeText] = []
    for change in changes {
      let name = change.by == data.group.me ? "You" : data.name(of: change.by)
      if !names.contains(name) { names.append(name) }
    }
    let who: SafeText = names.isEmpty ? "Another user" : names.joined(" and ")
    let day: SafeText = changes.last.map { " on \($0.at.day)" } ?? ""
    return "\(who) changed #\(details.entry.number)\(day), while you were writing."
  }
}
