import KittyShared

/// A table for a spreadsheet (RFC 4180): one row for each posting. It begins with a byte order mark, without which Excel
/// does not read UTF-8.
struct CSVTable: PostingsExport {
  let group: ExportedGroup
  /// The mark before the decimals. Where it is the comma, spreadsheets expect a semicolon between columns.
  var mark = DecimalMark.point

  private var separator: String { mark == .comma ? ";" : "," }

  func head() -> String {
    "\u{feff}"
      + [
        "number", "date", "kind", "description", "amount", "currency", "rate", "account", "posting",
        "posting amount", "posting currency", "note", "category", "tags",
      ].joined(separator: separator) + "\r\n"
  }

  /// Returns the text of a number with the decimal mark of the table.
  private func number(_ text: String) -> String {
    mark == .comma ? text.replacingScalars { $0 == "." ? "," : nil } : text
  }

  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String {
    let common = [
      "\(number)", "\(content.date)", content.kind.rawValue, Self.text(content.description),
      self.number(Amount(content.amount, content.currency).decimal), content.currency.code,
      self.number(content.rate?.text ?? ""),
    ]
    return postings.map { posting in
      let own = [
        Self.text(group.name(of: posting.account) ?? ExportedGroup.kitty), posting.kind.rawValue,
        self.number(posting.amount.decimal), posting.amount.currency.code, Self.text(content.note ?? ""),
        Self.text(group.path(ofCategory: content.category).joined(separator: ": ")),
        Self.text(content.allTags.sorted().joined(separator: " ")),
      ]
      return (common + own).joined(separator: separator) + "\r\n"
    }.joined()
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
