import KittyShared

/// The kitty: its balance, and the target and contributions of each member.
struct KittyScreen: Screen {
  /// The target and contributions of one member in one currency.
  struct Contribution: Hashable, Sendable {
    let member: ID
    let currency: Currency
    let target: Int64
    let contributed: Int64

    /// The identity of the line when its amounts change.
    struct Key: Hashable, Sendable {
      let member: ID
      let currency: Currency
    }
    var key: Key { Key(member: member, currency: currency) }
    var missing: Int64 { max(0, target - contributed) }
  }

  private(set) var data: GroupData
  private(set) var kitty: Kitty?
  private(set) var selection = ListSelection<Contribution.Key>()
  private(set) var filter = ListFilter()

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Kitty" }
  var needsData: Bool { kitty == nil }
  var refresh: [Effect] { [.loadKitty(data.group.id), .loadGroup(data.group.id)] }
  var isEditing: Bool { filter.isActive }
  var bindings: [Binding] {
    if filter.isActive { return ListFilter.bindings }
    return [
      Binding(
        [.enter, .right, .character("l"), .character("e")], "Enter → e", "set the target of the member",
        .edit, footer: "set target"
      ).asking(data.group, for: .enter),
      Binding([.character("y")], "y", "the member puts money in", .pay, footer: "put in")
        .asking(data.group, for: .enter),
      Binding([.character("o")], "o", "the kitty pays the member", .payOut, footer: "pay out")
        .asking(data.group, for: .enter),
      Binding([.character("t")], "t", "count the money in the kitty", .count, footer: "count")
        .asking(data.group, for: .enter),
      Binding([.character("s")], "s", "statement of the kitty", .statement, footer: "statement"),
      ListFilter.opening("filter the members by name", isEmpty: data.present.count < 2),
    ] + Binding.moving + Binding.leaving
  }

  /// The members with a target or contributions, and the others in the group's currency, so that a target can be set.
  private var lines: [Contribution] {
    let found = (kitty?.targets ?? []).map {
      Contribution(member: $0.member, currency: $0.currency, target: $0.target, contributed: $0.contributed)
    }
    let named = Set(found.filter { $0.currency == data.group.currency }.map(\.member))
    let others = data.present.filter { !named.contains($0.id) }.map {
      Contribution(member: $0.id, currency: data.group.currency, target: 0, contributed: 0)
    }
    let order = Dictionary(
      data.members.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    return (found + others).sorted {
      (order[$0.member] ?? .max, $0.currency.code) < (order[$1.member] ?? .max, $1.currency.code)
    }
  }

  /// The lines that the filter lets through.
  private var shown: [Contribution] { filter.matches(lines) { data.name(of: $0.member).string } }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard filter.edit(key) else { return false }
    selection.update(shown.map(\.key))
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let lines = shown
    if selection.move(command, in: lines.map(\.key), page: page(context)) { return [] }
    if filter.perform(command) {
      selection.update(shown.map(\.key))
      return command == .back ? [.toast("All members are shown.")] : []
    }
    let line = selection.index(in: lines.map(\.key)).map { lines[$0] }
    switch command {
    case .edit:
      guard kitty != nil, let line else { break }
      return [.push(TargetForm(data, line))]
    case .pay:
      guard let line else { break }
      let missing = Transfer(
        from: .member(line.member), to: .kitty, amount: line.missing, currency: line.currency)
      return [payment(from: .member(line.member), to: .kitty, line.missing > 0 ? missing : nil, context)]
    case .payOut:
      guard let line else { break }
      return [payment(from: .kitty, to: .member(line.member), nil, context)]
    case .count: return [.push(PaymentForm(data, .count, id: context.newID(), today: context.today))]
    case .statement: return [.push(StatementScreen(data, of: .kitty))]
    default: break
    }
    return []
  }

  private func payment(
    from: LedgerAccount, to: LedgerAccount, _ suggestion: Transfer?, _ context: Context
  ) -> Action {
    .push(
      PaymentForm(
        data, id: context.newID(), today: context.today, suggestion: suggestion, from: from, to: to))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .kitty(data.group.id, let kitty):
      self.kitty = kitty
      selection.update(shown.map(\.key))
    case .group(let data) where data.group.id == self.data.group.id: self.data = data
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let kitty else {
      canvas.draw("Loading the kitty…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let lines = shown
    let list = listRows(kitty, rows, context)
    if list.introduction {
      _ = canvas.drawIntroduction(
        Self.words(for: kitty.holds), rows: rows, listing: lines.count, style: .bold)
    }
    let keys = lines.map(\.key)
    let visible = selection.visible(in: keys, height: list.rows.count)
    let table = table(lines[visible])
    let columns = ListTable.columns(in: context.width)
    if list.titles { table.drawTitles(into: &canvas, row: list.rows.lowerBound - 1, columns: columns) }
    table.draw(
      into: &canvas, rows: list.rows, columns: columns,
      selected: selection.index(in: keys).map { $0 - visible.lowerBound })
    guard filter.isShown else { return }
    if lines.isEmpty { canvas.draw("No name contains this text.", row: list.rows.lowerBound, column: 2) }
    filter.view(
      into: &canvas, row: rows.lowerBound, columns: columns, shown: lines.count, of: "\(self.lines.count)")
  }

  private func page(_ context: Context) -> Int {
    max(1, (kitty.map { listRows($0, context.rows, context).rows.count } ?? 1) - 1)
  }

  /// The rows of the list, and what has room above it.
  private func listRows(
    _ kitty: Kitty, _ rows: Range<Int>, _ context: Context
  ) -> (rows: Range<Int>, introduction: Bool, titles: Bool) {
    var canvas = Canvas(width: context.width, height: 0)
    // The filter stands in the place of the words.
    let first =
      filter.isShown
      ? min(rows.upperBound, rows.lowerBound + 1)
      : canvas.drawIntroduction(Self.words(for: kitty.holds), rows: rows, listing: lines.count)
    let titles = !filter.isShown && first + min(lines.count, 2) < rows.upperBound
    return (
      min(rows.upperBound, first + (titles ? 1 : 0))..<rows.upperBound,
      !filter.isShown && first > rows.lowerBound, titles
    )
  }

  private func table(_ lines: some Sequence<Contribution>) -> ListTable {
    ListTable(
      columns: [
        .init(rank: 1, least: 8, most: 30, fills: true),
        .init(title: "contributed", rank: 0, edge: .right),
        .init(title: "target", rank: 3, edge: .right),
        .init(title: "missing", rank: 2, edge: .right),
      ],
      rows: lines.map { line in
        let style: Style = line.missing > 0 ? .negative : .normal
        let hasTarget = line.target > 0
        return [
          .text(data.name(of: line.member)),
          .amount(Amount(line.contributed, line.currency), style),
          hasTarget
            ? .amount(Amount(line.target, line.currency), hasCode: false, style) : .text("none", .muted),
          hasTarget && line.missing == 0
            ? .text("complete")
            : hasTarget
              ? .amount(Amount(line.missing, line.currency), hasCode: false, style) : .text("", .muted),
        ]
      })
  }

  private static func words(for holds: [Money]) -> SafeText {
    let held = holds.filter { $0.amount > 0 }.map(SafeText.init).joined(", ")
    let short = holds.filter { $0.amount < 0 }
      .map { SafeText(Money(amount: 0 &- $0.amount, currency: $0.currency)) }.joined(", ")
    switch (held.string.isEmpty, short.string.isEmpty) {
    case (true, true): return "The kitty is empty."
    case (false, true): return "The kitty holds \(held)."
    case (true, false): return "The kitty is short of \(short)."
    case (false, false): return "The kitty holds \(held) and is short of \(short)."
    }
  }
}
