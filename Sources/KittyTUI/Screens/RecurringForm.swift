import KittyShared

/// A form for a rule of an expense that recurs, with a preview of its next days.
struct RecurringForm: CreatingForm {
  var form: FormFields
  private let data: GroupData
  var id: ID
  private let today: Day
  /// The rule to change.
  private let old: Recurring?
  private let payers: [LedgerAccount]
  private let before: [String]
  var pending: Effect?

  /// The number of days that the preview shows.
  private static let previewed = 6
  private static let modes = ["book it", "propose it"]

  /// A form for a new rule.
  init(_ data: GroupData, id: ID, today: Day) { self.init(data, id: id, today: today, old: nil) }

  /// A form for a rule of an expense.
  init(_ data: GroupData, changing rule: Recurring, today: Day) {
    self.init(data, id: rule.id, today: today, old: rule)
  }

  private init(_ data: GroupData, id: ID, today: Day, old: Recurring?) {
    self.data = data
    self.id = id
    self.today = today
    self.old = old
    let present = data.members.filter { $0.removedAt == nil }.map { LedgerAccount.member($0.id) }
    payers = present + [.kitty]
    let expense = old?.template.expense
    let currency = old?.template.currency ?? data.group.currency
    let payer = expense == nil ? LedgerAccount.member(data.group.me) : expense?.payer
    let day = old?.next?.date ?? today
    let units = Recurrence.Unit.allCases.enumerated().map {
      Picker.Option($0.offset, "\($0.element.rawValue)s")
    }
    form = FormFields([
      .init(
        name: "description", label: "What for", input: TextField(expense?.description ?? "", limit: 200)),
      .init(
        name: "amount", label: "Amount", input: TextField(old?.amount.map(\.typed) ?? "", limit: 32)),
      .currency(currency, first: data.likelyCurrencies),
      .init(
        name: "payer", label: "Paid by",
        input: TextField(payer.map { data.name(of: $0).string } ?? Self.several, limit: 64),
        choices: payers.enumerated().map { Picker.Option($0.offset, data.name(of: $0.element)) }),
      .init(name: "n", label: "Every", input: TextField("\(old?.every.n ?? 1)", limit: 4)),
      .init(
        name: "unit", label: "Unit", input: TextField("\((old?.every.unit ?? .month).rawValue)s", limit: 8),
        choices: units),
      .init(
        name: "from", label: old == nil ? "From" : "Next",
        input: TextField(day.description, limit: 16)),
      .init(name: "until", label: "Until", input: TextField(old?.until?.description ?? "", limit: 16)),
      .init(name: "times", label: "Times", input: TextField(old?.times.map { "\($0)" } ?? "", limit: 6)),
      .init(
        name: "mode", label: "Then",
        input: TextField(Self.modes[old?.mode == .propose ? 1 : 0], limit: 16),
        choices: Self.modes.enumerated().map { Picker.Option($0.offset, SafeText($0.element)) }),
    ])
    before = form.fields.map(\.input.text)
  }

  /// The payers of a rule that has several.
  private static let several = "several"

  var title: SafeText { old == nil ? "New rule" : "Change rule" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != before }
  var bindings: [Binding] { form.bindings(submit: old == nil ? "add" : "save") }

  private func isChanged(_ names: String...) -> Bool {
    names.contains { name in
      guard let index = form.fields.firstIndex(where: { $0.name == name }) else { return false }
      return form.fields[index].input.text != before[index]
    }
  }

  private var every: Every {
    get throws(Rejection) {
      guard let count = Int64(form["n"].trimmed), (1...Recurrence.maxStep).contains(count) else {
        throw .invalid("n", "out_of_range", "Write a whole number from 1 to \(Recurrence.maxStep).")
      }
      guard let unit = Recurrence.Unit.allCases.first(where: { form["unit"].trimmed == $0.rawValue + "s" })
      else { throw .invalid("unit", "unknown_unit", "Choose days, weeks, months or years.") }
      return Every(count, unit)
    }
  }

  private var until: Day? {
    get throws(Rejection) {
      guard form.filled("until") != nil else { return nil }
      return try form.day("until", today: today)
    }
  }

  private var times: Int64? {
    get throws(Rejection) {
      guard let text = form.filled("times") else { return nil }
      guard let count = Int64(text), (1...100_000).contains(count) else {
        throw .invalid("times", "out_of_range", "Write a whole number from 1 to 100000, or nothing.")
      }
      return count
    }
  }

  private var payer: LedgerAccount? {
    get throws(Rejection) {
      let text = form["payer"].trimmed
      if text == Self.several, old?.template.expense?.payers != nil { return nil }
      guard let found = payers.first(where: { data.name(of: $0).string == text }) else {
        throw .invalid("payer", "not_a_member", "Choose who pays: Space shows all.")
      }
      return found
    }
  }

  private var template: RecurringTemplate {
    get throws(Rejection) {
      let currency = try form.currency()
      let amount = try form.amount("amount", in: currency)
      var expense =
        old?.template.expense ?? NewExpense(description: "", amount: .minorUnits(0), payer: .kitty)
      expense.description = form["description"]
      expense.amount = .minorUnits(amount.minorUnits)
      expense.currency = currency
      if let payer = try payer {
        expense.payer = payer
        expense.payers = nil
      }
      return RecurringTemplate(expense: expense)
    }
  }

  private var mode: Recurring.Mode { form["mode"] == Self.modes[1] ? .propose : .book }

  func check(_ field: String) throws(Rejection) {
    switch field {
    case "description": try form.text("description", max: 200)
    case "amount": _ = try form.amount("amount", in: try form.currency())
    case "currency": _ = try form.currency()
    case "payer": _ = try payer
    case "n", "unit": _ = try every
    case "from": _ = try form.day("from", today: today)
    case "until": _ = try until
    case "times": _ = try times
    default: break
    }
  }

  func effect() throws(Rejection) -> Effect {
    let group = data.group.id
    guard let old else {
      return .makeRecurring(
        group: group,
        try NewRecurring(
          id: id, template: try template, every: try every, from: try form.day("from", today: today),
          until: try until, times: try times, mode: mode
        ).checked())
    }
    var change = RecurringChange()
    if isChanged("description", "amount", "currency", "payer") { change.template = try template }
    if isChanged("n", "unit") { change.every = try every }
    if isChanged("from") { change.from = try form.day("from", today: today) }
    if isChanged("until") { change.until = try until.map { .set($0) } ?? .clear }
    if isChanged("times") { change.times = try times.map { .set($0) } ?? .clear }
    if isChanged("mode") { change.mode = mode }
    return .changeRecurring(group: group, rule: old.id, version: old.version, try change.checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .recurringSaved(data.group.id, let rule) where pending != nil && rule.id == id:
      return [.pop, .toast(old == nil ? context.sentence(form["description"], "is added.") : "Saved.")]
    default: receiveFailure(message, context)
    }
    return []
  }

  /// The next days of the rule as it is written; empty while it cannot be read.
  private var days: [Day] {
    guard let every = try? every, let from = try? form.day("from", today: today) else { return [] }
    var rule = Recurrence(from: from, step: every.n, unit: every.unit)
    if let old {
      var change = RecurringChange()
      if isChanged("n", "unit") { change.every = every }
      if isChanged("from") { change.from = from }
      rule = (try? change.applied(to: old.recurrence, next: old.next?.k ?? old.first, last: nil)) ?? rule
    }
    rule.until = try? until
    rule.times = try? times
    let first = old?.next?.k ?? rule.first
    return (first..<(first + Int64(Self.previewed))).prefix { rule.day($0) != nil }.compactMap {
      rule.day($0)
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let days = days
    guard let last = days.last else { return }
    let list = days.dropLast().reduce("" as SafeText) { "\($0)\($1.weekday.short) \($1), " }
    drawHint(
      "Next: \(list)\(last.weekday.short) \(last)\(days.count < Self.previewed ? ", then it ends." : " …")",
      into: &canvas, row: row + 1, context)
  }
}
