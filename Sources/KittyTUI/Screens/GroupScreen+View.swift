import KittyShared

extension GroupScreen {
  /// The places of the lists in the window.
  struct Places {
    let list: Range<Int>
    /// The columns beside the lists, for the selected row or the photo.
    let side: Range<Int>?
    /// The rows, with those of the headings.
    let balances: Range<Int>
    let entries: Range<Int>
    let table: EntryTable

    /// The number of entries that are visible at the same time.
    var visibleEntries: Int { max(0, entries.count - 1) / table.lines }
  }

  /// The narrowest window with the selected row in words beside the lists.
  private static let wide = 110

  func places(_ data: GroupData, rows: Range<Int>, _ context: Context) -> Places {
    let width = context.width
    var list = ListTable.columns(in: width)
    var side: Range<Int>?
    if width >= Self.wide {
      list = 0..<max(70, min(list.count, width * 2 / 3))
      side = (list.count + 3)..<min(width, list.count + 63)
    } else if width >= 100, picture != nil {
      list = 0..<(width - 34)
      side = (width - 32)..<width
    }
    // The balances get at most half of the rows. A small window has no row between both lists.
    let between = rows.count < 7 ? 0 : 1
    let half = min(max(1, data.balances.count), max(1, (rows.count - 2 - between) / 2))
    // A fault in the filter is read to its end: the balances give it their rows.
    let fault = search.problem == nil ? 0 : faultLines(width: list.count).count
    let count = fault == 0 ? half : min(half, rows.count - 2 - between - fault)
    let middle = count > 0 ? min(rows.upperBound, rows.lowerBound + 1 + count) : rows.lowerBound
    let entries = min(rows.upperBound, count > 0 ? middle + between : middle)..<rows.upperBound
    return Places(
      list: list, side: side, balances: rows.lowerBound..<middle, entries: entries,
      table: EntryTable(data, today: context.today, width: list.count, rows: entries.count - 1))
  }

  /// The fault in the filter, in lines.
  private func faultLines(width: Int) -> [SafeText] {
    search.problem.map { ("\($0)" as SafeText).wrapped(to: max(10, width - 4)) } ?? []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let data else {
      canvas.draw("Loading the group…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let places = places(data, rows: rows, context)
    if let side = places.side { drawSide(data, rows, side, context, &canvas) }
    if !places.balances.isEmpty { drawBalances(data, places, &canvas) }
    drawEntries(data, places, context, &canvas)
  }

  /// Draws what is beside the lists: the selected row in words, and the photo below it.
  private func drawSide(
    _ data: GroupData, _ rows: Range<Int>, _ side: Range<Int>, _ context: Context, _ canvas: inout Canvas
  ) {
    var free = rows
    if context.width >= Self.wide {
      for row in rows { canvas.draw("│", row: row, column: side.lowerBound - 2, style: .muted) }
      if let sheet = detail(data, width: side.count, context) {
        canvas.draw(sheet, from: 0, rows: rows, column: side.lowerBound)
        free = min(rows.upperBound, rows.lowerBound + sheet.height + 1)..<rows.upperBound
      }
    }
    guard let picture, free.count >= 8 else { return }
    let cells = PhotoCells.cells(
      of: picture.preview, width: min(32, side.count), height: free.count, palette: context.palette)
    for (row, line) in cells.enumerated() {
      for (column, cell) in line.enumerated() {
        canvas.draw(cell, row: free.lowerBound + row, column: side.lowerBound + column)
      }
    }
  }

  private func detail(_ data: GroupData, width: Int, _ context: Context) -> Canvas? {
    switch panel {
    case .expenses:
      return expenses.index(in: shown.ids).map {
        EntryDetail(shown[$0], nil, data, context).sheet(width: width)
      }
    case .members:
      guard let index = members.index(in: data.balances.map(\.key)) else { return nil }
      return Self.detail(of: data.balances[index], width: width)
    }
  }

  /// The parts of a balance.
  private static func detail(of balance: Balance, width: Int) -> Canvas {
    let parts: [(SafeText, Int64)] = [
      ("paid for expenses", balance.paid), ("share of expenses", 0 &- balance.share),
      ("sent to others", balance.sent), ("received", 0 &- balance.received), ("balance", balance.net),
    ]
    let table = ListTable(
      columns: [.init(rank: 1, least: 8), .init(rank: 0, edge: .right)],
      rows: parts.map { words, amount in
        [.text(words), .amount(Amount(amount, balance.currency), isSigned: true)]
      })
    var sheet = Canvas(width: width, height: table.rows.count + 1)
    sheet.draw(SafeText(balance.name), row: 0, column: 0, width: width, style: .bold)
    table.draw(into: &sheet, rows: 1..<sheet.height, columns: -2..<width)
    return sheet
  }

  /// Draws the heading of a list, with its position.
  private func heading(
    _ text: SafeText, _ panel: Panel, position: SafeText, more: [Row.Part], row: Int,
    _ columns: Range<Int>, _ canvas: inout Canvas
  ) {
    let isHere = panel == self.panel
    Row(
      left: [
        .whole(isHere ? "[\(text)]" : " \(text) ", rank: 0, isHere ? .bold : .muted),
        .whole(position, rank: 1, .muted),
      ] + more
    ).draw(into: &canvas, row: row, columns: columns)
  }

  /// The rules that wait and the proposals, in the heading of the balances. A narrow window has the numbers alone.
  private static func recurring(_ data: GroupData) -> [Row.Part] {
    let words = data.rules.stateWords
    guard !words.string.isEmpty else { return [] }
    return [.whole("recurring:", rank: 3, .warning), .whole(words, rank: 2, .warning)]
  }

  private func drawBalances(_ data: GroupData, _ places: Places, _ canvas: inout Canvas) {
    let keys = data.balances.map(\.key)
    let rows = places.balances
    let index = members.index(in: keys)
    heading(
      "1 Balances", .members,
      position: keys.count > rows.count - 1 ? "\((index ?? 0) + 1) of \(keys.count)" : "",
      more: Self.recurring(data), row: rows.lowerBound, places.list, &canvas)
    let visible = members.visible(in: keys, height: rows.count - 1)
    BalanceBars(data.balances, me: data.group.me).table(visible).draw(
      into: &canvas, rows: (rows.lowerBound + 1)..<rows.upperBound, columns: places.list,
      selected: panel == .members ? index.map { $0 - visible.lowerBound } : nil)
  }

  private func drawEntries(
    _ data: GroupData, _ places: Places, _ context: Context, _ canvas: inout Canvas
  ) {
    let (rows, list) = (places.entries, places.list)
    guard !rows.isEmpty else { return }
    let ids = shown.ids
    let index = expenses.index(in: ids)
    var entries = (rows.lowerBound + 1)..<rows.upperBound
    // A fault in the filter stands above what the filter before it finds.
    var words = faultLines(width: list.count)
    let style: Style = words.isEmpty ? .normal : .warning
    if words.isEmpty, shown.isEmpty { words = emptyWords(data, context).wrapped(to: max(10, list.count - 4)) }
    for line in words where !entries.isEmpty {
      canvas.draw(line, row: entries.lowerBound, column: 2, style: style)
      entries = (entries.lowerBound + 1)..<entries.upperBound
    }
    if !words.isEmpty, panel == .expenses { canvas.placeCursor(row: rows.lowerBound + 1, column: 0) }
    let visible = expenses.visible(in: ids, height: entries.count / places.table.lines)
    let table = places.table.table(shown[visible])
    table.draw(
      into: &canvas, rows: entries, columns: list,
      selected: panel == .expenses ? index.map { $0 - visible.lowerBound } : nil,
      marked: marks.rows(of: shown[visible], at: context.now))
    // The field of the filter has the cursor, so it is drawn after the rows.
    drawHeading(data, index, table, row: rows.lowerBound, list, &canvas)
  }

  /// Draws the heading of the entries: the filter while there is one, else the day up to which the books are closed, and
  /// the headings of the columns.
  private func drawHeading(
    _ data: GroupData, _ index: Int?, _ table: ListTable, row: Int, _ list: Range<Int>,
    _ canvas: inout Canvas
  ) {
    let total: SafeText = data.hasMore ? "\(data.entries.count)+" : "\(data.entries.count)"
    guard isFiltering || !search.isEmpty else {
      guard period == .all else { return drawPeriod(total, index, row: row, list, &canvas) }
      let position: SafeText = shown.isEmpty ? "" : "\((index ?? 0) + 1) of \(total)"
      let reading: SafeText? =
        sought.map { "looking for #\($0): \(total)" } ?? (readsToEnd ? "reading to the end: \(total)" : nil)
      heading(
        "2 Entries", .expenses, position: reading ?? position,
        more: [.whole(data.group.closedUntil.map { "closed up to \($0)" } ?? "", rank: 2, .muted)], row: row,
        list.lowerBound..<(table.firstTitle(in: list).map { $0 - 1 } ?? list.upperBound), &canvas)
      table.drawTitles(into: &canvas, row: row, columns: list)
      return
    }
    let layout = Row(
      left: [
        .whole("[2 Entries]", rank: 3, .bold), .whole("\(period.name)", rank: 4, .bold),
        .whole("/", rank: 0, .key),
        .cut("", rank: 1, least: 8, column: 64),
      ],
      right: [.whole("\(shown.count) of \(total)\(search.missing)", rank: 2, .muted)]
    ).draw(into: &canvas, row: row, columns: list)
    guard let field = layout.left[3] else { return }
    search.field.view(
      into: &canvas, row: row, column: field.lowerBound, width: field.count, isActive: isFiltering)
  }

  private func emptyWords(_ data: GroupData, _ context: Context) -> SafeText {
    if period != .all, search.isEmpty { return emptyPeriod }
    if data.entries.isEmpty {
      return "No entries yet. Press \(key: .addExpense, "a") to add the first expense."
    }
    if !data.hasMore || (period != .all && !lacksEntries) {
      return search.asked == nil ? "No entry is found." : "Searching comments…"
    }
    return context.running.contains { reads.contains($0) }
      ? "Not in the latest \(data.entries.count) entries. Searching older ones…"
      : "Not in the latest \(data.entries.count) entries. Press \(key: .filter, "/") and Enter to search older ones."
  }
}
