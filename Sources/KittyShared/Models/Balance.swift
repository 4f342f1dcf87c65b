/// The balance of one account in one currency.
package struct Balance: Codable, Hashable, Sendable {
  /// A member, or the kitty.
  package let account: LedgerAccount
  /// The name in the group.
  package let name: String
  /// The currency.
  package let currency: Currency
  /// Paid expenses: minor units.
  package let paid: Int64
  /// Share of expenses: minor units.
  package let share: Int64
  /// Payments to others and into the kitty: minor units.
  package let sent: Int64
  /// Payments from others and from the kitty: minor units.
  package let received: Int64
  /// `paid - share + sent - received`: positive is owed to the account, negative is owed by it. The kitty holds
  /// what it owes.
  package let net: Int64

  package init(
    account: LedgerAccount, name: String, currency: Currency, paid: Int64, share: Int64, sent: Int64 = 0,
    received: Int64 = 0
  ) {
    self.account = account
    self.name = name
    self.currency = currency
    self.paid = paid
    self.share = share
    self.sent = sent
    self.received = received
    net = paid - share + sent - received
  }
}

/// The balances of all accounts. Per currency the nets add up to zero.
package struct Balances: Codable, Hashable, Sendable {
  /// Every present member at least in the group's currency, and former members with a balance; the kitty last,
  /// once it has been used.
  package let balances: [Balance]

  package init(balances: [Balance]) { self.balances = balances }
}
