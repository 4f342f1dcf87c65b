import KittyShared

/// The payments that settle all debts, as a list to tick off: a payment that was made is entered with one key. Enter
/// opens the form, for another amount or day.
struct SettleScreen: Screen {
  private let data: GroupData
  private(set) var plan: SettlementPlan?
  /// The account through which all payments go; `nil` for as few payments as possible.
  private(set) var centre: LedgerAccount?
  /// The rule that divides a kept kitty; `nil` to pay it out.
  private(set) var keep: SettlementPlan.Rule?
  /// The open choice of another centre.
  private(set) var choice: CentreChoice?
  private(set) var selection = ListSelection<SettleRow>()
  private(set) var filter = ListFilter()
  /// The payments that were entered here, latest last.
  private(set) var paid: [SettleRow] = []
  /// The ids for the payments to enter. A repeated payment keeps its id, so that it is never entered twice.
  private var ids: [Transfer: ID] = [:]

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Settle up" }
  var refresh: [Effect] { [.loadPlan(group: data.group.id, centre: centre, keep: keep)] }
  var bindings: [Binding] {
    if choice != nil { return CentreChoice.bindings }
    if filter.isActive { return ListFilter.bindings }
    let rows = shown
    let hasPayments = rows.contains { $0.entry == nil }
    return [
      Binding(
        [.character(" ")], "Space", "enter the payment as paid; take back one that is ticked", .tick,
        footer: rows.isEmpty ? "" : "paid"
      ).asking(data.group, for: .enter),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "enter a part of it, or another day", .open,
        footer: hasPayments ? "a part" : ""
      ).asking(data.group, for: .enter),
      Binding(
        [.character("A")], "A", "enter all payments that are shown as paid", .tickAll,
        footer: hasPayments ? "all paid" : ""
      ).asking(data.group, for: .enter),
      Binding([.character("m")], "m", "enter all payments from and to you as paid", .tickMine)
        .asking(data.group, for: .enter),
      Binding(
        [.character("w")], "w", "the list as a text to copy", .copyText, footer: hasPayments ? "text" : ""),
      Binding(
        [.character("c")], "c", "all payments through you, or as few as possible", .toggle,
        footer: centre == nil ? "through me" : "fewest"),
      Binding(
        [.character("C")], "C", "all payments through another member or the kitty", .centre,
        footer: "through…"),
      Binding(
        [.character("p")], "p", "keep the kitty: in equal parts, by weights, by contributions; pay it out",
        .keepKitty,
        footer: keep == nil ? "keep kitty" : "kitty"),
      Binding(
        [.character("R")], "R", "a settling round: a list that stays while it is ticked off", .beginRound,
        footer: "round"),
      Binding(
        [.character("d")], "d", "who owes whom, before simplification", .debts, footer: "who owes whom"),
      ListFilter.opening("filter the payments: who, amount", isEmpty: self.rows.isEmpty),
    ] + Binding.moving + Binding.leaving
  }

  /// The payments to make, then those that were entered here.
  var rows: [SettleRow] { (plan?.payments ?? []).map { SettleRow(transfer: $0) } + paid }
  /// The rows that the filter lets through.
  private var shown: [SettleRow] { filter.matches(rows) { data.filterText(of: $0.transfer) } }
  /// The payments to make of these.
  private var open: [Transfer] { shown.filter { $0.entry == nil }.map(\.transfer) }

  var isEditing: Bool { filter.isActive }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard filter.edit(key) else { return false }
    selection.update(shown)
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if choice != nil { return choose(command, context) }
    let rows = shown
    if selection.move(command, in: rows, page: list.page(context)) { return [] }
    if filter.perform(command) {
      selection.update(shown)
      return command == .back ? [.toast("All payments are shown.")] : []
    }
    let row = selection.index(in: rows).map { rows[$0] }
    switch command {
    case .tick:
      guard let row else { return [] }
      return row.entry.map { takeBack(row, $0) } ?? ask([row.transfer], context)
    case .tickAll: return ask(open, context)
    case .tickMine:
      let mine = open.filter { [$0.from, $0.to].contains(.member(data.group.me)) }
      return mine.isEmpty ? [.toast("No payment here is yours.")] : ask(mine, context)
    case .open:
      guard let row, row.entry == nil else { return [] }
      return [
        .push(
          PaymentForm(
            data, id: context.newID(), today: context.today, suggestion: row.transfer,
            onlyIfOwed: centre == nil && keep == nil))
      ]
    case .copyText:
      guard !open.isEmpty else { return [.toast("There is nothing to pay.")] }
      return SettleText.open(open, data, context, filter: filter)
    case .debts: return [.push(DebtsScreen(data))]
    case .toggle: return take(centre == nil ? .member(data.group.me) : nil)
    case .keepKitty:
      keep = SettleWords.next(keep)
      // The centre of a kept kitty is a member.
      if keep != nil, centre == .kitty { centre = nil }
      return refresh.map { .run($0) }
    case .beginRound:
      return [.push(RoundScreen(data, id: context.newID(), keep: keep, centre: centre))]
    case .centre: choice = CentreChoice(data, at: centre)
    default: break
    }
    return []
  }

  private mutating func take(_ account: LedgerAccount?) -> [Action] {
    centre = account
    if account == .kitty { keep = nil }
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

  /// Asks once, then enters the payments.
  private mutating func ask(_ transfers: [Transfer], _ context: Context) -> [Action] {
    guard let first = transfers.first else { return [.toast("There is nothing to pay.")] }
    var payments: [NewPayment] = []
    for transfer in transfers {
      let id = ids[transfer] ?? context.newID()
      ids[transfer] = id
      payments.append(
        NewPayment(
          id: id, from: transfer.from, to: transfer.to, amount: .minorUnits(transfer.amount),
          currency: transfer.currency, date: context.today,
          onlyIfOwed: centre == nil && keep == nil ? true : nil))
    }
    let pay = Action.run(.pay(group: data.group.id, payments))
    guard transfers.count > 1 else {
      return [.confirm("Enter as paid today: \(list.words(first, "→")), \(Self.sum(first))?", [pay])]
    }
    let sums = Sums.of(transfers.map { Money(amount: $0.amount, currency: $0.currency) })
    let together: SafeText = sums.map { ", \($0.words) together" } ?? ""
    return [.confirm("Enter \(transfers.count) payments as paid today\(together)?", [pay])]
  }

  private func takeBack(_ row: SettleRow, _ entry: ID) -> [Action] {
    [
      .confirm(
        "Take back: \(list.words(row.transfer, "→")), \(Self.sum(row.transfer))? The payment is deleted.",
        [.run(.deleteEntry(group: data.group.id, entry: entry))])
    ]
  }

  private static func sum(_ transfer: Transfer) -> SafeText {
    SafeText(Money(amount: transfer.amount, currency: transfer.currency))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .plan(data.group.id, let plan):
      self.plan = plan
      selection.update(shown)
    case .stored(data.group.id, let entry):
      guard let from = entry.from, let to = entry.to else { break }
      let transfer = Transfer(from: from, to: to, amount: entry.amount, currency: entry.currency)
      ids[transfer] = nil
      paid.removeAll { $0.entry == entry.id }
      paid.append(SettleRow(transfer: transfer, entry: entry.id))
      if let plan {
        // Ticked at once; the new plan comes later.
        self.plan = SettlementPlan(
          payments: plan.payments.filter { $0 != transfer }, methods: plan.methods, keeps: plan.keeps)
      }
      selection.update(shown)
    case .paid(data.group.id, let refused):
      let words: SafeText =
        switch refused {
        case 0: "Entered."
        case 1: "One payment was not owed any more, and was not entered."
        default: "\(refused) payments were not owed any more, and were not entered."
        }
      return reload + [.toast(words)]
    case .failed(.loadPlan(data.group.id, _, let rule?), .problem(let problem))
    where rule == keep && problem.status == 422:
      // No member has put anything in, or every weight is zero.
      keep = SettleWords.next(keep)
      return refresh.map { .run($0) } + [.toast(SafeText(problem.errors?.first?.message ?? problem.detail))]
    case .failed(.pay(data.group.id, _), let failure):
      if case .madeBefore = failure { ids = [:] }
      return reload + [
        .toast(
          SafeText(failure.message("Not entered."))
            + " What is ticked is entered. Space again enters no payment twice.")
      ]
    case .entryDeleted(let entry) where paid.contains { $0.entry == entry }:
      paid.removeAll { $0.entry == entry }
      selection.update(shown)
      return reload + [.toast("Taken back.")]
    default: break
    }
    return []
  }

  private var reload: [Action] { (refresh + [.loadGroup(data.group.id)]).map { .run($0) } }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let choice { return choice.view(into: &canvas, rows: rows, data, context) }
    guard plan != nil else {
      canvas.draw("Loading the plan…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    list.view(into: &canvas, rows: rows, selection, context)
  }

  private var list: SettleList {
    SettleList(words: words, rows: shown, data: data, filter: filter, total: rows.count)
  }

  private var words: SafeText {
    guard let plan else { return "" }
    if let keep { return SettleWords.keeping(plan, keep, data) }
    guard !plan.payments.isEmpty else { return "Everything is settled: there are no debts." }
    let count: SafeText =
      plan.payments.count == 1 ? "One payment settles" : "\(plan.payments.count) payments settle"
    var words: SafeText
    if let centre {
      words = "\(count) everything, all through \(data.person(centre))."
    } else if plan.methods.allSatisfy({ $0.method == .fewest }) {
      words = plan.payments.count == 1 ? "\(count) everything." : "\(count) everything, the fewest possible."
    } else {
      words = "\(count) everything; there are too many members to find the fewest."
    }
    if plan.payments.contains(where: { $0.from == .kitty }) {
      words = "\(words) They also pay out the kitty."
    }
    return words
  }
}
