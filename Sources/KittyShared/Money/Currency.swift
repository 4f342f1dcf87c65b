/// A currency of ISO 4217, with the number of decimals of its minor unit.
package struct Currency: Hashable, Sendable {
  /// Three upper-case letters, such as `EUR`.
  package let code: String
  /// The number of decimals of an amount: JPY 0, EUR 2, KWD 3, CLF 4.
  package let decimals: Int
  /// The English name.
  package let name: String

  /// Finds a currency by its code, in upper or lower case; `nil` if it is not in ISO 4217.
  package init?(code: String) {
    // Letters beyond ASCII have an upper case within it, such as that of a dotless i.
    guard code.utf8.allSatisfy({ $0 < 0x80 }), let known = Self.byCode[code.uppercased()] else { return nil }
    self = known
  }

  init(code: String, decimals: Int, name: String) {
    self.code = code
    self.decimals = decimals
    self.name = name
  }

  /// The number of minor units in one unit: 1, 100, 1,000 or 10,000.
  package var unit: Int64 { (0..<decimals).reduce(1) { product, _ in product * 10 } }

  /// Every currency, ordered by code.
  package static let all: [Currency] = table.sorted { $0.code < $1.code }

  private static let byCode = Dictionary(uniqueKeysWithValues: table.map { ($0.code, $0) })
}

extension Currency: CustomStringConvertible {
  /// The code.
  package var description: String { code }
}
