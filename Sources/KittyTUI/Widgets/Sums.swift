import KittyShared

/// Sums of money, one for each currency.
enum Sums {
  /// Returns the sums in the order in which their currencies come first.
  /// - Returns: `nil` when a sum is too large for an amount.
  static func of(_ parts: some Sequence<Money>) -> [Money]? {
    var order: [Currency] = []
    var sums: [Currency: Int64] = [:]
    for part in parts {
      if sums[part.currency] == nil { order.append(part.currency) }
      let (sum, isTooLarge) = (sums[part.currency] ?? 0).addingReportingOverflow(part.amount)
      if isTooLarge { return nil }
      sums[part.currency] = sum
    }
    return order.map { Money(amount: sums[$0] ?? 0, currency: $0) }
  }
}

extension [Money] {
  /// The sums as a part of a sentence, such as `66.67 EUR and 500 JPY`.
  var words: SafeText { map { SafeText($0) }.joined(" and ") }
}
