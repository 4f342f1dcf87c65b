/// A percentage of 0 to 100 with at most two decimals; exact.
package struct Percent: Hashable, Sendable {
  /// 0 to 10000.
  package let hundredths: Int64

  /// Makes a percentage.
  package init(hundredths: Int64) { self.hundredths = hundredths }

  /// Reads a typed percentage, as `Amount` does; "" is 0.
  /// - Throws: `Amount.ParseFailure` with a sentence for the user.
  package init(typed text: String) throws(Amount.ParseFailure) {
    hundredths = text.isEmpty ? 0 : try Amount(typed: text, currency: .percent).minorUnits
  }

  /// With two decimals, such as `33.30`.
  package var text: String { Amount(hundredths, .percent).decimal }
}

extension Percent: Codable {
  /// Reads a text such as `"33.33"` or a whole number.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String? =
      if let text = try? container.decode(String.self) { text } else {
        (try? container.decode(Int64.self)).map { String($0) }
      }
    guard let text, !text.hasPrefix("-"),
      let units = try? Amount(decimal: text, currency: .percent).minorUnits,
      (0...10_000).contains(units)
    else {
      throw FieldError(
        decoder, code: "not_a_percentage",
        message:
          "A percentage must be from 0 to 100, whole or as a string with up to two decimals, such as \"33.33\"."
      )
    }
    hundredths = units
  }

  /// Writes the text.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension Currency {
  /// Percent, written like money with two decimals.
  static let percent = Currency(code: "%", decimals: 2, name: "percent")
}
