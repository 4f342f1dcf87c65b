import KittyShared

/// The rows of a CSV file. Quotes and separators are found by Unicode scalar, as the programs that write them do: a quote with
/// a mark on it is still a quote.
struct ImportedTable: Sendable {
  let separator: Unicode.Scalar
  /// The rows, those without any text included: some formats have several tables with an empty line between them.
  let rows: [Row]

  struct Row: Sendable, Hashable {
    /// The line on which the row begins, from 1.
    let line: Int
    let fields: [String]

    /// The row has no text.
    var isEmpty: Bool { fields.allSatisfy { $0.trimmed.isEmpty } }
    var place: ImportPlace { .line(line) }

    /// The text of a column without white space around it; empty beyond the last one.
    subscript(column: Int) -> String { column < fields.count ? fields[column].trimmed : "" }
  }

  /// The quotes within a field.
  enum Quotes {
    /// Doubled, as RFC 4180 has it; another quote within a quoted field is an error.
    case doubled
    /// Written as they are, as Cospend does: a quoted field ends with a quote before a separator or a line end.
    case plain
  }

  /// Reads a table.
  /// - Parameter separator: The separator; `nil` is the one of `, ; tab |` that the first line has most.
  /// - Throws: `Rejection` with the line of a field without an end, or of a quote that is not doubled.
  init(_ text: String, separator wanted: Unicode.Scalar? = nil, quotes: Quotes = .doubled) throws(Rejection) {
    separator = wanted ?? Self.separator(of: text)
    var reader = Reader(separator: separator, quotes: quotes)
    try reader.read(text.unicodeScalars)
    rows = reader.rows
  }

  /// The separators, with the names of those that cannot be seen.
  static let separators: [(scalar: Unicode.Scalar, name: String)] = [
    (",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"),
  ]

  /// The name of the separator.
  var separatorName: String { Self.separators.first { $0.scalar == separator }?.name ?? "\(separator)" }

  private static func separator(of text: String) -> Unicode.Scalar {
    var counts: [Unicode.Scalar: Int] = [:]
    var isQuoted = false
    for scalar in text.unicodeScalars {
      if scalar == "\"" { isQuoted.toggle() }
      if !isQuoted, scalar == "\n" || scalar == "\r" {
        if counts.isEmpty { continue }
        break
      }
      if !isQuoted, separators.contains(where: { $0.scalar == scalar }) { counts[scalar, default: 0] += 1 }
    }
    return separators.max { counts[$0.scalar, default: 0] < counts[$1.scalar, default: 0] }?.scalar ?? ","
  }

  /// The state of reading.
  private struct Reader {
    let separator: Unicode.Scalar
    let quotes: Quotes
    var rows: [Row] = []
    private var fields: [String] = []
    private var field = String.UnicodeScalarView()
    private var line = 1
    private var lineOfRow = 1

    init(separator: Unicode.Scalar, quotes: Quotes) { (self.separator, self.quotes) = (separator, quotes) }

    mutating func read(_ text: String.UnicodeScalarView) throws(Rejection) {
      var place = text.startIndex
      while place < text.endIndex {
        let scalar = text[place]
        if scalar == "\"", field.isEmpty {
          place = try quoted(text, after: text.index(after: place))
          continue
        }
        place = text.index(after: place)
        switch scalar {
        case separator: endField()
        case "\n": endRow()
        case "\r":
          if place < text.endIndex, text[place] == "\n" { place = text.index(after: place) }
          endRow()
        default: field.append(scalar)
        }
      }
      if !field.isEmpty || !fields.isEmpty { endRow() }
    }

    /// Reads a quoted field, up to the separator or line end after it.
    private mutating func quoted(
      _ text: String.UnicodeScalarView, after start: String.Index
    ) throws(Rejection) -> String.Index {
      let first = line
      var place = start
      while place < text.endIndex {
        let scalar = text[place]
        place = text.index(after: place)
        if scalar == "\n" || (scalar == "\r" && (place == text.endIndex || text[place] != "\n")) { line += 1 }
        guard scalar == "\"" else {
          field.append(scalar)
          continue
        }
        let next = place < text.endIndex ? text[place] : nil
        if next == nil || next == separator || next == "\n" || next == "\r" {
          // An empty quoted field is a field, too: the separator ends it.
          if next == nil { endRow() }
          return place
        }
        guard next == "\"" else {
          if quotes == .plain {
            field.append(scalar)
            continue
          }
          throw .unreadable(
            .line(line), "bad_quote",
            "A quotation mark within a field is not doubled. Write \"\" for it, or export the file again.")
        }
        if quotes == .plain, !isDoubled(text, place) {
          field.append(scalar)
          continue
        }
        field.append(scalar)
        place = text.index(after: place)
      }
      throw .unreadable(
        .line(first), "cut_off", "A quoted field has no end: the file is cut off. Export it again.")
    }

    /// Returns `true` when the quote at a place is the second of two within a field, rather than one before its end.
    private func isDoubled(_ text: String.UnicodeScalarView, _ place: String.Index) -> Bool {
      let after = text.index(after: place)
      guard after < text.endIndex else { return false }
      let next = text[after]
      return next != separator && next != "\n" && next != "\r"
    }

    private mutating func endField() {
      fields.append(String(field))
      field = String.UnicodeScalarView()
    }

    private mutating func endRow() {
      endField()
      rows.append(Row(line: lineOfRow, fields: fields))
      fields = []
      line += 1
      lineOfRow = line
    }
  }
}
