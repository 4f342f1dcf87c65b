/// The marks of a table that a spreadsheet reads as that of the language of its user.
package struct TableMarks: Hashable, Sendable {
  /// The mark before the decimals.
  package let decimal: DecimalMark
  /// The mark between columns: never that before the decimals.
  package let separator: Character

  /// The marks where only the decimal one is known: beside a comma, spreadsheets expect a semicolon between columns.
  package init(decimal: DecimalMark) {
    self.decimal = decimal
    separator = decimal == .comma ? ";" : ","
  }

  /// The marks of a locale, such as `de_CH.UTF-8` or `de-CH`.
  package init(ofLocale locale: String) {
    decimal = .of(locale)
    let territory = locale.split { $0 == "." || $0 == "@" }.first?.split { $0 == "_" || $0 == "-" }
      .dropFirst().last
    // Switzerland and Liechtenstein have a point, and a semicolon in lists, in each of their languages.
    let isSwiss = ["CH", "LI"].contains(territory?.uppercased())
    separator = decimal == .comma || isSwiss ? ";" : ","
  }
}
