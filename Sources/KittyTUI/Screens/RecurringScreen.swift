import KittyShared

/// The rules for recurring entries of a group.
struct RecurringScreen: Screen {
  private let data: GroupData
  private(set) var rules: [Recurring]?
  private(set) var selection = ListSelection<ID>()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Recurring" }
  var refresh: [Effect] { [.loadRecurring(data.group.id)] }

  private var ids: [ID] { (rules ?? []).map(\.id) }
  private var selected: Recurring? { selection.index(in: ids).flatMap { rules?[$0] } }

  var bindings: [Binding] {
    let (group, rule) = (data.group, selected)
    return [
      Binding([.character("n"), .character("a")], "n a", "add a rule of an expense", .newRule, footer: "add")
        .asking(group, for: .enter),
      Binding(
        [.character("p")], "p", "add a rule of a payment between members, into or out of the kitty", .pay,
        footer: "add payment"
      ).asking(group, for: .enter),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "its next entries, its days and proposals", .open,
        footer: rule == nil ? "" : "open"),
      Binding(
        [.character("e")], "e", "change it from the next entry on", .edit,
        footer: rule == nil ? "" : "edit"
      ).asking(group, for: rule.map { .changeRule($0) }),
      Binding(
        [.character("d"), .delete], "d Del", "remove it; what it booked stays", .remove,
        footer: rule == nil ? "" : "remove"
      ).asking(group, for: rule.map { .changeRule($0) }),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: list.page(context)) { return [] }
    switch (command, selected) {
    case (.newRule, _): return [.push(RecurringForm(data, id: context.newID(), today: context.today))]
    case (.pay, _):
      return [.push(RecurringForm(data, .payment, id: context.newID(), today: context.today))]
    case (.open, let rule?): return [.push(RuleScreen(data, rule.id))]
    case (.edit, let rule?):
      return [.push(RecurringForm(data, changing: rule, today: context.today))]
    case (.remove, let rule?):
      return [
        .confirm(
          "Remove the rule \"\(rule.name)\"? What it booked stays.",
          [.run(.removeRecurring(group: data.group.id, rule: rule.id))])
      ]
    default: return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    let group = data.group.id
    switch message {
    case .recurring(group, let found):
      rules = found
      selection.update(ids)
    case .recurringSaved(group, let rule):
      rules = (rules ?? []).filter { $0.id != rule.id } + [rule]
      rules?.sort { $0.id < $1.id }
      selection.select(rule.id, in: ids)
    case .recurringRemoved(group, let rule):
      rules?.removeAll { $0.id == rule }
      selection.update(ids)
      return [.toast("Removed.")]
    case .proposalDone(group, _, _, _): return refresh.map { .run($0) }
    case .failed(.removeRecurring(group, _), let failure):
      return refresh.map { .run($0) } + [.toast(SafeText(failure.message("Not removed.")))]
    default: break
    }
    return []
  }

  private var list: IntroducedList {
    let rules = rules ?? []
    return IntroducedList(
      words: self.rules == nil
        ? "Loading…"
        : rules.isEmpty
          ? "Nothing recurs yet. \(key: .newRule, "n") adds a rule, such as the rent on the last day of each month; \(key: .pay, "p") one of payments, such as the dues into the kitty."
          : rules.count == 1 ? "1 rule." : "\(rules.count) rules.",
      count: rules.count)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let rules = rules ?? []
    list.view(of: ids, into: &canvas, rows: rows, selection, context) { visible, _ in
      ListTable(
        columns: [
          // What asks for a member is never left out for a date.
          .init(rank: 0, least: 8, fills: true), .init(rank: 2, edge: .right), .init(rank: 4),
          .init(rank: 3), .init(rank: 1),
        ],
        rows: rules[visible].map { rule in
          [
            .text(rule.name, rule.held == nil ? .normal : .warning), .text(rule.amountText),
            .text(SafeText(rule.every.text), .muted),
            .text(rule.next.map { "\($0.date)" } ?? "ended", .muted),
            .text(rule.stateWords, rule.held == nil ? .muted : .warning),
          ]
        })
    }
  }
}
