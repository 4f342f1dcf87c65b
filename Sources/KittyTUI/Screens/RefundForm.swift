import KittyShared

/// A form for a refund of an expense: the amount that comes back. Its shares mirror those of the expense.
struct RefundForm: CreatingForm {
  private let data: GroupData
  /// The expense that is refunded; the refund itself when it is changed.
  private let entry: Entry
  private let today: Day
  /// The refund to change.
  private let old: Entry?
  var id: ID
  var form: FormFields
  private let before: [String]
  var pending: Effect?

  /// A form for a refund of an expense.
  init(_ data: GroupData, id: ID, today: Day, of expense: Entry) {
    self.init(data, id: id, today: today, expense, nil)
  }

  /// A form for an existing refund.
  init(_ data: GroupData, today: Day, changing refund: Entry) {
    self.init(data, id: refund.id, today: today, refund, refund)
  }

  private init(_ data: GroupData, id: ID, today: Day, _ entry: Entry, _ old: Entry?) {
    (self.data, self.id, self.today, self.entry, self.old) = (data, id, today, entry, old)
    // What the loaded refunds leave. Of a whole refund nothing is left to fill in.
    let refunds = old == nil ? data.entries.filter { $0.refundOf == entry.id && $0.deletedAt == nil } : []
    let rest = refunds.reduce(Int128(entry.amount)) { $0 + Int128($1.amount) }
    let isOpen = rest.signum() == entry.amount.signum()
    let amount = isOpen ? Amount(Int64(clamping: rest.magnitude), entry.currency).typed : ""
    form = FormFields([
      .init(
        name: "description", label: "What for",
        input: TextField(old?.description ?? String("Refund: \(entry.description)".prefix(200)), limit: 200)),
      .init(name: "amount", label: "Comes back", input: TextField(amount, limit: 32)),
      .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 16)),
    ])
    before = form.fields.map(\.input.text)
  }

  var title: SafeText { old == nil ? "Refund" : "Edit refund" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != before }
  var bindings: [Binding] { form.bindings(submit: "save") }

  /// The sign of the amount of the refund.
  private var sign: Int64 { old == nil ? -entry.amount.signum() : entry.amount.signum() }

  private var amount: Amount {
    get throws(Rejection) {
      do throws(Amount.ParseFailure) {
        let amount = try Amount(typed: form["amount"], currency: entry.currency)
        return Amount(Int64(clamping: amount.minorUnits.magnitude) * sign, entry.currency)
      } catch {
        throw .invalid("amount", "not_an_amount", error.description)
      }
    }
  }

  func check(_ field: String) throws(Rejection) {
    switch field {
    case "description": try form.text(field, max: 200)
    case "amount": _ = try amount
    default: _ = try form.day(field, today: today)
    }
  }

  func effect() throws(Rejection) -> Effect {
    let (amount, date) = (try amount, try form.day("date", today: today))
    if let old {
      var change = ExpenseChange()
      change.description = form["description"]
      change.amount = .minorUnits(amount.minorUnits)
      change.date = date
      return .changeExpense(
        group: data.group.id, expense: old.id, version: old.version, try change.checked())
    }
    return .createExpense(
      group: data.group.id,
      try NewExpense(
        id: id, description: form["description"], amount: .minorUnits(amount.minorUnits), date: date,
        refundOf: entry.id
      ).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .entered where pending != nil:
      return [.pop, .run(.loadGroup(data.group.id)), .toast("Saved.")]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    drawHint(
      "Each gets back their part of it, and it goes to those who paid. Refunds of the whole leave nothing, to the cent.",
      into: &canvas, row: row + 1, context)
  }
}
