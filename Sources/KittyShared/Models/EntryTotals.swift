/// The number of all entries of a list, and the sums of their amounts.
package struct EntryTotals: Codable, Hashable, Sendable {
  /// The number of entries.
  package let count: Int
  /// A sum for each currency, in the order of their codes.
  package let sums: [Sum]

  /// The entries in one currency.
  package struct Sum: Codable, Hashable, Sendable {
    /// The number of entries.
    package let count: Int
    /// The sum of the amounts in minor units, of entries of all kinds. Refunds and differences of counts can be negative.
    package let amount: Int64
    /// The currency.
    package let currency: Currency

    package init(count: Int, amount: Int64, currency: Currency) {
      self.count = count
      self.amount = amount
      self.currency = currency
    }
  }

  package init(count: Int, sums: [Sum]) {
    self.count = count
    self.sums = sums
  }
}
