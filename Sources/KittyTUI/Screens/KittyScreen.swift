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

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Kitty" }
  var needsData: Bool { kitty == nil }
  var refresh: [Effect] { [.loadKitty(data.group.id), .loadGroup(data.group.id)] }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l"), .character("e")], "Enter → e", "set the target of the member",
        .edit, footer: "set target"),
      Binding([.character("y")], "y", "the member puts money in", .pay, footer: "put in"),
      Binding([.character("o")], "o", "the kitty pays the member", .payOut, footer: "pay out"),
      Binding([.character("t")], "t", "count the money in the kitty", .count, footer: "count"),
      Binding([.character("s")], "s", "statement of the kitty", .statement, footer: "statement"),
    ] + Binding.moving + Binding.leaving
  }

  /// The members with a target or contributions, and the others in the group's currency, so that a target can be set.
  private var lines: [Contribution] {
    let found = (kitty?.targets ?? []).map {
      Contribution(member: $0.member, currency: $0.currency, target: $0.target, contributed: $0.contributed)
    }
    let others = data.present.filter { member in
      !found.contains { $0.member == member.id && $0.currency == data.group.currency }
    }.map { Contribution(member: $0.id, currency: data.group.currency, target: 0, contributed: 0) }
    let order = Dictionary(
      data.members.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    return (found + others).sorted {
      (order[$0.member] ?? .max, $0.currency.code) < (order[$1.member] ?? .max, $1.currency.code)
    }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let lines = lines
    if selection.move(command, in: lines.map(\.key), page: context.height - 8) { return [] }
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
      selection.update(lines.map(\.key))
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
    let width = context.width
    let lines = lines
    var row = canvas.drawIntroduction(
      Self.words(for: kitty.holds), rows: rows, listing: lines.count, style: .bold)
    if row + min(lines.count, 2) < rows.upperBound {
      canvas.draw("Contributed, and target", row: row, column: 2, width: width - 2, style: .muted)
      row += 1
    }
    let keys = lines.map(\.key)
    let index = selection.index(in: keys)
    let visible = selection.visible(in: keys, height: max(0, rows.upperBound - row))
    let texts = visible.map { Self.words(for: lines[$0]) }
    for (offset, position) in visible.enumerated() {
      let (line, isHere) = (lines[position], position == index)
      let style: Style = line.missing > 0 ? .negative : .normal
      canvas.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      Row(
        left: [.cut(data.name(of: line.member), rank: 1, least: 8, isHere ? .bold : .normal)],
        right: [
          .whole(texts[offset].sum, rank: 0, column: texts.map(\.sum.width).max() ?? 0, style),
          .whole(texts[offset].rest, rank: 2, column: texts.map(\.rest.width).max() ?? 0, style),
        ]
      ).draw(into: &canvas, row: row, columns: 2..<width)
      if isHere { canvas.placeCursor(row: row, column: 0) }
      row += 1
    }
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

  /// Returns the contributions of a member, of the target if there is one, and the missing amount.
  private static func words(for line: Contribution) -> (sum: SafeText, rest: SafeText) {
    let (put, code) = (Amount(line.contributed, line.currency).text(), line.currency.code)
    guard line.target > 0 else {
      return (line.contributed == 0 ? "nothing" : "\(put) \(code)", "no target")
    }
    let missing = Amount(line.missing, line.currency).text()
    return (
      "\(put) of \(Amount(line.target, line.currency).text()) \(code)",
      line.missing > 0 ? "\(missing) missing" : "complete"
    )
  }
}
