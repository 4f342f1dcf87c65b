import KittyShared

/// The statement of an account: each entry that changed its balance, with the balance after it.
struct StatementScreen: Screen {
  private let data: GroupData
  private let account: LedgerAccount
  private(set) var statement: Statement?
  private(set) var lines: [Statement.Line] = []
  private(set) var selection = ListSelection<ID>()
  private var currency: Currency?

  init(_ data: GroupData, of account: LedgerAccount, currency: Currency? = nil) {
    self.data = data
    self.account = account
    self.currency = currency
  }

  var title: SafeText { "Statement of \(data.name(of: account))" }
  var refresh: [Effect] {
    // A refresh would return to the first page, so it is left out after the first page.
    lines.count > (statement?.lines.count ?? 0) ? [] : [load(nil)]
  }
  private func load(_ cursor: String?) -> Effect {
    .loadStatement(group: data.group.id, account: account, currency: currency, cursor: cursor)
  }

  var bindings: [Binding] {
    let isMore = (statement?.currencies.count ?? 0) > 1
    return [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "the entry: shares, history, comments", .open,
        footer: "open"),
      Binding([.character("c")], "c", "the next currency", .toggle, footer: isMore ? "currency" : ""),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let ids = lines.map(\.entry)
    if selection.move(command, in: ids, page: context.height - 8) {
      // At the end of the list, load the next page.
      let isLast = selection.index(in: ids) == ids.count - 1
      if isLast, let next = statement?.next { return [.run(load(next))] }
      return []
    }
    switch command {
    case .open:
      guard let index = selection.index(in: ids) else { break }
      guard let entry = data.entries.first(where: { $0.id == ids[index] }) else {
        return [
          .toast(
            "#\(lines[index].number) is not loaded. Find it in the list of the group.")
        ]
      }
      return [.push(EntryScreen(data, entry))]
    case .toggle:
      guard let statement, statement.currencies.count > 1 else {
        return [.toast("There are no entries in other currencies.")]
      }
      let position = statement.currencies.firstIndex(of: statement.currency) ?? 0
      currency = statement.currencies[(position + 1) % statement.currencies.count]
      lines = []
      self.statement = nil
      return [.run(load(nil))]
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .statement(load(nil), let found):
      statement = found
      lines = found.lines
      if selection.selected == nil {
        // Begin at the latest entry.
        _ = selection.move(.bottom, in: lines.map(\.entry), page: 1)
      }
      selection.update(lines.map(\.entry))
    case .statement(let effect, let found):
      guard let statement, let next = statement.next, effect == load(next) else { break }
      lines += found.lines
      self.statement = Statement(
        account: found.account, currency: found.currency, currencies: statement.currencies,
        opening: statement.opening, lines: statement.lines, closing: found.closing, next: found.next)
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let statement else {
      canvas.draw("Loading the statement…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let width = context.width
    let words = BalanceBars.words(
      statement.closing, isMe: account == .member(data.group.me), isKitty: account == .kitty)
    Row(
      left: [
        .cut(statement.next == nil ? "Balance: \(words)" : "Move down for more", rank: 1, least: 8, .bold)
      ],
      right: [
        .whole(
          statement.next == nil ? money(statement.closing, statement.currency) : "", rank: 0, .bold)
      ]
    ).draw(into: &canvas, row: rows.lowerBound, columns: 2..<width)
    var row = rows.lowerBound + 1
    // A small window has the rows for the entries.
    if rows.count > 4 {
      Row(
        left: [.cut("Opening balance", rank: 1, least: 8, .muted)],
        right: [.whole(money(statement.opening, statement.currency), rank: 0, .muted)]
      ).draw(into: &canvas, row: row, columns: 2..<width)
      row += 1
    }
    guard !lines.isEmpty else {
      canvas.draw("No entries.", row: row, column: 2)
      canvas.placeCursor(row: row, column: 0)
      return
    }
    let ids = lines.map(\.entry)
    let index = selection.index(in: ids)
    let visible = selection.visible(in: ids, height: max(0, rows.upperBound - row))
    let balances = visible.map { money(lines[$0].balance, statement.currency) }
    let changes = visible.map { change(of: lines[$0], statement.currency) }
    for (offset, position) in visible.enumerated() {
      let (line, style) = (lines[position], position == index ? Style.bold : .normal)
      canvas.draw(position == index ? ">" : " ", row: row, column: 0, style: .key)
      Row(
        left: [
          .whole("\(line.date)", rank: 4, .muted),
          .whole("#\(line.number)", rank: 3, column: 4, .muted),
          .cut(SafeText(line.description), rank: 1, least: 12, style),
        ],
        right: [
          .whole(
            BalanceBars.signed(changes[offset]), rank: 2,
            column: changes.map { BalanceBars.signed($0).width }.max() ?? 0,
            BalanceBars.style(changes[offset].minorUnits)),
          .whole(balances[offset], rank: 0, column: balances.map(\.width).max() ?? 0, style),
        ]
      ).draw(into: &canvas, row: row, columns: 2..<width)
      if position == index { canvas.placeCursor(row: row, column: 0) }
      row += 1
    }
  }

  /// The amount by which an entry changed the balance, as the account's screen shows it.
  private func change(of line: Statement.Line, _ currency: Currency) -> Amount {
    let net = line.paid &- line.share
    return Amount(account == .kitty ? 0 &- net : net, currency)
  }

  /// The amount of a balance. A kitty shows the amount that it holds, which is its negative net.
  private func money(_ net: Int64, _ currency: Currency) -> SafeText {
    let amount = Amount(account == .kitty ? 0 &- net : net, currency)
    return "\(account == .kitty ? "\(amount.text())" : BalanceBars.signed(amount)) \(currency.code)"
  }
}
