import KittyShared

/// The way in which a file writes numbers: found out over all of them, because one alone may have two meanings.
struct NumberReading: Sendable, Hashable {
  let mark: Mark
  /// `true` when the file has numbers that show the mark.
  let isKnown: Bool

  /// The mark before the decimals.
  enum Mark: String, CaseIterable, Sendable {
    case point, comma

    fileprivate var scalar: Unicode.Scalar { self == .point ? "." : "," }
    /// The mark for people.
    var text: String { "\(scalar)" }
  }

  /// Finds the decimal mark of numbers.
  /// - Parameters:
  ///   - texts: The numbers, each with its place.
  ///   - wanted: The mark that the request names.
  /// - Throws: `Rejection` when two numbers contradict each other, or when all that have a mark can be read in two ways.
  init(
    _ texts: some Sequence<(text: String, place: ImportPlace)>, wanted: Mark? = nil
  ) throws(Rejection) {
    var search = Search()
    for (text, place) in texts { try search.add(text, at: place) }
    self = try search.reading(wanted: wanted)
  }

  private init(mark: Mark, isKnown: Bool) { (self.mark, self.isKnown) = (mark, isKnown) }

  /// The search of the decimal mark in one number after the other.
  struct Search {
    private var found: (mark: Mark, text: String, place: ImportPlace)?
    private var unclear: (text: String, place: ImportPlace)?

    /// - Throws: `Rejection` for a number with another mark than those before it.
    mutating func add(_ text: String, at place: ImportPlace) throws(Rejection) {
      switch NumberReading.mark(in: text) {
      case .certain(let mark):
        if let found, found.mark != mark {
          throw .unreadable(
            place, "ambiguous_decimals",
            "\"\(text.cut(to: 40))\" has another decimal mark than \"\(found.text.cut(to: 40))\" at \(found.place). Correct the file, or send decimal=point or decimal=comma."
          )
        }
        if found == nil { found = (mark, text, place) }
      case .unclear: if unclear == nil { unclear = (text, place) }
      case .none: break
      }
    }

    /// Returns the reading of all numbers.
    /// - Throws: `Rejection` when they can be read in two ways, or not as the request wants.
    func reading(wanted: Mark?) throws(Rejection) -> NumberReading {
      if let wanted {
        guard let found, found.mark != wanted else { return NumberReading(mark: wanted, isKnown: true) }
        throw .unreadable(
          found.place, "ambiguous_decimals",
          "\"\(found.text.cut(to: 40))\" has another decimal mark than decimal=\(wanted.rawValue).")
      }
      if found == nil, let unclear {
        throw .unreadable(
          unclear.place, "ambiguous_decimals",
          "\"\(unclear.text.cut(to: 40))\" could mean thousands or decimals, and no other number tells. Send decimal=point or decimal=comma."
        )
      }
      return NumberReading(mark: found?.mark ?? .point, isKnown: found != nil)
    }
  }

  private enum Evidence { case certain(Mark), unclear, none }

  /// Returns the decimal mark that a number shows.
  private static func mark(in text: String) -> Evidence {
    let scalars = text.unicodeScalars.filter { $0 == "." || $0 == "," }
    guard let last = scalars.last else { return .none }
    let mark: Mark = last == "." ? .point : .comma
    let other: Mark = last == "." ? .comma : .point
    if Set(scalars).count == 2 { return .certain(mark) }
    if scalars.count > 1 { return .certain(other) }
    let tail = text.unicodeScalars.reversed().prefix { $0 != last }.filter(\.isDigit).count
    let head = text.unicodeScalars.prefix { $0 != last }.filter(\.isDigit)
    // "0.125" and "1234.125" have no group before the mark; "12.50" has none after it.
    return tail == 3 && (1...3).contains(head.count) && head.first != "0" ? .unclear : .certain(mark)
  }

  /// Reads an amount. A sign, parentheses for less than zero, a symbol of a currency and groups of digits are allowed.
  /// - Throws: `Failure` with the reason in words.
  func amount(_ text: String, _ currency: Currency) throws(Failure) -> Int64 {
    let number = try decimal(text)
    let decimals = number.fraction.count
    let extra = number.fraction.dropFirst(currency.decimals)
    guard extra.allSatisfy({ $0 == "0" }) else {
      throw Failure(
        code: "fraction",
        reason:
          "\"\(text.cut(to: 40))\" has \(decimals) decimals, and \(currency.code) has \(currency.decimals)."
      )
    }
    let fraction = number.fraction.prefix(currency.decimals)
    let padding = String(repeating: "0", count: currency.decimals - fraction.count)
    guard let value = Int64(number.whole + fraction + padding), value <= Amount.limit else {
      throw Failure(code: "too_large", reason: "\"\(text.cut(to: 40))\" is too large.")
    }
    let sign = text.unicodeScalars.first { $0.properties.generalCategory == .currencySymbol }
    if let sign, !currency.hasSymbol(sign) {
      throw Failure(
        code: "unknown_currency",
        reason: "\"\(text.cut(to: 40))\" has the sign \(sign), and its currency is \(currency.code).")
    }
    return number.isNegative ? -value : value
  }

  /// Reads a number of any decimals into its digits. In front of them there may be one sign, and beside them one symbol of a
  /// currency; parentheses around all of it mean less than zero.
  func decimal(_ text: String) throws(Failure) -> (isNegative: Bool, whole: String, fraction: String) {
    let unreadable = Failure(code: "not_a_number", reason: "\"\(text.cut(to: 40))\" is not a number.")
    var rest = Array(text.trimmed.unicodeScalars)[...]
    var (hasSign, isNegative, hasSymbol) = (false, false, false)
    if let (inner, symbols) = Self.inParentheses(rest) {
      (hasSign, isNegative, hasSymbol) = (true, true, symbols)
      rest = inner
    }
    while let first = rest.first, !first.isDigit, first != mark.scalar {
      if ["-", "\u{2212}", "+"].contains(first), !hasSign {
        (hasSign, isNegative) = (true, first != "+")
      } else if first.properties.generalCategory == .currencySymbol, !hasSymbol {
        hasSymbol = true
      } else if !first.isSpace {
        throw unreadable
      }
      rest.removeFirst()
    }
    while let last = rest.last, !last.isDigit, last != mark.scalar {
      if last.properties.generalCategory == .currencySymbol, !hasSymbol {
        hasSymbol = true
      } else if !last.isSpace {
        throw unreadable
      }
      rest.removeLast()
    }
    let parts = rest.split(separator: mark.scalar, maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : []
    guard let whole = Self.digits(parts[0]), fraction.allSatisfy(\.isDigit), whole.count + fraction.count > 0
    else { throw unreadable }
    return (isNegative, whole.isEmpty ? "0" : Self.text(whole[...]), Self.text(fraction))
  }

  /// Returns the text in parentheses, and whether a symbol of a currency is beside them, as spreadsheets write `$ (1,234.50)`; `nil` without
  /// parentheses around all other characters.
  private static func inParentheses(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (inner: ArraySlice<Unicode.Scalar>, hasSymbol: Bool)? {
    func isBeside(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isSpace || scalar.properties.generalCategory == .currencySymbol
    }
    let core = text.drop(while: isBeside)
    let end = core.lastIndex { !isBeside($0) }
    guard let end, core.first == "(", core[end] == ")" else { return nil }
    let outside = text[..<core.startIndex] + core[core.index(after: end)...]
    let symbols = outside.count { !$0.isSpace }
    return symbols < 2 ? (core[..<end].dropFirst(), symbols == 1) : nil
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  /// Returns the digits without the marks between groups of three, or of two before the last three as in India; `nil` for
  /// groups of other sizes, and for several marks.
  private static func digits(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]? {
    if text.allSatisfy(\.isDigit) { return Array(text) }
    let groups = text.split(omittingEmptySubsequences: false) { !$0.isDigit }
    let marks = Set<Unicode.Scalar>(
      text.filter { !$0.isDigit }.map { $0.isSpace ? " " : $0 == "’" ? "'" : $0 })
    guard marks.count == 1, marks.isSubset(of: [".", ",", "'", " "]), groups.last?.count == 3 else {
      return nil
    }
    let (first, middle) = (groups[0].count, groups.dropFirst().dropLast())
    let isInThrees = (1...3).contains(first) && middle.allSatisfy { $0.count == 3 }
    let isIndian = (1...2).contains(first) && middle.allSatisfy { $0.count == 2 }
    return isInThrees || isIndian ? groups.flatMap { $0 } : nil
  }

  /// The reason why a text is no amount.
  struct Failure: Error, Hashable {
    let code: String
    let reason: String

    func at(_ place: ImportPlace) -> Rejection { .unreadable(place, code, reason) }
  }
}

extension Unicode.Scalar {
  var isDigit: Bool { ("0"..."9").contains(self) }
  /// A space of any width.
  fileprivate var isSpace: Bool { properties.generalCategory == .spaceSeparator }
}

extension Currency {
  /// Returns `true` for a sign of the currency. Of a currency whose signs are not known, any other sign than those of the known ones may be;
  /// a dollar or a peso also has `$`.
  fileprivate func hasSymbol(_ sign: Unicode.Scalar) -> Bool {
    let plain = sign == "￥" ? "¥" : String(String.UnicodeScalarView(sign.compatible))
    func isOf(_ symbols: [String]) -> Bool { symbols.contains { $0.contains(plain) } }
    if isOf(symbols) { return true }
    let words = name.lowercased()
    if plain == "$", words.contains("dollar") || words.contains("peso") { return true }
    return symbols.isEmpty && !Currency.all.contains { isOf($0.symbols) }
  }
}
