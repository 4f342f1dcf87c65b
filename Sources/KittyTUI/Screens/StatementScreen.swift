import KittyShared

/// The statement of an account: each entry that changed its balance, with the balance after it.
struct StatementScreen: Screen {
  private let data: GroupData
  private let account: LedgerAccount
  private(set) var statement: Statement?
  private(set) var lines: [Statement.Line] = []
  private(set) var selection = ListSelection<ID>()
  private var currency: Currency?
  private(set) var period = Period.all
  private(set) var filter = ListFilter()
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
    .loadStatement(
      group: data.group.id, account: account, currency: currency, cursor: cursor, period: period)
  }
  var isEditing: Bool { filter.isActive }
  /// The next page, while the filter or a move to the end needs it.
  var reads: [Effect] {
    guard !filter.isEmpty || readsToEnd, let next = statement?.next else { return [] }
    return [load(next)]
  }

  /// The lines that the filter lets through.
  private var shown: [Statement.Line] {
    guard let statement, !filter.isEmpty else { return lines }
    return filter.matches(lines) { line in
      let amounts = [change(of: line, statement.currency), Amount(line.balance, statement.currency)]
      return
        ([line.description, "#\(line.number)", "\(line.date)"]
        + [SafeText(weekdayOf: line.date, today: line.date).string]
        + amounts.flatMap { [$0.text(), $0.decimal] }).joined(separator: " ")
    }
  }

  var bindings: [Binding] {
    if filter.isActive { return ListFilter.bindings }
    let isMore = (statement?.currencies.count ?? 0) > 1
    return [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "the entry: shares, history, comments", .open,
        footer: "open"),
      Binding([.character("c")], "c", "the next currency", .toggle, footer: isMore ? "currency" : ""),
      ListFilter.opening("filter the entries: what, amount, date"),
      Binding([.character("u")], "u", "restore the last deleted entry", .undo),
    ] + Period.bindings(period) + Binding.moving + Binding.leaving
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard filter.edit(key) else { return false }
    selection.update(shown.map(\.entry))
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let ids = shown.map(\.entry)
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
    if filter.perform(command) {
      selection.update(shown.map(\.entry))
      return command == .back ? [.toast("All entries are shown.")] : reads.map { .run($0) }
    }
    switch command {
    case .narrower, .wider, .before, .after: return narrow(command, context)
    case .back where period != .all: return read(.all)
    case .open:
      guard let index = selection.index(in: ids) else { break }
      guard let entry = data.entries.first(where: { $0.id == ids[index] }) else {
        return [
          .toast(
            "#\(shown[index].number) is not loaded. Find it in the list of the group.")
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

  private mutating func narrow(_ command: Command, _ context: Context) -> [Action] {
    guard let next = period.after(command, today: context.today) else {
      return [
        .toast(command == .wider ? "All entries are shown." : "A month is the shortest period.")
      ]
    }
    return read(next)
  }

  /// Reads the entries of a period, and selects the last of them.
  private mutating func read(_ period: Period) -> [Action] {
    self.period = period
    (lines, statement, selection) = ([], nil, ListSelection())
    return [.run(load(nil))]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .statement(load(nil), let found):
      statement = found
      lines = found.lines
      if selection.selected == nil {
        // Begin at the latest entry.
        _ = selection.move(.bottom, in: shown.map(\.entry), page: 1)
      }
      selection.update(shown.map(\.entry))
      return reads.map { .run($0) }
    case .statement(let effect, let found):
      guard let statement, let next = statement.next, effect == load(next) else { break }
      lines += found.lines
      self.statement = Statement(
        account: found.account, currency: found.currency, currencies: statement.currencies,
        opening: statement.opening, lines: statement.lines, closing: found.closing, next: found.next)
      if readsToEnd { _ = selection.move(.bottom, in: shown.map(\.entry), page: 1) }
      readsToEnd = readsToEnd && found.next != nil
      return reads.map { .run($0) }
    case .failed(.loadStatement(data.group.id, account, _, _, _), _): readsToEnd = false
    case .entryDeleted(let entry): deleted = entry
    // The message about this change offers its own undo.
    case .stored(data.group.id, _): deleted = nil
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
    let shown = shown
    let list = (rows.lowerBound + 1)..<max(rows.lowerBound + 1, rows.upperBound)
    if shown.isEmpty {
      canvas.draw(emptyWords, row: list.lowerBound, column: 2, width: max(0, columns.count - 2))
      canvas.placeCursor(row: list.lowerBound, column: 0)
    } else {
      drawLines(shown, statement, list, columns, context, &canvas)
    }
    // The field of the filter has the cursor, so it is drawn after the rows.
    if filter.isShown {
      let total: SafeText = statement.next == nil ? "\(lines.count)" : "\(lines.count)+"
      filter.view(
        into: &canvas, row: rows.lowerBound, columns: columns, shown: shown.count, of: total)
    } else {
      drawHeading(statement, row: rows.lowerBound, 2..<columns.upperBound, &canvas)
    }
  }

  private var emptyWords: SafeText {
    if !filter.isEmpty { return "No entry contains this text." }
    return period == .all ? "No entries." : "No entries in \(period.name). Esc shows all."
  }

  /// Draws the balance after the last entry; for a period also by how much it changed in it.
  private func drawHeading(
    _ statement: Statement, row: Int, _ columns: Range<Int>, _ canvas: inout Canvas
  ) {
    guard statement.next == nil else {
      let words = period == .all ? moreWords : "\(period.name). \(moreWords)"
      canvas.draw(words, row: row, column: columns.lowerBound, width: columns.count, style: .bold)
      return
    }
    let words = BalanceBars.words(
      statement.closing, isMe: account == .member(data.group.me), isKitty: account == .kitty)
    let change = Amount(
      (account == .kitty ? -1 : 1) &* (statement.closing &- statement.opening), statement.currency)
    Row(
      left: [
        .whole(period.name, rank: 1, .bold),
        .whole(
          period == .all ? "" : "\(BalanceBars.signed(change)) \(change.currency.code)", rank: 2, .bold),
        .cut(period == .all ? "Balance: \(words)" : "then: \(words)", rank: 3, least: 8, .bold),
      ],
      right: [.whole(money(statement.closing, statement.currency), rank: 0, .bold)]
    ).draw(into: &canvas, row: row, columns: columns)
  }

  private func drawLines(
    _ lines: [Statement.Line], _ statement: Statement, _ list: Range<Int>, _ columns: Range<Int>,
    _ context: Context, _ canvas: inout Canvas
  ) {
    let ids = lines.map(\.entry)
    let perRow = rowLines(context.width, list.count)
    var height = list.count / perRow
    // The opening balance stands above the first entry. A small window has the rows for the entries.
    let hasOpening =
      filter.isEmpty && height > 3 && selection.visible(in: ids, height: height - 1).lowerBound == 0
    if hasOpening { height -= 1 }
    let visible = selection.visible(in: ids, height: height)
    var table = table(lines[visible], statement, perRow, context)
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
    _ lines: some Sequence<Statement.Line>, _ statement: Statement, _ perRow: Int, _ context: Context
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
    for line in lines {
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
