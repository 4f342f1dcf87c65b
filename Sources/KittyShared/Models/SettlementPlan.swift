/// Payments that clear every debt.
package struct SettlementPlan: Codable, Hashable, Sendable {
  /// The payments, per currency.
  package let payments: [Transfer]
  /// The method for each currency.
  package let methods: [MethodOfCurrency]

  /// The method that found a plan.
  package enum Method: String, Codable, Sendable {
    /// No plan has fewer payments.
    case fewest
    /// Fewer payments than unsettled accounts, which are too many to find the fewest.
    case greedy
    /// All accounts pay to or receive from one account, as requested.
    case centred
  }

  /// The method for one currency.
  package struct MethodOfCurrency: Codable, Hashable, Sendable {
    /// The currency.
    package let currency: Currency
    /// The method.
    package let method: Method

    package init(currency: Currency, method: Method) {
      self.currency = currency
      self.method = method
    }
  }

  package init(payments: [Transfer], methods: [MethodOfCurrency]) {
    self.payments = payments
    self.methods = methods
  }
}
