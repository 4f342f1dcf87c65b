/// A grid of cells that screens draw into. It knows no terminal: tests compare its text, and `Terminal` copies it to
/// ncurses, which sends the difference.
struct Canvas: Sendable {
  /// The content of one column of one row.
  struct Cell: Hashable, Sendable {
    /// The character; `nil` for the right half of a wide character.
    var character: Character? = " "
    var style = Style.normal
  }

  let width: Int
  let height: Int
  private(set) var cells: [[Cell]]
  /// The position of the cursor: in the active field or on the selected row, for screen readers.
  private(set) var cursor: (row: Int, column: Int)?
  /// The number of cells that were drawn over other text. A screen that has any shows text of two kinds in one.
  private(set) var overdrawn = 0
  /// The rectangles that the mouse can click; a later one lies above an earlier one.
  private(set) var targets: [ClickTarget] = []
  /// The picture that the terminal draws itself.
  private(set) var picture: Picture?

  init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Array(repeating: Cell(), count: self.width), count: self.height)
  }

  /// Draws the part of a text that is inside the canvas.
  /// - Parameter width: The maximum number of columns; a longer text is cut with `…`.
  mutating func draw(
    _ text: SafeText, row: Int, column: Int, width: Int = .max, style: Style = .normal
  ) {
    guard cells.indices.contains(row), column < self.width else { return }
    let room = min(width, self.width - max(0, column))
    var position = max(0, column)
    for (character, columns) in text.fitted(to: max(0, room)).cells {
      guard position + columns <= self.width else { continue }
      put(Cell(character: character, style: style), row, position)
      if columns == 2 { put(Cell(character: nil, style: style), row, position + 1) }
      position += columns
    }
  }

  private mutating func put(_ cell: Cell, _ row: Int, _ column: Int) {
    if cells[row][column].character != " ", cell.character != " " { overdrawn += 1 }
    cells[row][column] = cell
  }

  /// Draws a text that ends before `column`. A text that is longer than the room before `column` is cut.
  mutating func draw(_ text: SafeText, row: Int, endingAt column: Int, style: Style = .normal) {
    draw(text, row: row, column: max(0, column - text.width), width: max(0, column), style: style)
  }

  /// Draws one cell of a picture.
  mutating func draw(_ cell: Cell, row: Int, column: Int) {
    guard cells.indices.contains(row), cells[row].indices.contains(column) else { return }
    put(cell, row, column)
  }

  /// Draws the rows of a sheet that begin at `first`.
  mutating func draw(_ sheet: Canvas, from first: Int, rows: Range<Int>, column start: Int = 0) {
    overdrawn += sheet.overdrawn
    for (offset, row) in rows.enumerated() where sheet.cells.indices.contains(first + offset) {
      for (column, cell) in sheet.cells[first + offset].enumerated() {
        draw(cell, row: row, column: start + column)
      }
    }
    // A picture is not cut.
    if let picture = sheet.picture, picture.row >= first, picture.row + picture.height <= first + rows.count {
      place(picture.moved(rows: rows.lowerBound - first, columns: start))
    }
    for var target in sheet.targets {
      let top = target.rows.lowerBound + rows.lowerBound - first
      target.rows = top..<(top + target.rows.count)
      let left = target.columns.lowerBound + start
      target.columns = left..<(left + target.columns.count)
      if rows.overlaps(target.rows) {
        target.rows = target.rows.clamped(to: rows)
        targets.append(target)
      }
    }
    if let cursor = sheet.cursor {
      placeCursor(
        row: max(rows.lowerBound, min(rows.upperBound - 1, rows.lowerBound + cursor.row - first)),
        column: start + cursor.column)
    }
  }

  /// Draws the part of a longer sheet that fits and contains the sheet's cursor.
  mutating func draw(_ sheet: Canvas, rows: Range<Int>) {
    // Two lines below the cursor are visible too: the error of the line, or the next line.
    let first = max(0, min((sheet.cursor?.row ?? 0) + 3 - rows.count, sheet.height - rows.count))
    draw(sheet, from: first, rows: rows)
  }

  /// Draws a screen into its rows. A form that is longer than the window scrolls with the cursor.
  mutating func draw(rows: Range<Int>, _ view: (inout Canvas) -> Void) {
    var sheet = Canvas(width: width, height: height + 40)
    view(&sheet)
    let used = (sheet.cells.lastIndex { $0.contains { $0 != Cell() } } ?? 0) + 1
    let cursor = sheet.cursor?.row ?? 0
    let hidden = max(0, min(cursor + 3, used) - rows.upperBound)
    draw(sheet, from: rows.lowerBound + hidden, rows: rows)
  }

  /// Returns the first rows of a sheet.
  func cut(to height: Int) -> Canvas {
    var sheet = Canvas(width: width, height: height)
    sheet.draw(self, from: 0, rows: 0..<height)
    return sheet
  }

  /// Gives a whole row a style.
  mutating func style(row: Int, from column: Int = 0, to end: Int = .max, _ style: Style) {
    guard cells.indices.contains(row) else { return }
    for index in cells[row].indices where index >= column && index < end { cells[row][index].style = style }
  }

  /// Clears a rectangle.
  mutating func clear(rows: Range<Int>, columns: Range<Int>) {
    for row in rows where cells.indices.contains(row) {
      for column in columns where cells[row].indices.contains(column) { cells[row][column] = Cell() }
    }
  }

  /// Makes a rectangle clickable.
  mutating func click(rows: Range<Int>, columns: Range<Int>, _ effect: ClickTarget.Effect) {
    targets.append(ClickTarget(rows: rows, columns: columns, effect: effect))
  }

  /// Places a picture, instead of the one before.
  mutating func place(_ picture: Picture?) { self.picture = picture }

  /// Makes nothing clickable that was drawn so far.
  mutating func removeTargets() { targets = [] }

  /// Sets the cursor, always inside the canvas.
  mutating func placeCursor(row: Int, column: Int) {
    guard width > 0, height > 0 else { return }
    cursor = (max(0, min(row, height - 1)), max(0, min(column, width - 1)))
  }

  /// `true` for a row with letters that a terminal may draw together: emoji, and letters of scripts beyond Latin, Greek and
  /// Cyrillic.
  func joins(row: Int) -> Bool {
    cells[row].contains { cell in
      guard let value = cell.character?.unicodeScalars.first?.value else { return false }
      return value >= 0x0590 && !(0x2000...0x2BFF).contains(value)
    }
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

/// The look of a cell. The meaning never depends on it alone.
enum Style: Hashable, Sendable {
  case normal, bold, muted, title, selected, positive, negative, warning, error, key, field
  /// An action that is not possible at present.
  case disabled
  /// A part of a picture, in colours from the palette of 256; -1 is the terminal's default.
  case picture(foreground: Int16, background: Int16)
}
