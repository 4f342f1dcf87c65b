import KittyShared

/// The debts between each two members, as they arose. Only mutual debts are offset.
struct DebtsScreen: Screen {
  private let data: GroupData
  private(set) var debts: [Transfer]?
  private(set) var selection = ListSelection<Transfer>()
  private(set) var filter = ListFilter()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Debts" }
  var needsData: Bool { debts == nil }
  var refresh: [Effect] { [.loadDebts(data.group.id)] }
  var isEditing: Bool { filter.isActive }
  /// The debts that the filter lets through.
  private var shown: [Transfer] { filter.matches(debts ?? []) { data.filterText(of: $0) } }
  var bindings: [Binding] {
    if filter.isActive { return ListFilter.bindings }
    return [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "enter a payment for this debt", .open,
        footer: "enter payment"
      ).asking(data.group, for: .enter),
      ListFilter.opening("filter the debts: who, amount", isEmpty: debts?.isEmpty != false),
    ] + Binding.moving + Binding.leaving
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard filter.edit(key) else { return false }
    selection.update(shown)
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let debts = shown
    if selection.move(command, in: debts, page: list(debts).page(context)) { return [] }
    if filter.perform(command) {
      selection.update(shown)
      return command == .back ? [.toast("All debts are shown.")] : []
    }
    guard command == .open, let index = selection.index(in: debts) else { return [] }
    return [
      .push(PaymentForm(data, id: context.newID(), today: context.today, suggestion: debts[index]))
    ]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .debts(data.group.id, let debts) = message {
      self.debts = debts
      selection.update(shown)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard debts != nil else {
      canvas.draw("Loading the debts…", row: rows.lowerBound, column: 2, style: .muted)
      return
    }
    list(shown).view(into: &canvas, rows: rows, selection, context)
  }

  private func list(_ shown: [Transfer]) -> TransferList {
    let count = debts?.count ?? 0
    let words: SafeText =
      count == 0
      ? "There are no debts."
      : "The debts from what was really paid, before any simplification."
    return TransferList(
      words: words, transfers: shown, verbs: ("owe", "owes"), data: data, filter: filter, total: count)
  }
}
