/// Money on the wire: minor units beside their currency.
package struct Money: Codable, Hashable, Sendable {
  /// Minor units.
  package let amount: Int64
  /// The currency of the amount.
  package let currency: Currency

  package init(amount: Int64, currency: Currency) {
    self.amount = amount
    self.currency = currency
  }
}
