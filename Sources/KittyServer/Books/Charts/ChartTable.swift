import KittyShared

/// The numbers of a chart in one currency: a line of labels, and a series of amounts for each name.
struct ChartTable: Hashable, Sendable {
  /// The title.
  let title: String
  /// The word above the labels.
  let heading: String
  let labels: [String]
  var series: [Series]
  let currency: Currency
  let form: Form

  /// Amounts with a name.
  struct Series: Hashable, Sendable {
    let name: String
    /// Minor units, one for each label.
    var amounts: [Int64]
  }

  /// The way in which the numbers are drawn.
  enum Form: Hashable, Sendable {
    /// A bar upwards for each label, with the series one above the other.
    case columns
    /// A bar to the right for each label.
    case bars
    /// A line for each series.
    case lines
  }

  /// The table as CSV: UTF-8 with a byte order mark, lines end as RFC 4180 says.
  var csv: String {
    let head = [heading] + series.map { "\($0.name) (\(currency.code))" }
    let rows = labels.enumerated().map { index, label in
      [label] + series.map { Amount($0.amounts[index], currency).decimal }
    }
    return "\u{feff}"
      + ([head] + rows).map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// The table as plain text, with tabs between the columns.
  var text: String {
    let head = [heading] + series.map { "\($0.name) (\(currency.code))" }
    let rows = labels.enumerated().map { index, label in
      [label] + series.map { Amount($0.amounts[index], currency).decimal }
    }
    return ([head] + rows).map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }

  /// Quotes a field where it must be, and keeps a spreadsheet from reading a name as a formula.
  private static func field(_ text: String) -> String {
    let isNumber =
      !text.isEmpty && text.unicodeScalars.allSatisfy { "-.0123456789".unicodeScalars.contains($0) }
    var safe = text
    if let first = text.unicodeScalars.first, !isNumber, "=+-@＝＋－＠\t\r".unicodeScalars.contains(first) {
      safe = "'" + text
    }
    guard safe.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return safe }
    return "\"\(safe.replacing("\"", with: "\"\""))\""
  }
}
