/// The worth of one unit of a currency in the group's currency: a positive decimal, exact.
package struct Rate: Hashable, Sendable {
  /// The decimal as a text, such as `0.9123`.
  package let text: String
  private let digits: UInt64
  private let decimals: Int

  /// Reads digits with at most one point; at most 12 digits in all; more than zero. `nil` for anything else.
  package init?(_ text: String) {
    let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(pieces.count),
      pieces.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    let all = pieces.joined()
    guard all.utf8.count <= 12, let digits = UInt64(all), digits > 0 else { return nil }
    self.text = text
    self.digits = digits
    decimals = pieces.count == 2 ? pieces[1].utf8.count : 0
  }

  /// Returns the worth of an amount in another currency, in whole minor units; half a unit is rounded away from
  /// zero, so that a refund is the mirror image of its expense. Integer arithmetic throughout.
  /// - Throws: `Amount.Failure.overflow` when the worth does not fit 64 bits.
  package func worth(of amount: Amount, in currency: Currency) throws(Amount.Failure) -> Amount {
    // At most 64 + 40 + 14 bits.
    var above = UInt128(amount.minorUnits.magnitude) * UInt128(digits)
    var below: UInt128 = 1
    for _ in 0..<currency.decimals { above *= 10 }
    for _ in 0..<(decimals + amount.currency.decimals) { below *= 10 }
    let worth = (above + below / 2) / below
    guard let units = Int64(exactly: worth) else { throw .overflow }
    return Amount(amount.minorUnits < 0 ? -units : units, currency)
  }
}
