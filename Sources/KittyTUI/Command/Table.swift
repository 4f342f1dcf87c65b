/// A text table. Each column is as wide as its widest cell, with two spaces between columns.
struct Table: Sendable {
  let columns: [Column]
  var rows: [[Cell]]

  /// A column.
  struct Column: Sendable {
    let title: SafeText
    var isNumber = false

    init(_ title: SafeText, isNumber: Bool = false) {
      self.title = title
      self.isNumber = isNumber
    }
  }

  /// The content of one row in one column.
  struct Cell: Sendable, ExpressibleByStringLiteral {
    let text: SafeText
    var tone = Tone.normal

    init(_ text: SafeText, _ tone: Tone = .normal) {
      self.text = text
      self.tone = tone
    }
    init(stringLiteral value: String) { text = SafeText(value) }
  }

  /// A colour. The meaning never depends on it alone.
  enum Tone: String, Sendable {
    case normal = ""
    case title = "1"
    case plus = "32"
    case minus = "31"
  }

  /// The lines, each with its line end.
  func text(hasColour: Bool) -> String {
    guard !rows.isEmpty else { return "" }
    let all = [columns.map { Cell($0.title, .title) }] + rows
    let widths = columns.indices.map { column in all.map { $0[column].text.width }.max() ?? 0 }
    var text = ""
    for row in all {
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.text.width)
        let isLast = column == row.count - 1
        if columns[column].isNumber { text += space }
        text +=
          hasColour && cell.tone != .normal
          ? "\u{1b}[\(cell.tone.rawValue)m\(cell.text.string)\u{1b}[0m" : cell.text.string
        if !isLast { text += (columns[column].isNumber ? "" : space) + "  " }
      }
      text += "\n"
    }
    return text
  }
}
