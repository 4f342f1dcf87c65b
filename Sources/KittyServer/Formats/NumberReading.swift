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
    if let sign, !currency.symbols.contains(where: { $0.unicodeScalars.contains(sign) }) {
      throw Failure(
        code: "unknown_currency",
        reason: "\"\(text.cut(to: 40))\" has the sign \(sign), and its currency is \(currency.code).")
    }
    return number.isNegative ? -value : value
  }

  /// Reads a number of any decimals into its digits.
  func decimal(_ text: String) throws(Failure) -> (isNegative: Bool, whole: String, fraction: String) {
    let unreadable = Failure(code: "not_a_number", reason: "\"\(text.cut(to: 40))\" is not a number.")
    var (whole, fraction, isNegative, isAfterMark) = ("", "", false, false)
    // The digits since the last mark between groups; `nil` before the first one.
    var group: Int?
    for scalar in text.unicodeScalars {
      switch scalar {
      case mark.scalar:
        guard !isAfterMark, group == nil || group == 3 else { throw unreadable }
        isAfterMark = true
      case "-", "\u{2212}", "(":
        guard whole.isEmpty, !isAfterMark, !isNegative else { throw unreadable }
        isNegative = true
      case ".", ",", "'", "’":
        // Groups of three digits, or of two before the last one, as in India.
        guard !isAfterMark, group.map({ $0 == 3 || $0 == 2 }) ?? (1...3).contains(whole.count) else {
          throw unreadable
        }
        group = 0
      case _ where scalar.isDigit:
        if isAfterMark { fraction.unicodeScalars.append(scalar) } else { whole.unicodeScalars.append(scalar) }
        if !isAfterMark { group = group.map { $0 + 1 } }
      case "+", ")": continue
      case _ where scalar.properties.isWhitespace: continue
      case _ where scalar.properties.generalCategory == .currencySymbol: continue
      default: throw unreadable
      }
    }
    guard !whole.isEmpty || !fraction.isEmpty, isAfterMark || group == nil || group == 3 else {
      throw unreadable
    }
    return (isNegative, whole.isEmpty ? "0" : whole, fraction)
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
}
