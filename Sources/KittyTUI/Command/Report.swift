/// The output of a command.
struct Report: Sendable {
  /// The JSON document of the API, for `--json`.
  var json: [UInt8] = []
  /// The tables for people, one below the other.
  var tables: [Table] = []
  /// The fields of each line for `--plain`. Their order is documented and never changes.
  var fields: [[SafeText]] = []
  /// A message beside the data, for people only. It goes to standard error.
  var note: SafeText?
}

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

/// JSON that is safe to print on a terminal.
enum SafeJSON {
  /// Returns the same document with a line end. Characters that control a terminal, or hide or reorder text,
  /// are escaped, such as `\u001b`. JSON has them only inside of strings.
  static func bytes(_ document: [UInt8]) -> [UInt8] {
    var clean: [UInt8] = []
    clean.reserveCapacity(document.count + 1)
    for scalar in String(decoding: document, as: UTF8.self).unicodeScalars {
      if scalar.isASCII ? scalar.value >= 0x20 && scalar.value != 0x7f || isSpace(scalar) : isHarmless(scalar)
      {
        clean += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
          let digits = String(unit, radix: 16)
          clean += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
        }
      }
    }
    if clean.last != UInt8(ascii: "\n") { clean.append(UInt8(ascii: "\n")) }
    return clean
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\t" || scalar == "\r"
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}
