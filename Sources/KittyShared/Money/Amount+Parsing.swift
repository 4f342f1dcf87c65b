extension Amount {
  /// A text is not an amount.
  package struct ParseFailure: Error, Equatable, CustomStringConvertible {
    /// One sentence for the user: what to write instead.
    package let description: String
  }

  /// Reads the format of the API: digits, and after a point at most as many decimals as
  /// the currency has. No grouping, no comma, no symbol.
  /// - Throws: `ParseFailure` with an example of the format.
  package init(decimal text: String, currency: Currency) throws(ParseFailure) {
    let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    guard (1...2).contains(parts.count), digits, text.utf8.count <= 40 else {
      throw ParseFailure(
        description:
          "\"\(text.cut(to: 40))\" is not an amount. Write it like \(Amount.example(in: currency))."
      )
    }
    self = try Amount(
      whole: parts[0], fraction: parts.count == 2 ? parts[1] : "", negative: text.hasPrefix("-"), currency)
  }

  /// Reads a typed or pasted amount in the number format of any country.
  ///
  /// `12.50`, `12,50`, `1,234.56`, `1.234,56`, `1 234,56`, `1'234.56`, `€12` and `12 EUR` are understood.
  /// The process's locale has no effect. An ambiguous amount, such as `1,234` in a
  /// currency with decimals, is rejected with both readings in the message.
  /// - Throws: `ParseFailure` with a sentence for the user.
  package init(typed text: String, currency: Currency) throws(ParseFailure) {
    // A non-breaking or thin space between groups reads as a space.
    var rest = String(text.map { $0.isWhitespace ? " " : $0 }).trimmed
    let symbols = [currency.code, currency.code.lowercased()] + currency.symbols
    var negative = false
    func takeSign() {
      if let first = rest.first, first == "-" || first == "\u{2212}" {
        negative = true
        rest = String(rest.dropFirst()).trimmed
      } else if rest.first == "+" {
        rest = String(rest.dropFirst()).trimmed
      }
    }
    takeSign()
    for symbol in symbols where rest.hasPrefix(symbol) {
      rest = String(rest.dropFirst(symbol.count)).trimmed
      if !negative { takeSign() }
      break
    }
    for symbol in symbols where rest.hasSuffix(symbol) {
      rest = String(rest.dropLast(symbol.count)).trimmed
      break
    }
    guard !rest.isEmpty else {
      throw ParseFailure(description: "Write an amount, such as \(Amount.example(in: currency)).")
    }
    let foreign = rest.filter { $0.isLetter || $0.isCurrencySymbol }
    guard foreign.isEmpty else {
      throw ParseFailure(
        description: "\"\(foreign)\" must not be here: the amount is in \(currency.code).")
    }
    let allowed = rest.allSatisfy { $0.isASCIIDigit || Amount.marks.contains($0) }
    guard allowed, rest.contains(where: \.isASCIIDigit), rest.count <= 40 else {
      throw ParseFailure(
        description:
          "\"\(text.cut(to: 40))\" is not an amount. Write it like \(Amount.example(in: currency))."
      )
    }
    let (whole, fraction) = try Amount.parts(of: rest, currency: currency)
    self = try Amount(whole: whole[...], fraction: fraction[...], negative: negative, currency)
  }

  private static let marks: Set<Character> = [".", ",", " ", "'", "\u{2019}"]
  fileprivate static let symbols: [String: [String]] = [
    "EUR": ["€"], "USD": ["US$", "$"], "GBP": ["£"], "JPY": ["¥", "円"], "CNY": ["¥", "元"], "INR": ["₹"],
    "KRW": ["₩"], "CHF": ["Fr.", "Fr"], "SEK": ["kr"], "NOK": ["kr"], "DKK": ["kr"], "PLN": ["zł"],
    "CZK": ["Kč"], "TRY": ["₺"], "UAH": ["₴"], "BRL": ["R$"], "CAD": ["CA$", "$"], "AUD": ["A$", "$"],
    "NZD": ["NZ$", "$"], "MXN": ["$"], "ILS": ["₪"], "VND": ["₫"], "THB": ["฿"], "NGN": ["₦"],
  ]

  private static func example(in currency: Currency) -> String {
    Amount(currency.decimals == 0 ? 42 : 42 * currency.unit + currency.unit / 2, currency).typed
  }

  /// Splits a number into whole units and decimals.
  private static func parts(of text: String, currency: Currency) throws(ParseFailure) -> (String, String) {
    let marks = text.filter { Amount.marks.contains($0) }
    guard let last = marks.last else { return (text, "") }
    let pieces = text.split(omittingEmptySubsequences: false) { Amount.marks.contains($0) }.map(String.init)
    let unreadable = ParseFailure(
      description: "\"\(text)\" is not an amount. Write it like \(example(in: currency)).")
    // A number may end in a mark only by a slip, and may begin with one only as in ".50".
    guard let tail = pieces.last, !tail.isEmpty else { throw unreadable }
    let grouped = isGrouped(pieces, in: currency)
    let kinds = Set(marks)

    if last != "." && last != "," {
      guard kinds.count == 1, grouped else { throw unreadable }
      return (pieces.joined(), "")
    }
    if kinds.count == 1, marks.count > 1 {
      guard grouped else { throw unreadable }
      return (pieces.joined(), "")
    }
    if kinds.count == 1, currency.decimals == 0 {
      guard grouped else {
        throw ParseFailure(description: "\(currency.code) has no decimals: write whole \(currency.name).")
      }
      return (pieces.joined(), "")
    }
    // With three decimals, the reader's decimal mark before three digits is one. A zero never begins a group.
    let isDecimal = pieces[0] == "0" || (last == decimalMark && currency.decimals >= 3)
    if kinds.count == 1, tail.count == 3, grouped, !isDecimal {
      let asGroup = pieces.joined()
      throw ParseFailure(
        description:
          "\"\(text)\" could mean \(asGroup) or \(pieces[0])\(decimalMark)\(tail). Write \(asGroup) without a mark between thousands, or "
          + (currency.decimals < 3
            ? "at most \(currency.decimals) decimals."
            : "\(pieces[0])\(decimalMark)\(tail)\(String(repeating: "0", count: currency.decimals - 3))."))
    }
    // The last mark stands before the decimals; one other kind may stand between groups before it.
    let head = Array(pieces.dropLast())
    if head.count > 1 {
      guard kinds.count == 2, marks.dropLast().allSatisfy({ $0 != last }), isGrouped(head, in: currency)
      else {
        throw unreadable
      }
    }
    return (head.joined(), tail)
  }

  /// The currencies of countries that count in lakhs (`1,00,000`) and crores (`1,00,00,000`). In others such groups are
  /// more likely a slip.
  private static let countedInLakhs: Set<String> = ["BDT", "INR", "LKR", "NPR", "PKR"]

  /// Returns `true` for groups of three digits, and for lakhs in the currencies that have them.
  private static func isGrouped(_ pieces: [String], in currency: Currency) -> Bool {
    let ofThree = pieces.dropFirst().allSatisfy { $0.count == 3 } && (1...3).contains(pieces[0].count)
    let ofTwo =
      countedInLakhs.contains(currency.code) && pieces.count > 2 && pieces[pieces.count - 1].count == 3
      && (1...2).contains(pieces[0].count)
      && pieces[1..<(pieces.count - 1)].allSatisfy { $0.count == 2 }
    return ofThree || ofTwo
  }

  private init(
    whole: Substring, fraction: Substring, negative: Bool, _ currency: Currency
  ) throws(ParseFailure) {
    guard fraction.count <= currency.decimals else {
      throw ParseFailure(
        description: currency.decimals == 0
          ? "\(currency.code) has no decimals: write a whole number."
          : "\(currency.code) has \(currency.decimals) decimals, not \(fraction.count).")
    }
    let padding = String(repeating: "0", count: currency.decimals - fraction.count)
    guard let magnitude = Int64(whole + fraction + padding) else {
      throw ParseFailure(description: "This amount is too large.")
    }
    self.init(negative ? -magnitude : magnitude, currency)
  }
}

extension Currency {
  /// Common symbols of the currency, such as `€`; other currencies may share them.
  package var symbols: [String] { Amount.symbols[code] ?? [] }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
