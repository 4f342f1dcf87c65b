import KittyShared

/// The rows of a CSV file. Quotes and separators are found by byte, as the programs that write them do: a quote with a mark on it
/// is still a quote.
struct ImportedTable: Sendable {
  let separator: Unicode.Scalar
  /// The rows, those without any text included: some formats have several tables with an empty line between them.
  let rows: Rows

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
  /// - Throws: `Rejection` with the line of a field without an end, or of a quote that is not doubled.
  init(_ text: String, quotes: Quotes = .doubled) throws(Rejection) {
    var text = text
    text.makeContiguousUTF8()
    let named = Self.namedSeparator(of: text)
    separator = named?.separator ?? Self.separator(of: text)
    rows = try Rows(
      TableReader(text: text, separator: UInt8(ascii: separator), quotes: quotes), isNamed: named != nil)
  }

  /// Returns the separator that the first line names, as in `sep=;` for Excel, and the text behind this line; `nil` without
  /// such a line.
  static func namedSeparator(of text: String) -> (
    separator: Unicode.Scalar, rest: Substring.UnicodeScalarView
  )? {
    let scalars = text.unicodeScalars
    let line = scalars.prefix { $0 != "\n" && $0 != "\r" }
    // Saved again, the line has separators behind it, or quotation marks around it.
    let plain = line.filter { $0 != "\"" }
    guard String(String.UnicodeScalarView(plain.prefix(4))).lowercased() == "sep=",
      let scalar = plain.dropFirst(4).first, separators.contains(where: { $0.scalar == scalar }),
      plain.dropFirst(4).allSatisfy({ $0 == scalar })
    else { return nil }
    var rest = scalars[line.endIndex...]
    if rest.first == "\r" { rest.removeFirst() }
    if rest.first == "\n" { rest.removeFirst() }
    return (scalar, rest)
  }

  /// Checks that a row has a field for each title, and no text beyond them: it would be taken for that of other columns.
  /// - Throws: `Rejection` with the line.
  func check(_ row: Row, titles: Int) throws(Rejection) {
    guard row.fields.count >= titles else {
      throw .unreadable(
        row.place, "column_missing",
        "The line has \(row.fields.count) columns, and the first line has \(titles). The file is cut off, or was changed: export it again."
      )
    }
    guard row.fields.dropFirst(titles).allSatisfy({ $0.trimmed.isEmpty }) else {
      throw .unreadable(
        row.place, "too_many_columns",
        "The line has more columns than the first line: put quotation marks around a text that has the separator (\(separatorName)) in it."
      )
    }
  }

  /// The separators, with the names of those that cannot be seen.
  static let separators: [(scalar: Unicode.Scalar, name: String)] = [
    (",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"),
  ]

  /// The name of the separator.
  var separatorName: String { Self.separators.first { $0.scalar == separator }?.name ?? "\(separator)" }

  /// Returns the one of `, ; tab |` that the first line has most.
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
}

extension ImportedTable {
  /// Some rows of a table. A row is read from the text each time that it is asked for, so that the fields of a large file are not
  /// in memory together.
  struct Rows: RandomAccessCollection, Sendable {
    private let reader: TableReader
    private let starts: [Start]
    let startIndex: Int
    let endIndex: Int

    private struct Start {
      let line: Int
      let place: String.Index
    }

    /// - Parameter isNamed: `true` when the first line names the separator, and is no row.
    /// - Throws: `Rejection` for the first row that cannot be read.
    fileprivate init(_ reader: TableReader, isNamed: Bool) throws(Rejection) {
      var (starts, place, line): ([Start], String.Index, Int) = ([], reader.text.startIndex, 1)
      if isNamed, let rest = ImportedTable.namedSeparator(of: reader.text)?.rest {
        (place, line) = (rest.startIndex, 2)
      }
      while place < reader.text.endIndex {
        starts.append(Start(line: line, place: place))
        let found = reader.row(at: place, line: line)
        if let fault = found.fault { throw fault }
        (place, line) = (found.end, found.lineAfter)
      }
      self.init(reader, starts, 0..<starts.count)
    }

    private init(_ reader: TableReader, _ starts: [Start], _ range: Range<Int>) {
      (self.reader, self.starts) = (reader, starts)
      (startIndex, endIndex) = (range.lowerBound, range.upperBound)
    }

    subscript(position: Int) -> Row {
      let start = starts[position]
      return Row(line: start.line, fields: reader.row(at: start.place, line: start.line).fields)
    }

    subscript(bounds: Range<Int>) -> Rows { Rows(reader, starts, bounds) }

    /// Returns the rows for which a condition holds.
    func rows(where condition: (Row) -> Bool) -> Rows {
      let kept = indices.filter { condition(self[$0]) }.map { starts[$0] }
      return Rows(reader, kept, 0..<kept.count)
    }

    /// The rows with text.
    var withText: Rows { rows { !$0.isEmpty } }
  }
}

/// Reads single rows of a text.
private struct TableReader: Sendable {
  let text: String
  let separator: UInt8
  let quotes: ImportedTable.Quotes

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  struct Found {
    var fields: [String] = []
    /// The place behind the row and its line end.
    var end: String.Index
    /// The line behind the row.
    var lineAfter: Int
    /// The reason why the row cannot be read.
    var fault: Rejection?
  }

  /// Reads the row that begins at a place.
  func row(at start: String.Index, line: Int) -> Found {
    let bytes = text.utf8
    var found = Found(end: start, lineAfter: line)
    while true {
      if found.end < bytes.endIndex, bytes[found.end] == Self.quote {
        addQuotedField(to: &found)
        if found.fault != nil { return found }
      } else {
        let end = bytes[found.end...].firstIndex { isEnd($0) } ?? bytes.endIndex
        found.fields.append(String(text[found.end..<end]))
        found.end = end
      }
      guard found.end < bytes.endIndex else { return found }
      let byte = bytes[found.end]
      found.end = bytes.index(after: found.end)
      if byte == separator { continue }
      if byte == Self.carriageReturn, found.end < bytes.endIndex, bytes[found.end] == Self.lineFeed {
        found.end = bytes.index(after: found.end)
      }
      found.lineAfter += 1
      return found
    }
  }

  private func isEnd(_ byte: UInt8) -> Bool {
    byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn
  }

  /// Reads a field in quotes, up to the separator or line end after it.
  private func addQuotedField(to found: inout Found) {
    let bytes = text.utf8
    let first = found.lineAfter
    var field: [UInt8] = []
    var place = bytes.index(after: found.end)
    while place < bytes.endIndex {
      let byte = bytes[place]
      place = bytes.index(after: place)
      let next = place < bytes.endIndex ? bytes[place] : nil
      if byte == Self.lineFeed || (byte == Self.carriageReturn && next != Self.lineFeed) {
        found.lineAfter += 1
      }
      guard byte == Self.quote else {
        field.append(byte)
        continue
      }
      guard let next, !isEnd(next) else {
        found.fields.append(String(decoding: field, as: UTF8.self))
        found.end = place
        return
      }
      field.append(byte)
      if quotes == .plain {
        if next == Self.quote, isDoubled(place) { place = bytes.index(after: place) }
        continue
      }
      guard next == Self.quote else {
        found.fault = .unreadable(
          .line(found.lineAfter), "bad_quote",
          "A quotation mark within a field is not doubled. Write \"\" for it, or export the file again.")
        return
      }
      place = bytes.index(after: place)
    }
    found.fault = .unreadable(
      .line(first), "cut_off", "A quoted field has no end: the file is cut off. Export it again.")
  }

  /// Returns `true` when the quote at a place is the second of two within a field, rather than one before its end.
  private func isDoubled(_ place: String.Index) -> Bool {
    let after = text.utf8.index(after: place)
    return after < text.utf8.endIndex && !isEnd(text.utf8[after])
  }
}
