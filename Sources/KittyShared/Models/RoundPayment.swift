/// One payment of a settling round.
package struct RoundPayment: Codable, Hashable, Sendable {
  /// Its number in the round, from 1.
  package let number: Int
  /// The payer.
  package let from: LedgerAccount
  /// The receiver.
  package let to: LedgerAccount
  /// Minor units, more than zero.
  package let amount: Int64
  /// The currency.
  package let currency: Currency
  /// Its state.
  package let state: SettlingRound.State
  /// The entry that books it; `nil` unless it is paid.
  package let entry: ID?
  /// The text of a QR code for a bank transfer in euros, after EPC069-12; `nil` unless the payment is open and the
  /// receiver has an IBAN.
  package let epc: String?

  package init(
    number: Int, from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency,
    state: SettlingRound.State,
    entry: ID? = nil, epc: String? = nil
  ) {
    self.number = number
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
    self.state = state
    self.entry = entry
    self.epc = epc
  }

  /// The payment as a plan has it.
  package var transfer: Transfer { Transfer(from: from, to: to, amount: amount, currency: currency) }
}
