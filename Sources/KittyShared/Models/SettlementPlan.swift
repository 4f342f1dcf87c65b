/// Payments that clear every debt.
package struct SettlementPlan: Codable, Hashable, Sendable {
  /// The payments, per currency.
  package let payments: [Transfer]
  /// The method for each currency.
  package let methods: [MethodOfCurrency]
  /// The parts of the kitty that the plan leaves to the members as their nets; `nil` when it pays out the kitty.
  package let keeps: [KeptPart]?

  /// The rule that divides a kept kitty among the present members.
  package enum Rule: String, Codable, CaseIterable, Sendable {
    /// The same part for each.
    case equal
    /// By the weights of the members.
    case weights
    /// By what each has put into the kitty and not taken out again.
    case contributed
  }

  /// The part of a member in a kept kitty: the net that the plan leaves.
  package struct KeptPart: KnownFields, Hashable {
    /// The member.
    package var member: ID
    /// Minor units; below zero of a kitty that is overdrawn.
    package var amount: Int64
    /// The currency.
    package var currency: Currency

    package enum CodingKeys: String, CodingKey, CaseIterable { case member, amount, currency }

    package init(member: ID, amount: Int64, currency: Currency) {
      self.member = member
      self.amount = amount
      self.currency = currency
    }
  }

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
  package struct MethodOfCurrency: KnownFields, Hashable {
    /// The currency.
    package var currency: Currency
    /// The method.
    package var method: Method

    package enum CodingKeys: String, CodingKey, CaseIterable { case currency, method }

    package init(currency: Currency, method: Method) {
      self.currency = currency
      self.method = method
    }
  }

  package init(payments: [Transfer], methods: [MethodOfCurrency], keeps: [KeptPart]? = nil) {
    self.payments = payments
    self.methods = methods
    self.keeps = keeps
  }
}
