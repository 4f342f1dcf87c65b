import KittyShared

/// The payments that settle all debts. Enter opens the form for one of them.
struct SettleScreen: Screen {
  private let data: GroupData
  private(set) var plan: SettlementPlan?
  /// The account through which all payments go; `nil` for as few payments as possible.
  private(set) var centre: LedgerAccount?
  /// The open choice of another centre.
  private(set) var choice: CentreChoice?
  private(set) var selection = ListSelection<Transfer>()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Settle up" }
  var refresh: [Effect] { [.loadPlan(group: data.group.id, centre: centre)] }
  var bindings: [Binding] {
    if choice != nil { return CentreChoice.bindings }
    return [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "enter this payment", .open, footer: "enter payment"
      ).asking(data.group, for: .enter),
      Binding(
        [.character("c")], "c", "all payments through you, or as few as possible", .toggle,
        footer: centre == nil ? "through me" : "fewest"),
      Binding(
        [.character("C")], "C", "all payments through another member or the kitty", .centre,
        footer: "through…"),
      Binding([.character("d")], "d", "the debts, before simplification", .debts, footer: "debts"),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if choice != nil { return choose(command, context) }
    let payments = plan?.payments ?? []
    if selection.move(command, in: payments, page: plan.map { list($0).page(context) } ?? 1) { return [] }
    switch command {
    case .open:
      guard let index = selection.index(in: payments) else { break }
      return [
        .push(
          PaymentForm(
            data, id: context.newID(), today: context.today, suggestion: payments[index],
            onlyIfOwed: centre == nil))
      ]
    case .debts: return [.push(DebtsScreen(data))]
    case .toggle: return take(centre == nil ? .member(data.group.me) : nil)
    case .centre: choice = CentreChoice(data, at: centre)
    default: break
    }
    return []
  }

  private mutating func take(_ account: LedgerAccount?) -> [Action] {
    centre = account
    return refresh.map { .run($0) }
  }

  /// Runs a command of the open choice.
  private mutating func choose(_ command: Command, _ context: Context) -> [Action] {
    guard var open = choice else { return [] }
    if open.move(command, context) {
      choice = open
      return []
    }
    choice = nil
    switch command {
    case .open: return take(open.chosen)
    default: return [.toast("The plan is as before.")]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .plan(data.group.id, let plan) = message {
      self.plan = plan
      selection.update(plan.payments)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let choice { return choice.view(into: &canvas, rows: rows, data, context) }
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
    } else if let centre {
      words = "With these payments, all through \(data.person(centre)), everything is settled."
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
