/// What a command prints.
struct Report: Sendable {
  /// The API's own document.
  var json: [UInt8] = []
  /// For people: tables, one under the other.
  var tables: [Table] = []
  /// For scripts: fields that a tab separates. Their order is documented and stays.
  var fields: [[SafeText]] = []
  /// What is no data: said on standard error, to people alone.
  var note: SafeText?
}

/// A table for people: columns as wide as what is in them, two spaces between.
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

  /// What stands in a place of it.
  struct Cell: Sendable, ExpressibleByStringLiteral {
    let text: SafeText
    var tone = Tone.normal

    init(_ text: SafeText, _ tone: Tone = .normal) {
      self.text = text
      self.tone = tone
    }
    init(stringLiteral value: String) { text = SafeText(value) }
  }

  /// A colour; nothing is said by it alone.
  enum Tone: String, Sendable {
    case normal = ""
    case title = "1"
    case plus = "32"
    case minus = "31"
  }

  /// The lines, each with its end.
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

/// A document of JSON that may go to a terminal.
enum SafeJSON {
  /// The same document, and a line end after it: whatever in it controls a terminal, or hides or reorders
  /// other text, is written as `\u001b`. Outside of texts JSON has no such characters.
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
