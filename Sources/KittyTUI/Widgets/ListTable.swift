import KittyShared

/// A list in columns, laid out for the room that there is. All its rows have the same columns, and amounts stand on the
/// decimal mark, whatever their currency. A column that does not fit is left out whole, the least important first; only
/// a text is cut, never a number.
struct ListTable {
  struct Column {
    /// The heading; empty for none.
    var title: SafeText = ""
    /// 0 for the most important column, which stays longest. If even that does not fit, `…` stands in its place.
    let rank: Int
    var edge = Edge.left
    /// The width that it keeps while less important columns take room, for one that may be cut; `nil` for others.
    var least: Int?
    var most = Int.max
    /// `true` for a column that may take the room that is left.
    var fills = false
    /// 1 for a column that stands below the others in rows of two lines.
    var line = 0
    /// The cells before it.
    var gap = 2
  }

  enum Edge { case left, right }

  struct Cell {
    let content: Content
    var style = Style.normal

    static func text(_ text: SafeText, _ style: Style = .normal) -> Cell {
      Cell(content: .text(text), style: style)
    }
    /// - Parameters:
    ///   - isSigned: `true` shows the sign of a positive amount too.
    ///   - hasCode: `true` shows the currency.
    static func amount(
      _ amount: Amount, isSigned: Bool = false, hasCode: Bool = true, _ style: Style = .normal
    ) -> Cell {
      Cell(content: .amount(amount, isSigned: isSigned, hasCode: hasCode), style: style)
    }
    /// A bar to the left or right of a zero line. `largest` fills one half.
    static func bar(_ net: Int64, largest: UInt64, _ style: Style) -> Cell {
      Cell(content: .bar(net, largest: largest), style: style)
    }
    /// A bar from the left end, with dots for a negative amount. `largest` fills the column.
    static func length(_ amount: Int64, largest: UInt64, _ style: Style) -> Cell {
      Cell(content: .length(amount, largest: largest), style: style)
    }
  }

  enum Content {
    case text(SafeText)
    case amount(Amount, isSigned: Bool, hasCode: Bool)
    case bar(Int64, largest: UInt64)
    case length(Int64, largest: UInt64)
  }

  let columns: [Column]
  /// The visible rows.
  var rows: [[Cell]] = []
  /// The lines of each row: 2 in a narrow window. A column of a line below them is left out.
  var lines = 1

  /// The widest line that the eye follows.
  static let widest = 100
  /// The cells before the texts, for the mark of the selected row.
  private static let margin = 2
  /// The smallest bar with its zero line.
  private static let leastBar = 7

  /// Returns the columns of a list in a window.
  static func columns(in width: Int) -> Range<Int> { 0..<min(width, widest + margin) }

  /// Returns the place of each column in one line of the rows; `nil` for one that is left out.
  func layout(_ room: Range<Int>, line: Int = 0) -> [Range<Int>?] {
    let widths = widths(room.count, line)
    var start: Int?
    return widths.enumerated().map { index, width in
      guard let width else { return nil }
      let first = start.map { $0 + columns[index].gap } ?? room.lowerBound
      start = first + width
      return first..<(first + width)
    }
  }

  private func widths(_ room: Int, _ line: Int) -> [Int?] {
    let contents = columns.indices.map(contentWidth)
    let order = columns.indices.filter { columns[$0].line == line && contents[$0] > 0 }
      .sorted { (columns[$0].rank, $0) < (columns[$1].rank, $1) }
    var widths: [Int?] = columns.map { _ in nil }
    func left() -> Int {
      let kept = widths.indices.filter { widths[$0] != nil }
      return room - kept.reduce(0) { $0 + (widths[$1] ?? 0) }
        - kept.dropFirst().reduce(0) { $0 + columns[$1].gap }
    }
    for index in order {
      let column = columns[index]
      let least = min(column.least ?? .max, contents[index])
      widths[index] = 0
      let room = left()
      let mayShrink = column.least != nil ? room >= 2 : column.rank == 0 && room > 0
      widths[index] = room >= least ? least : mayShrink ? room : nil
      // A column that is left out does not make room for a less important one.
      if widths[index] == nil { break }
    }
    var rest = max(0, left())
    for index in order {
      guard let width = widths[index] else { continue }
      let more = max(0, min(rest, min(contents[index], columns[index].most) - width))
      widths[index] = width + more
      rest -= more
    }
    if let filled = order.last(where: { widths[$0] != nil && columns[$0].fills }) {
      widths[filled] = (widths[filled] ?? 0) + rest
    }
    return widths
  }

  /// The width of the cells of a column and its heading; 0 for a column without content.
  private func contentWidth(_ index: Int) -> Int {
    let figure = Figure(rows.map { $0[index] })
    let widest = rows.reduce(figure.width) { width, cells in
      switch cells[index].content {
      case .text(let text): max(width, text.width)
      case .amount: width
      case .bar, .length: max(width, Self.leastBar)
      }
    }
    return widest == 0 ? 0 : max(widest, columns[index].title.width)
  }

  /// Draws the headings of the columns.
  func drawTitles(into canvas: inout Canvas, row: Int, columns room: Range<Int>) {
    for (title, start) in titles(in: room) {
      canvas.draw(title, row: row, column: start, style: .muted)
    }
  }

  /// Returns the first column of the headings; `nil` without one.
  func firstTitle(in room: Range<Int>) -> Int? { titles(in: room).first?.start }

  private func titles(in room: Range<Int>) -> [(title: SafeText, start: Int)] {
    zip(columns, layout(Self.inner(room))).compactMap { column, place in
      let title = column.title
      guard let place, !title.string.isEmpty, title.width <= place.count else { return nil }
      return (title, column.edge == .left ? place.lowerBound : place.upperBound - title.width)
    }
  }

  /// Draws the rows that fit whole. The selected row is lit from end to end, so that the eye finds it, also without
  /// colours; its mark is for readers of the text.
  /// - Parameter marked: The rows with a dot before them.
  func draw(
    into canvas: inout Canvas, rows room: Range<Int>, columns: Range<Int>, selected: Int? = nil,
    marked: Set<Int> = []
  ) {
    let places = (0..<lines).map { line in
      layout(Self.inner(columns, indent: 2 * line), line: line)
    }
    let figures = self.columns.indices.map { index in Figure(rows.map { $0[index] }) }
    for (index, cells) in rows.enumerated() {
      let first = room.lowerBound + index * lines
      guard first + lines <= room.upperBound else { return }
      if index == selected { canvas.draw(">", row: first, column: columns.lowerBound, style: .key) }
      if marked.contains(index) {
        canvas.draw("•", row: first, column: columns.lowerBound + 1, style: .key)
      }
      for (line, places) in places.enumerated() {
        for (index, place) in places.enumerated() {
          guard let place else { continue }
          draw(cells[index], self.columns[index], figures[index], row: first + line, place, &canvas)
        }
        if index == selected {
          canvas.style(row: first + line, from: columns.lowerBound, to: columns.upperBound, .selected)
        }
      }
      if index == selected { canvas.placeCursor(row: first, column: columns.lowerBound) }
      canvas.click(
        rows: first..<(first + lines), columns: columns,
        selected.map { .line(offset: index - $0) } ?? .otherList)
    }
  }

  private static func inner(_ columns: Range<Int>, indent: Int = 0) -> Range<Int> {
    let first = columns.lowerBound + margin + indent
    return first..<max(first, columns.upperBound)
  }

  private func draw(
    _ cell: Cell, _ column: Column, _ figure: Figure, row: Int, _ place: Range<Int>, _ canvas: inout Canvas
  ) {
    switch cell.content {
    case .text(let text):
      let shown = column.least != nil || text.width <= place.count ? text.fitted(to: place.count) : "…"
      canvas.draw(
        shown, row: row, column: column.edge == .left ? place.lowerBound : place.upperBound - shown.width,
        style: cell.style)
    case .amount:
      let text = figure.text(of: cell, width: place.count)
      canvas.draw(text, row: row, column: place.upperBound - text.width, style: cell.style)
    case .length(let amount, let largest):
      for offset in 0..<BalanceBars.cells(amount, largest: largest, half: place.count) {
        canvas.draw(
          amount < 0 ? "░" : "█", row: row, column: place.lowerBound + offset, style: cell.style)
      }
    case .bar(let net, let largest):
      let half = (place.count - 1) / 2
      let zero = place.lowerBound + half
      canvas.draw("│", row: row, column: zero, style: .muted)
      for offset in 0..<BalanceBars.cells(net, largest: largest, half: half) {
        canvas.draw("█", row: row, column: net < 0 ? zero - 1 - offset : zero + 1 + offset, style: cell.style)
      }
    }
  }
}

/// The shape of the amounts of a column: the widths before and after the decimal mark, and of the currency.
private struct Figure {
  private var whole = 0
  private var fraction = 0
  private var code = 0

  init(_ cells: [ListTable.Cell]) {
    for cell in cells {
      guard let parts = Self.parts(of: cell) else { continue }
      whole = max(whole, parts.whole.width)
      fraction = max(fraction, parts.fraction.width)
      code = max(code, parts.code.width)
    }
  }

  var width: Int { whole + fraction + code }

  /// Returns an amount with its decimal mark under the others. One that is alone in being too wide has `…` instead.
  func text(of cell: ListTable.Cell, width room: Int) -> SafeText {
    guard let parts = Self.parts(of: cell) else { return "" }
    func space(_ count: Int) -> SafeText { SafeText(String(repeating: " ", count: max(0, count))) }
    let text = parts.whole + parts.fraction + parts.code
    let aligned =
      parts.whole + parts.fraction + space(fraction - parts.fraction.width) + parts.code
      + space(code - parts.code.width)
    return aligned.width <= room ? aligned : text.width <= room ? text : "…"
  }

  private static func parts(of cell: ListTable.Cell) -> (whole: SafeText, fraction: SafeText, code: SafeText)?
  {
    guard case .amount(let amount, let isSigned, let hasCode) = cell.content else { return nil }
    let digits = isSigned ? BalanceBars.signed(amount).string : amount.text()
    let decimals = amount.currency.decimals
    let cut = decimals == 0 ? digits.endIndex : digits.index(digits.endIndex, offsetBy: -decimals - 1)
    return (
      SafeText(digits[..<cut]), SafeText(digits[cut...]), hasCode ? " \(amount.currency.code)" : ""
    )
  }
}
