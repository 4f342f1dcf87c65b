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
        footer: "enter payment"
      ).asking(data.group, for: .enter)
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let debts = debts ?? []
    if selection.move(command, in: debts, page: list(debts).page(context)) { return [] }
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
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard let debts else {
      canvas.draw("Loading the debts…", row: rows.lowerBound, column: 2, style: .muted)
      return
    }
    list(debts).view(into: &canvas, rows: rows, selection, context)
  }

  private func list(_ debts: [Transfer]) -> TransferList {
    let words: SafeText =
      debts.isEmpty
      ? "There are no debts."
      : "The debts from what was really paid, before any simplification."
    return TransferList(words: words, transfers: debts, verbs: ("owe", "owes"), data: data)
  }
}
