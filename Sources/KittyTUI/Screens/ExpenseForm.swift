import KittyShared

/// A new expense: what for, how much, who paid, for whom; and, while it is being written, who would bear
/// how much.
struct ExpenseForm: Screen {
  private let data: GroupData
  private let id: ID
  private let today: Day
  private(set) var form: FormFields
  private(set) var payer: Int
  private(set) var participants: Set<ID>
  /// The line that has the focus: the fields, then the payer, then the members.
  private(set) var focus = 0
  private var pending: Effect?

  init(_ data: GroupData, id: ID, today: Day) {
    self.data = data
    self.id = id
    self.today = today
    form = FormFields([
      .init(name: "description", label: "What for", input: TextField(limit: 200)),
      .init(name: "amount", label: "Amount", input: TextField(limit: 32)),
      .init(name: "date", label: "Date", input: TextField(today.description, limit: 10)),
    ])
    payer = data.present.firstIndex { $0.id == data.group.me } ?? 0
    participants = Set(data.present.map(\.id))
  }

  private var people: [Member] { data.present }
  private var payerLine: Int { form.fields.count }
  private var lineCount: Int { form.fields.count + 1 + people.count }

  var crumb: SafeText { "New expense" }
  var isEditing: Bool { true }
  var hasUnsaved: Bool { !form["description"].isEmpty || !form["amount"].isEmpty }

  var bindings: [Binding] {
    [
      Binding([.control("s")], "^S", "save, from anywhere", .submit, footer: "save"),
      Binding([.enter], "Enter", "next line; after the amount: save", .open, footer: "next"),
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "line before", .up),
      Binding(
        [.character(" ")], "Space", "for whom: in or out; who paid: the next", .toggle, footer: "toggle"),
      Binding([.left, .right], "← →", "who paid: the one before, the next", .nextPanel),
      Binding([.control("x")], "^X", "for whom: everybody, nobody", .toggleAll, footer: "all/none"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard focus < payerLine else {
      // The payer's line takes both arrows.
      if focus == payerLine, key == .left, !people.isEmpty {
        payer = (payer + people.count - 1) % people.count
        return true
      }
      return false
    }
    form.active = focus
    return form.edit(key)
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .down: focus = (focus + 1) % lineCount
    case .up: focus = (focus + lineCount - 1) % lineCount
    case .toggle, .nextPanel:
      if focus == payerLine, !people.isEmpty {
        payer = (payer + 1) % people.count
      } else if command == .toggle, focus > payerLine {
        let member = people[focus - payerLine - 1].id
        if participants.remove(member) == nil { participants.insert(member) }
      }
    case .toggleAll: participants = participants.count == people.count ? [] : Set(people.map(\.id))
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
      return .success(try Amount(typed: form["amount"], currency: data.group.currency))
    } catch {
      return .failure(error)
    }
  }

  private var bearers: [ID] { people.map(\.id).filter(participants.contains) }

  private mutating func submit() -> [Action] {
    form.clearErrors()
    do {
      let amount: Amount
      switch self.amount {
      case .success(let value): amount = value
      case .failure(let failure): throw Problem.invalid("amount", "not_an_amount", failure.description)
      }
      guard let date = Day(form["date"]) else {
        throw Problem.invalid("date", "not_a_date", "Write a date of the calendar like \(today).")
      }
      guard people.indices.contains(payer) else {
        throw Problem.invalid("payer", "nobody", "Choose who paid.")
      }
      _ = try AmountInput.minorUnits(amount.minorUnits).positiveAmount(in: amount.currency)
      let expense = try NewExpense(
        id: id, description: form["description"], amount: .minorUnits(amount.minorUnits),
        currency: amount.currency, date: date, payer: .member(people[payer].id), participants: bearers
      ).checked()
      let effect = Effect.createExpense(group: data.group.id, expense)
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.problem((error as? Problem) ?? .invalid("amount", "invalid", "\(error)")))
      focus = form.active
      return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .expenseCreated where pending != nil:
      return [.pop, .toast("\"\(form["description"])\" is in the books.")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure)
      // What was written stays, and the same id is sent again: it cannot be entered twice.
      form.error = "Not saved. \(form.error)"
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    var row = form.view(
      into: &canvas, row: rows.lowerBound, width: width, isActive: focus < payerLine)
    if case .success(let amount) = amount, !form["amount"].isEmpty, form.fields[1].error.string.isEmpty,
      width >= 60
    {
      canvas.draw(
        "= \(amount.text(decimalMark: context.decimalMark)) \(amount.currency.code)",
        row: rows.lowerBound + 1,
        endingAt: width, style: .muted)
    }
    let isPaying = focus == payerLine
    canvas.draw(isPaying ? ">" : " ", row: row, column: 0, style: .key)
    canvas.draw("Paid by", row: row, column: 2, style: isPaying ? .bold : .normal)
    let name: SafeText = people.indices.contains(payer) ? "\(people[payer].name)" : "nobody"
    canvas.draw("‹ \(name) ›", row: row, column: 12, width: max(0, width - 13))
    if isPaying { canvas.placeCursor(row: row, column: 12) }
    row += 1
    drawShares(into: &canvas, rows: row..<rows.upperBound, width)
  }

  private func drawShares(into canvas: inout Canvas, rows: Range<Int>, _ width: Int) {
    guard rows.count > 1 else { return }
    canvas.draw(
      "  For whom, and what each bears", row: rows.lowerBound, column: 0, width: width, style: .muted)
    var shares: [ID: Int64] = [:]
    if case .success(let amount) = amount {
      // The very computation that the server makes, with the very id that it will use.
      for share in (try? Split.equally(bearers).shares(of: amount.minorUnits, seed: id)) ?? [] {
        shares[share.member] = share.amount
      }
    }
    let height = rows.count - 1
    let here = max(0, focus - payerLine - 1)
    let first = max(0, min(here - height / 2, people.count - height))
    for (offset, place) in (first..<min(people.count, first + height)).enumerated() {
      let (row, member) = (rows.lowerBound + 1 + offset, people[place])
      let isHere = focus == payerLine + 1 + place
      let isIn = participants.contains(member.id)
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      canvas.draw(isIn ? "[x]" : "[ ]", row: row, column: 2)
      let share: SafeText =
        isIn
        ? shares[member.id].map { "\(Amount($0, data.group.currency).text()) \(data.group.currency.code)" }
          ?? "—" : "—"
      let end = min(width, 50)
      canvas.draw(
        SafeText(member.name), row: row, column: 6, width: max(0, end - 8 - share.width),
        style: isHere ? .bold : .normal)
      canvas.draw(share, row: row, endingAt: end, style: isIn ? .normal : .muted)
      if isHere { canvas.placeCursor(row: row, column: 2) }
    }
  }
}
