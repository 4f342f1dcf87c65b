/// A debt between two accounts, or a suggested payment that settles debts.
package struct Transfer: Codable, Hashable, Sendable {
  /// The debtor or payer.
  package let from: LedgerAccount
  /// The creditor or receiver.
  package let to: LedgerAccount
  /// Minor units, more than zero.
  package let amount: Int64
  /// The currency of the amount.
  package let currency: Currency

  package init(from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency) {
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
  }
}

/// The debts between pairs of accounts. Only the debts within a pair are offset.
package struct Debts: Codable, Hashable, Sendable {
  /// The debts; per account they add up to its net.
  package let debts: [Transfer]

  package init(debts: [Transfer]) { self.debts = debts }
}
