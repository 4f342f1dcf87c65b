import KittyShared

extension GroupScreen {
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let data else {
      canvas.draw("Loading the group…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let sideWidth = context.width >= 100 && picture != nil ? 34 : 0
    let width = context.width - sideWidth
    // The balances get at most half of the rows. A small window has no row between both lists.
    let between = rows.count < 7 ? 0 : 1
    let balanceRows = min(max(1, data.balances.count), max(1, (rows.count - 2 - between) / 2))
    let middle = rows.lowerBound + 1 + balanceRows
    drawBalances(data, rows.lowerBound..<middle, width, &canvas)
    drawExpenses(data, (middle + between)..<rows.upperBound, width, context, &canvas)
    if sideWidth > 0, let picture {
      let cells = PhotoCells.cells(
        of: picture.preview, width: sideWidth - 2, height: rows.count, palette: context.palette)
      for (row, line) in cells.enumerated() {
        for (column, cell) in line.enumerated() {
          canvas.draw(cell, row: rows.lowerBound + row, column: width + 2 + column)
        }
      }
    }
  }

  /// Draws the heading of a list, with its position at the end.
  private func heading(
    _ text: SafeText, _ panel: Panel, more: SafeText = "", position: SafeText, row: Int, _ width: Int,
    _ canvas: inout Canvas
  ) {
    let isHere = panel == self.panel
    Row(
      left: [
        .whole(isHere ? "[\(text)]" : " \(text) ", rank: 0, isHere ? .bold : .muted),
        .whole(more, rank: 2, .muted),
      ], right: [.whole(position, rank: 1, .muted)]
    ).draw(into: &canvas, row: row, columns: 0..<width)
  }

  private func drawBalances(_ data: GroupData, _ rows: Range<Int>, _ width: Int, _ canvas: inout Canvas) {
    let ids = data.balances.map(\.account)
    let index = members.index(in: ids)
    let isLonger = ids.count > rows.count - 1
    heading(
      "Balances", .members, position: isLonger ? "\((index ?? 0) + 1) of \(ids.count)" : "",
      row: rows.lowerBound, width, &canvas)
    let bars = BalanceBars(data.balances, me: data.group.me)
    for (offset, position) in members.visible(in: ids, height: rows.count - 1).enumerated() {
      let row = rows.lowerBound + 1 + offset
      let isSelected = panel == .members && position == index
      canvas.draw(isSelected ? ">" : " ", row: row, column: 0, style: .key)
      bars.draw(position, row: row, columns: 2..<width, into: &canvas)
      if isSelected { canvas.placeCursor(row: row, column: 0) }
    }
  }

  private func drawExpenses(
    _ data: GroupData, _ rows: Range<Int>, _ width: Int, _ context: Context, _ canvas: inout Canvas
  ) {
    let items = shown
    let ids = items.map(\.id)
    let index = expenses.index(in: ids)
    drawHeading(data, items.count, index, row: rows.lowerBound, width, &canvas)
    guard !items.isEmpty else {
      for (offset, line) in emptyWords(data, context).wrapped(to: max(10, width - 4)).enumerated()
      where rows.lowerBound + 1 + offset < rows.upperBound {
        canvas.draw(line, row: rows.lowerBound + 1 + offset, column: 2)
      }
      if panel == .expenses, !isFiltering { canvas.placeCursor(row: rows.lowerBound + 1, column: 0) }
      return
    }
    let visible = expenses.visible(in: ids, height: max(0, rows.count - 1))
    let lines = visible.map { Line(items[$0], data) }
    let widths = (
      number: max(4, lines.map(\.number.width).max() ?? 0),
      payer: min(20, lines.map(\.payer.width).max() ?? 0),
      sum: lines.map(\.sum.width).max() ?? 0
    )
    for (offset, line) in lines.enumerated() {
      let row = rows.lowerBound + 1 + offset
      let isSelected = panel == .expenses && visible.lowerBound + offset == index
      let style: Style = isSelected ? .bold : .normal
      canvas.draw(isSelected ? ">" : " ", row: row, column: 0, style: .key)
      Row(
        left: [
          .whole(line.date, rank: 3, .muted), .whole(line.number, rank: 2, column: widths.number, .muted),
          .cut(line.description, rank: 1, least: 20, style),
        ],
        right: [
          .whole(line.payer.fitted(to: widths.payer), rank: 4, column: widths.payer, .muted),
          .whole(line.sum, rank: 0, column: widths.sum, style),
        ]
      ).draw(into: &canvas, row: row, columns: 2..<width)
      if isSelected, !isFiltering { canvas.placeCursor(row: row, column: 0) }
    }
  }

  /// Draws the heading of the entries: the filter while there is one, else the day up to which the books are closed.
  private func drawHeading(
    _ data: GroupData, _ count: Int, _ index: Int?, row: Int, _ width: Int, _ canvas: inout Canvas
  ) {
    let total: SafeText = data.hasMore ? "\(data.entries.count)+" : "\(data.entries.count)"
    guard isFiltering || !filter.text.isEmpty else {
      heading(
        "Entries", .expenses, more: data.group.closedUntil.map { "closed up to \($0)" } ?? "",
        position: count == 0 ? "" : "\((index ?? 0) + 1) of \(total)", row: row, width, &canvas)
      return
    }
    let layout = Row(
      left: [
        .whole("[Entries]", rank: 3, .bold), .whole("/", rank: 0, .key),
        .cut("", rank: 1, least: 8, column: 64),
      ], right: [.whole("\(count) of \(total)", rank: 2, .muted)]
    ).draw(into: &canvas, row: row, columns: 0..<width)
    guard let field = layout.left[2] else { return }
    filter.view(
      into: &canvas, row: row, column: field.lowerBound, width: field.count, isActive: isFiltering)
  }

  private func emptyWords(_ data: GroupData, _ context: Context) -> SafeText {
    if data.entries.isEmpty { return "No entries yet. Press a to add the first expense." }
    if !data.hasMore { return "No entry contains this text." }
    return context.running.contains { reads.contains($0) }
      ? "Not in the latest \(data.entries.count) entries. Searching older ones…"
      : "Not in the latest \(data.entries.count) entries. Press / and Enter to search older ones."
  }

  /// The texts of an entry in the list.
  private struct Line {
    let date: SafeText
    let number: SafeText
    let description: SafeText
    let payer: SafeText
    let sum: SafeText

    init(_ entry: Entry, _ data: GroupData) {
      date = "\(entry.date)"
      number = "#\(entry.number)"
      description = SafeText(entry.description)
      payer = GroupScreen.words(for: entry, data)
      sum = GroupScreen.sum(of: entry)
    }
  }

  /// The amount of an entry. A count has the difference between the counted money and the books, with its sign.
  static func sum(of entry: Entry) -> SafeText {
    guard let counted = entry.counted, let expected = entry.expected else {
      return SafeText(Money(amount: entry.amount, currency: entry.currency))
    }
    let difference = Amount(counted &- expected, entry.currency)
    return "\(BalanceBars.signed(difference)) \(entry.currency.code)"
  }

  /// The payers of an expense, the payer and recipient of a payment, or the counted money.
  static func words(for entry: Entry, _ data: GroupData) -> SafeText {
    if let from = entry.from, let to = entry.to { return "\(data.name(of: from)) → \(data.name(of: to))" }
    if entry.kind == .count {
      return entry.counted.map { "counted \(Amount($0, entry.currency).text())" } ?? "kitty counted"
    }
    let payers = entry.payers ?? []
    guard let first = payers.first else { return "" }
    return payers.count == 1
      ? "\(data.name(of: first.account)) paid" : "\(data.name(of: first.account)) +\(payers.count - 1) paid"
  }
}
