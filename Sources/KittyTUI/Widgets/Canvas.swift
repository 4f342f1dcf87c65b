/// A grid of cells that screens draw into. It knows no terminal: it prints as text, which is how screens
/// are tested, and `Terminal` copies it to ncurses, which sends the difference.
struct Canvas: Sendable {
  /// One column of one row.
  struct Cell: Hashable, Sendable {
    /// What stands here; empty for the right half of a wide character.
    var character: Character? = " "
    var style = Style.normal
  }

  let width: Int
  let height: Int
  private(set) var cells: [[Cell]]
  /// Where the cursor is: in the active field or on the selected row, which is what a screen reader reads.
  private(set) var cursor: (row: Int, column: Int)?

  init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Array(repeating: Cell(), count: self.width), count: self.height)
  }

  /// Draws what fits; drawing outside is impossible, not an error.
  /// - Parameter width: The columns that it may take; the rest is cut with `…`.
  mutating func draw(
    _ text: SafeText, row: Int, column: Int, width: Int = .max, style: Style = .normal
  ) {
    guard cells.indices.contains(row), column < self.width else { return }
    let room = min(width, self.width - max(0, column))
    var place = max(0, column)
    for character in text.fitted(to: max(0, room)).string {
      let columns = CellWidth.of(character)
      guard columns > 0, place + columns <= self.width else { continue }
      cells[row][place] = Cell(character: character, style: style)
      if columns == 2 { cells[row][place + 1] = Cell(character: nil, style: style) }
      place += columns
    }
  }

  /// Draws so that the text ends before `column`.
  mutating func draw(_ text: SafeText, row: Int, endingAt column: Int, style: Style = .normal) {
    draw(text, row: row, column: max(0, column - text.width), style: style)
  }

  /// Draws one cell of a picture.
  mutating func draw(_ cell: Cell, row: Int, column: Int) {
    guard cells.indices.contains(row), cells[row].indices.contains(column) else { return }
    cells[row][column] = cell
  }

  /// Draws the part of a longer sheet that fits, so that the sheet's cursor is in it.
  mutating func draw(_ sheet: Canvas, rows: Range<Int>) {
    let cursor = sheet.cursor?.row ?? 0
    // Two lines below the cursor's are in view too: what is wrong with it, or what comes next.
    let first = max(0, min(cursor + 3 - rows.count, sheet.height - rows.count))
    for (offset, row) in rows.enumerated() where sheet.cells.indices.contains(first + offset) {
      for (column, cell) in sheet.cells[first + offset].enumerated() { draw(cell, row: row, column: column) }
    }
    if let place = sheet.cursor {
      placeCursor(row: rows.lowerBound + place.row - first, column: place.column)
    }
  }

  /// Gives a whole row a style.
  mutating func style(row: Int, from column: Int = 0, to end: Int = .max, _ style: Style) {
    guard cells.indices.contains(row) else { return }
    for place in cells[row].indices where place >= column && place < end { cells[row][place].style = style }
  }

  /// Empties a rectangle.
  mutating func clear(rows: Range<Int>, columns: Range<Int>) {
    for row in rows where cells.indices.contains(row) {
      for column in columns where cells[row].indices.contains(column) { cells[row][column] = Cell() }
    }
  }

  /// Puts the cursor, inside the canvas in any case.
  mutating func placeCursor(row: Int, column: Int) {
    guard width > 0, height > 0 else { return }
    cursor = (max(0, min(row, height - 1)), max(0, min(column, width - 1)))
  }

  /// The text of all rows, without spaces at their ends.
  var text: String {
    cells.map { row in
      var line = String(row.compactMap(\.character))
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

/// How a cell looks. Meaning never depends on it alone.
enum Style: Hashable, Sendable {
  case normal, bold, muted, title, selected, positive, negative, warning, error, key, field
  /// A part of a picture, in colours of the 256; -1 is the terminal's own.
  case picture(foreground: Int16, background: Int16)
}
