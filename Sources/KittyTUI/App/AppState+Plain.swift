extension AppState {
  /// The columns of the screens in plain mode: the selected line has a word at its end, and nothing stands side by side.
  static func plainWidth(of window: Int) -> Int {
    max(min(window, smallest.width), min(100, window - Canvas.selectedMark.width))
  }
}

extension Canvas {
  /// The word at the end of the selected line.
  static let selectedMark: SafeText = " selected"

  /// Returns the canvas for a screen reader: without the boxes and bars that it would read as characters, and with a word
  /// on the selected line.
  func plain(width: Int) -> Canvas {
    var plain = Canvas(width: width, height: height)
    for (row, line) in cells.enumerated() {
      for (column, cell) in line.enumerated() {
        var cell = cell
        cell.character = cell.character.map(Self.spoken)
        plain.draw(cell, row: row, column: column)
      }
      let isSelected = row == cursor?.row && line.contains { $0.style == .selected }
      if isSelected, let last = line.lastIndex(where: { $0.character != " " }) {
        plain.draw(Self.selectedMark, row: row, column: last + 1)
      }
    }
    if let cursor { plain.placeCursor(row: cursor.row, column: cursor.column) }
    for target in targets { plain.click(rows: target.rows, columns: target.columns, target.effect) }
    return plain
  }

  private static func spoken(_ character: Character) -> Character {
    switch character.unicodeScalars.first?.value ?? 0 {
    // Lines, corners, blocks and shades; patterns of Braille, which a Braille display would show as letters.
    case 0x2500...0x25FF, 0x2800...0x28FF: " "
    case 0x203A: ">"
    case 0x2039: "<"
    default: character
    }
  }
}
