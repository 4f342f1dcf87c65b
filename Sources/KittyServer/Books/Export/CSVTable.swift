import KittyShared

/// A table for a spreadsheet (RFC 4180): one row for each posting. It begins with a byte order mark, without which Excel
/// does not read UTF-8.
struct CSVTable: PostingsExport {
  let group: ExportedGroup
  var marks = TableMarks(decimal: .point)

  private var separator: String { String(marks.separator) }

  func head() -> String { "\u{feff}" + PostingsTable.titles.joined(separator: separator) + "\r\n" }

  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String {
    PostingsTable(group: group).rows(number, content, postings).map { row in
      row.map(text).joined(separator: separator) + "\r\n"
    }.joined()
  }

  private func text(_ field: PostingsTable.Field) -> String {
    switch field {
    case .text(let text): Self.text(text)
    case .word(let word): word
    case .number(let number): "\(number)"
    case .day(let day): "\(day)"
    case .amount(let amount): number(amount.decimal)
    case .rate(let rate): number(rate?.text ?? "")
    }
  }

  /// Returns the text of a number with the decimal mark of the table.
  private func number(_ text: String) -> String {
    marks.decimal == .comma ? text.replacingScalars { $0 == "." ? "," : nil } : text
  }

  /// Returns a text in quotes. A text that a spreadsheet would read as a formula gets an apostrophe first.
  /// Source: https://owasp.org/www-community/attacks/CSV_Injection
  static func text(_ text: String) -> String {
    "\"" + (beginsFormula(text) ? "'" : "") + text.replacingScalars { $0 == "\"" ? "\"\"" : nil } + "\""
  }

  /// Returns `true` when a text begins with a sign of a formula, or with a tab or a line end. Some programs drop white
  /// space, marks and invisible characters before they look, so those do not count.
  private static func beginsFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first else { return false }
    if first == "\t" || first == "\r" || first == "\n" { return true }
    let begin = text.unicodeScalars.first { $0.isVisible && !$0.isMark }
    return begin.map { formulaSigns.contains($0) } ?? false
  }

  /// The signs that begin a formula, and their wide and small forms, which some programs read as the same.
  private static let formulaSigns = Set("=+-@＝＋－＠﹦﹢﹣﹫".unicodeScalars)
}
