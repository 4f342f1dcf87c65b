import KittyShared

/// Gives the money of a refund back to the payers of its expense, in proportion to what did not come back to each.
struct RefundedPayers {
  private let accounts: [LedgerAccount]
  private let entered: EnteredParts
  private let hasRate: Bool
  private let open: (entered: [UInt128], booked: [UInt128])
  private let paid: (entered: [UInt128], booked: [UInt128])

  init(_ refunded: RefundedExpense) {
    let (expense, openPayers) = (refunded.expense, refunded.openPayers)
    accounts = openPayers.map(\.account)
    entered = EnteredParts(ids: accounts.map(\.key), seed: expense.id)
    hasRate = expense.rate != nil
    open = (openPayers.map(\.weight), refunded.openPaidParts.map(\.weight))
    paid = (
      (expense.payers ?? []).map { UInt128($0.amount.units.magnitude) },
      expense.content.paidParts(entry: expense.id).map { UInt128($0.magnitude) }
    )
  }

  /// Returns the payers of a refund.
  /// - Parameters:
  ///   - amount: Minor units as entered.
  ///   - booked: Minor units as booked, with the same sign.
  func payers(of amount: Int64, booked: Int64) -> [Payer] {
    var parts = entered.parts(of: amount, by: weights(for: amount, open.entered, paid.entered))
    if hasRate, accounts.count > 1 {
      let wished = entered.parts(of: booked, by: weights(for: booked, open.booked, paid.booked))
      parts = entered.nearest(to: wished, amount: amount, booked: booked, first: parts)
    }
    return zip(accounts, parts).filter { $1 != 0 }.map { Payer($0, amount: .minorUnits($1)) }
  }

  /// Refunds to others than the payers may leave less than the amount: then all that they paid counts.
  private func weights(for amount: Int64, _ open: [UInt128], _ paid: [UInt128]) -> [UInt128] {
    open.reduce(0, +) >= UInt128(amount.magnitude) ? open : paid
  }
}
