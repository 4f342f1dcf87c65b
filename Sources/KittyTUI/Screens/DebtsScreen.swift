import KittyShared

/// The debts between each two members, as they arose. Only mutual debts are offset.
struct DebtsScreen: Screen {
  private let data: GroupData
  private(set) var debts: [Transfer]?
  private(set) var selection = ListSelection<Transfer>()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Debts" }
  var needsData: Bool { debts == nil }
  var refresh: [Effect] { [.loadDebts(data.group.id)] }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "enter a payment for this debt", .open,
        footer: "enter payment")
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let debts = debts ?? []
    if selection.move(command, in: debts, page: context.height - 6) { return [] }
    guard command == .open, let index = selection.index(in: debts) else { return [] }
    return [
      .push(PaymentForm(data, id: context.newID(), today: context.today, suggestion: debts[index]))
    ]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .debts(data.group.id, let debts) = message {
      self.debts = debts
      selection.update(debts)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    guard let debts else {
      canvas.draw("Loading the debts…", row: row, column: 2, style: .muted)
      canvas.placeCursor(row: row, column: 0)
      return
    }
    let words: SafeText =
      debts.isEmpty
      ? "There are no debts."
      : "The debts from what was really paid, before any simplification."
    for line in words.wrapped(to: max(10, context.width - 4)) {
      canvas.draw(line, row: row, column: 2, style: .muted)
      row += 1
    }
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    row += 1
    let index = selection.index(in: debts)
    for position in selection.visible(in: debts, height: max(0, rows.upperBound - row)) {
      let debt = debts[position]
      let isHere = position == index
      let sum = SafeText(Money(amount: debt.amount, currency: debt.currency))
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      canvas.draw(
        "\(data.name(of: debt.from)) owes \(data.name(of: debt.to))", row: row, column: 2,
        width: max(0, context.width - sum.width - 4), style: isHere ? .bold : .normal)
      canvas.draw(sum, row: row, endingAt: context.width, style: isHere ? .bold : .normal)
      if isHere { canvas.placeCursor(row: row, column: 0) }
      row += 1
    }
  }
}
