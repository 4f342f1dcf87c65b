import KittyShared

/// A new expense, or one that is changed: what for, how much, who paid, for whom; and, while it is being
/// written, who would bear how much.
struct ExpenseForm: Screen {
  private let data: GroupData
  private var id: ID
  private let today: Day
  /// The expense that is changed.
  private var old: Entry?
  private(set) var form: FormFields
  /// Who can have paid; `nil` stands for several, who stay as they are.
  private let payers: [Account?]
  private(set) var payer: Int
  private(set) var split: SplitFields
  /// The line that has the focus: the fields, then the payer, the kind of split, and the members.
  private(set) var focus = 0
  private var pending: Effect?
  /// What was there when the form was opened.
  private var before: [String] = []

  /// - Parameter old: The expense to change; `nil` makes a new one.
  init(_ data: GroupData, id: ID, today: Day, changing old: Entry? = nil) {
    self.data = data
    self.id = old?.id ?? id
    self.today = today
    self.old = old
    let currency = old?.currency ?? data.group.currency
    form = FormFields([
      .init(name: "description", label: "What for", input: TextField(old?.description ?? "", limit: 200)),
      .init(
        name: "amount", label: "Amount",
        input: TextField(old.map { Amount($0.amount, currency).decimal } ?? "", limit: 32)),
      .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 10)),
    ])
    // Who has left since stays on an old expense.
    let named = Set((old?.shares ?? []).map(\.member) + (old?.payers ?? []).compactMap(\.account.member))
    let people = data.members.filter { $0.removedAt == nil || named.contains($0.id) }
    let several: [Account?] = (old?.payers?.count ?? 1) > 1 ? [nil] : []
    payers = several + people.map { .member($0.id) } + [.kitty]
    let paid = several.isEmpty ? old?.payers?.first?.account ?? .member(data.group.me) : nil
    payer = payers.firstIndex { $0 == paid } ?? 0
    split = SplitFields(people, rule: old?.split, currency: currency)
    before = written
  }

  private var currency: Currency { old?.currency ?? data.group.currency }
  private var payerLine: Int { form.fields.count }
  private var splitLine: Int { payerLine + 1 }
  private var lineCount: Int { splitLine + 1 + split.people.count }
  private var memberFocus: Int? { focus > splitLine ? focus - splitLine - 1 : nil }
  var participants: Set<ID> { split.participants }

  private var written: [String] {
    form.fields.map(\.input.text) + ["\(payer)", "\(split.method)", "\(split.bearers)"]
      + split.people.map { split.values[$0.id]?.text ?? "" }
  }

  var crumb: SafeText { old == nil ? "New expense" : "Change" }
  var isEditing: Bool { true }
  var hasUnsaved: Bool {
    old == nil ? !form["description"].isEmpty || !form["amount"].isEmpty : written != before
  }

  var bindings: [Binding] {
    [
      Binding([.control("s")], "^S", "save, from anywhere", .submit, footer: "save"),
      Binding([.enter], "Enter", "next line; after the amount: save", .open, footer: "next"),
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "line before", .up),
      Binding(
        [.character(" ")], "Space", "for whom: in or out; else: the next", .toggle, footer: "toggle"),
      Binding([.left, .right], "← →", "who paid, how to split: choose", .nextPanel),
      Binding([.control("x")], "^X", "for whom: everybody, nobody", .toggleAll, footer: "all/none"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    if let memberFocus { return split.edit(key, memberFocus) }
    guard focus < payerLine else {
      // The lines with a choice take both arrows.
      guard key == .left else { return false }
      choose(-1)
      return true
    }
    form.active = focus
    return form.edit(key)
  }

  private mutating func choose(_ step: Int) {
    if focus == payerLine { payer = (payer + step + payers.count) % payers.count }
    if focus == splitLine { split.turn(step) }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .down: focus = (focus + 1) % lineCount
    case .up: focus = (focus + lineCount - 1) % lineCount
    case .toggle, .nextPanel:
      if let memberFocus {
        if command == .toggle { split.toggle(memberFocus) }
      } else {
        choose(1)
      }
    case .toggleAll: split.toggleAll()
    case .open:
      // A usual expense is: what for, Enter, how much, Enter.
      if focus == 0 { focus = 1 } else { return submit() }
    case .submit: return submit()
    default: break
    }
    form.active = min(focus, payerLine - 1)
    return []
  }

  private var amount: Result<Amount, Amount.ParseFailure> {
    do throws(Amount.ParseFailure) {
      return .success(try Amount(typed: form["amount"], currency: currency))
    } catch {
      return .failure(error)
    }
  }

  private mutating func submit() -> [Action] {
    form.clearErrors()
    do {
      let effect = try effect()
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.problem(error))
      focus = form.active
      return []
    }
  }

  private func effect() throws(Problem) -> Effect {
    let amount: Amount
    switch self.amount {
    case .success(let value): amount = value
    case .failure(let failure): throw .invalid("amount", "not_an_amount", failure.description)
    }
    guard let date = Day(form["date"]) else {
      throw .invalid("date", "not_a_date", "Write a date of the calendar like \(today).")
    }
    guard !split.bearers.isEmpty else {
      throw .invalid("participants", "nobody", "Choose at least one member who bears it.")
    }
    _ = try AmountInput.minorUnits(amount.minorUnits).nonzeroAmount(in: amount.currency)
    _ = try split.shares(of: amount, seed: id).get()
    let isEqual = split.method == .equally
    let rule = isEqual ? nil : try split.rule(amount.currency)
    if let old {
      var change = ExpenseChange()
      change.description = form["description"]
      change.amount = .minorUnits(amount.minorUnits)
      change.date = date
      change.payer = payers[payer]
      change.participants = isEqual ? split.bearers : nil
      change.split = rule
      return .changeExpense(
        group: data.group.id, expense: old.id, version: old.version, try change.checked())
    }
    return .createExpense(
      group: data.group.id,
      try NewExpense(
        id: id, description: form["description"], amount: .minorUnits(amount.minorUnits),
        currency: amount.currency, date: date, payer: payers[payer],
        participants: isEqual ? split.bearers : nil, split: rule
      ).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .entered where pending != nil:
      return [
        .pop,
        .toast(
          old == nil
            ? context.said(form["description"], "is in the books.") : "The change is in the books."),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      // What was written stays, and the same id is sent again: it cannot be entered twice.
      form.show(failure, "Not saved.")
      if case .savedBefore(let entry) = failure { old = entry }
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    var row = form.view(
      into: &canvas, row: rows.lowerBound, width: width, isActive: focus < payerLine)
    var typed: Amount?
    if case .success(let amount) = amount { typed = amount }
    if let typed, !form["amount"].isEmpty, form.fields[1].error.string.isEmpty, width >= 60 {
      canvas.draw(
        "= \(typed.text(decimalMark: context.decimalMark)) \(typed.currency.code)",
        row: rows.lowerBound + 1, endingAt: width, style: .muted)
    }
    let paid: SafeText = payers[payer].map { data.name(of: $0) } ?? "several, as before"
    for (line, label, value) in [
      (payerLine, "Paid by" as SafeText, paid), (splitLine, "Split", split.methodName),
    ] {
      FormFields.drawChoice(label, value, isHere: focus == line, row: row, width: width, into: &canvas)
      row += 1
    }
    split.view(
      into: &canvas, rows: row..<rows.upperBound, width: width, focus: memberFocus, amount: typed, seed: id)
  }
}
