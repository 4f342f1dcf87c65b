import KittyShared

/// A table for a spreadsheet (RFC 4180): one row for each posting.
struct CSVTable: PostingsExport {
  let group: ExportedGroup

  func head() -> String {
    "number,date,kind,description,amount,currency,rate,account,posting,posting amount,posting currency,note\r\n"
  }

  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String {
    let common = [
      "\(number)", "\(content.date)", content.kind.rawValue, Self.text(content.description),
      Amount(content.amount, content.currency).decimal, content.currency.code, content.rate?.text ?? "",
    ]
    return postings.map { posting in
      let own = [
        Self.text(group.name(of: posting.account) ?? "Kitty"), posting.kind.rawValue, posting.amount.decimal,
        posting.amount.currency.code, Self.text(content.note ?? ""),
      ]
      return (common + own).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// Returns a text in quotes. A text that a spreadsheet would read as a formula gets an apostrophe first.
  /// Source: https://owasp.org/www-community/attacks/CSV_Injection
  static func text(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r\n＝＋－＠".contains($0) } ?? false
    return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
  }
}
