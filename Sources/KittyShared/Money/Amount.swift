/// A sum of money: whole minor units (cents) of one currency. No floating point, ever.
package struct Amount: Hashable, Sendable {
  /// Whole minor units: 4250 is 42.50 EUR, 4250 JPY or 4.250 KWD.
  package let minorUnits: Int64
  /// The currency of the amount.
  package let currency: Currency

  /// The largest magnitude that a single entry may have: 10^12 minor units. Nine million such entries
  /// still add up within 64 bits.
  package static let limit: Int64 = 1_000_000_000_000

  /// Makes an amount of `minorUnits` of `currency`.
  package init(_ minorUnits: Int64, _ currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// An error of arithmetic with amounts.
  package enum Failure: Error, Equatable {
    /// The result does not fit 64 bits.
    case overflow
    /// The two amounts are of different currencies.
    case currenciesDiffer
  }

  /// Returns the sum of both amounts.
  /// - Throws: `Failure` when it does not fit, or when the currencies differ.
  package func adding(_ other: Amount) throws(Failure) -> Amount {
    guard currency == other.currency else { throw .currenciesDiffer }
    let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
    guard !overflow else { throw .overflow }
    return Amount(sum, currency)
  }

  /// Returns the amount with the opposite sign.
  /// - Throws: `Failure.overflow` for the one value that has no opposite.
  package func negated() throws(Failure) -> Amount {
    guard minorUnits != .min else { throw .overflow }
    return Amount(-minorUnits, currency)
  }

  /// The amount as a plain decimal: `-1234.50`; the API accepts this format.
  package var decimal: String { text(decimalMark: ".", groupMark: "") }

  /// The mark before the decimals for the reader of this task: a point, unless the client sets another one for its screens.
  /// So no screen can forget it, and nothing that a program reads has it by accident.
  @TaskLocal package static var decimalMark: Character = "."

  /// The amount as a person would type it: without marks between groups.
  package var typed: String { text(groupMark: "") }

  /// Returns a plain decimal, such as a rate or a percentage, with the reader's decimal mark.
  package static func shown(decimal: String) -> String { decimal.replacing(".", with: "\(decimalMark)") }

  /// Returns the amount for display: `1,234.50`, or `1.234,50` with a comma as the decimal mark.
  ///
  /// - Parameters:
  ///   - decimalMark: The mark before the decimals; by default that of the reader.
  ///   - groupMark: The mark between groups of three digits; by default the other one of `,` and `.`.
  package func text(decimalMark: Character = Amount.decimalMark, groupMark: String? = nil) -> String {
    let mark = groupMark ?? (decimalMark == "," ? "." : ",")
    var digits = String(minorUnits.magnitude)
    let missing = currency.decimals + 1 - digits.count
    if missing > 0 { digits = String(repeating: "0", count: missing) + digits }
    let whole = digits.dropLast(currency.decimals)
    var grouped = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index).isMultiple(of: 3) { grouped += mark }
      grouped.append(digit)
    }
    let fraction = currency.decimals == 0 ? "" : "\(decimalMark)\(digits.suffix(currency.decimals))"
    return (minorUnits < 0 ? "-" : "") + grouped + fraction
  }
}

extension Amount: CustomStringConvertible {
  /// Such as `42.50 EUR`, with the reader's decimal mark.
  package var description: String { "\(typed) \(currency.code)" }
}
