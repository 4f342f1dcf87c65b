import KittyShared

/// The statement of an account: each entry that changed its balance, with the balance after it.
struct StatementScreen: Screen {
  private let data: GroupData
  private let account: LedgerAccount
  private(set) var statement: Statement?
  private(set) var lines: [Statement.Line] = []
  private(set) var selection = ListSelection<ID>()
  private var currency: Currency?
  /// `true` while all pages are read, up to the last entry, which is selected then.
  private var readsToEnd = false
  /// The entry that was deleted last.
  private var deleted: ID?

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
      Binding([.character("u")], "u", "restore the last deleted entry", .undo),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let ids = lines.map(\.entry)
    readsToEnd = false
    // The line above the list is no row of it.
    let height = context.rows.count - 1
    if selection.move(command, in: ids, page: height / rowLines(context.width, height) - 1) {
      readsToEnd = command == .bottom && statement?.next != nil
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
    case .undo:
      guard let deleted else { return [.toast("No entry was deleted here recently.")] }
      return [.run(.restoreEntry(group: data.group.id, entry: deleted))]
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
      guard readsToEnd else { break }
      _ = selection.move(.bottom, in: lines.map(\.entry), page: 1)
      readsToEnd = found.next != nil
      return found.next.map { [Action.run(load($0))] } ?? []
    case .failed(.loadStatement(data.group.id, account, _, _), _): readsToEnd = false
    case .entryDeleted(let entry): deleted = entry
    case .entryRestored(let entry) where entry == deleted:
      deleted = nil
      return refresh.map { .run($0) } + [.toast("Restored.")]
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
    let columns = ListTable.columns(in: context.width)
    let words = BalanceBars.words(
      statement.closing, isMe: account == .member(data.group.me), isKitty: account == .kitty)
    let isWhole = statement.next == nil
    Row(
      left: [.cut(isWhole ? "Balance: \(words)" : moreWords, rank: 1, least: 8, .bold)],
      right: [.whole(isWhole ? money(statement.closing, statement.currency) : "", rank: 0, .bold)]
    ).draw(into: &canvas, row: rows.lowerBound, columns: 2..<columns.upperBound)
    let list = (rows.lowerBound + 1)..<max(rows.lowerBound + 1, rows.upperBound)
    guard !lines.isEmpty else {
      canvas.draw("No entries.", row: list.lowerBound, column: 2)
      canvas.placeCursor(row: list.lowerBound, column: 0)
      return
    }
    let ids = lines.map(\.entry)
    let perRow = rowLines(context.width, list.count)
    var height = list.count / perRow
    // The opening balance stands above the first entry. A small window has the rows for the entries.
    let hasOpening = height > 3 && selection.visible(in: ids, height: height - 1).lowerBound == 0
    if hasOpening { height -= 1 }
    let visible = selection.visible(in: ids, height: height)
    var table = table(visible, statement, perRow, context)
    if hasOpening { table.rows.insert(opening(statement), at: 0) }
    table.draw(
      into: &canvas, rows: list, columns: columns,
      selected: selection.index(in: ids).map { $0 - visible.lowerBound + (hasOpening ? 1 : 0) })
  }

  private var moreWords: SafeText {
    readsToEnd ? "Reading to the end: \(lines.count)" : "Move down for more, G for the end"
  }

  /// The lines of each row: 2 in a narrow window.
  private func rowLines(_ width: Int, _ height: Int) -> Int {
    width < EntryTable.narrow && height >= 4 ? 2 : 1
  }

  private func table(
    _ visible: Range<Int>, _ statement: Statement, _ perRow: Int, _ context: Context
  ) -> ListTable {
    let isNarrow = context.width < EntryTable.narrow
    let below = isNarrow ? 1 : 0
    var table = ListTable(
      columns: [
        .init(rank: 4, line: below),
        .init(rank: 3, fills: isNarrow, line: below),
        .init(rank: 1, least: 12, fills: true, gap: 1),
        .init(rank: 2, edge: .right, line: below),
        .init(rank: 0, edge: .right),
      ], lines: perRow)
    var last: Day?
    for line in lines[visible] {
      let change = change(of: line, statement.currency)
      table.rows.append([
        .text(isNarrow || line.date != last ? SafeText(line.date, today: context.today) : "", .muted),
        .text("#\(line.number)", .muted),
        .text(SafeText(line.description)),
        .amount(change, isSigned: true, hasCode: isNarrow, BalanceBars.style(change.minorUnits)),
        balance(line.balance, statement.currency),
      ])
      last = line.date
    }
    return table
  }

  private func opening(_ statement: Statement) -> [ListTable.Cell] {
    let empty = ListTable.Cell.text("")
    return [
      empty, empty, .text("Opening balance", .muted), empty, balance(statement.opening, statement.currency),
    ]
  }

  private func balance(_ net: Int64, _ currency: Currency) -> ListTable.Cell {
    .amount(Amount(account == .kitty ? 0 &- net : net, currency), isSigned: account != .kitty)
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
