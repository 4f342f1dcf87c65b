import KittyShared

/// The payments that settle all debts. Enter opens the form for one of them.
struct SettleScreen: Screen {
  private let data: GroupData
  private(set) var plan: SettlementPlan?
  private(set) var isCentred = false
  private(set) var selection = ListSelection<Transfer>()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Settle up" }
  var refresh: [Effect] { [.loadPlan(group: data.group.id, centre: isCentred ? data.group.me : nil)] }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "enter this payment", .open, footer: "enter payment"),
      Binding(
        [.character("c")], "c", "all payments through you, or as few as possible", .toggle,
        footer: isCentred ? "fewest" : "through me"),
      Binding([.character("d")], "d", "the debts, before simplification", .debts, footer: "debts"),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let payments = plan?.payments ?? []
    if selection.move(command, in: payments, page: plan.map { list($0).page(context) } ?? 1) { return [] }
    switch command {
    case .open:
      guard let index = selection.index(in: payments) else { break }
      return [
        .push(
          PaymentForm(
            data, id: context.newID(), today: context.today, suggestion: payments[index],
            onlyIfOwed: !isCentred))
      ]
    case .debts: return [.push(DebtsScreen(data))]
    case .toggle:
      isCentred.toggle()
      return refresh.map { .run($0) }
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .plan(data.group.id, let plan) = message {
      self.plan = plan
      selection.update(plan.payments)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let plan else {
      canvas.draw("Loading the plan…", row: rows.lowerBound, column: 2, style: .muted)
      return
    }
    list(plan).view(into: &canvas, rows: rows, selection, context)
  }

  private func list(_ plan: SettlementPlan) -> TransferList {
    TransferList(words: words(for: plan), transfers: plan.payments, verbs: ("pay", "pays"), data: data)
  }

  private func words(for plan: SettlementPlan) -> SafeText {
    var words: SafeText
    if plan.payments.isEmpty {
      words = "Everything is settled: there are no debts."
    } else if isCentred {
      words = "With these payments, all through you, everything is settled."
    } else if plan.methods.allSatisfy({ $0.method == .fewest }) {
      words = "These are the fewest payments that settle everything."
    } else {
      words = "These payments settle everything; there are too many members to find the fewest."
    }
    if plan.payments.contains(where: { $0.from == .kitty }) {
      words = "\(words) They also pay out the kitty."
    }
    return words
  }
}
