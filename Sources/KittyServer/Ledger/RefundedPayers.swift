import KittyShared

/// Gives the money of a refund back to the payers of its expense, in proportion to what did not come back to each.
struct RefundedPayers {
  private let accounts: [LedgerAccount]
  private let seed: ID
  private let hasRate: Bool
  private let open: (entered: [UInt128], booked: [UInt128])
  private let paid: (entered: [UInt128], booked: [UInt128])

  init(_ refunded: RefundedExpense) {
    let (expense, openPayers) = (refunded.expense, refunded.openPayers)
    accounts = openPayers.map(\.account)
    seed = expense.id
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
    var parts = parts(of: amount, by: weights(for: amount, open.entered, paid.entered))
    if hasRate, accounts.count > 1 {
      let wished = self.parts(of: booked, by: weights(for: booked, open.booked, paid.booked))
      parts = entered(amount, parts, booked: booked, wished: wished)
    }
    return zip(accounts, parts).filter { $1 != 0 }.map { Payer($0, amount: .minorUnits($1)) }
  }

  /// Refunds to others than the payers may leave less than the amount: then all that they paid counts.
  private func weights(for amount: Int64, _ open: [UInt128], _ paid: [UInt128]) -> [UInt128] {
    open.reduce(0, +) >= UInt128(amount.magnitude) ? open : paid
  }

  private func parts(of amount: Int64, by weights: [UInt128]) -> [Int64] {
    Apportionment.parts(
      of: amount, weights: zip(accounts, weights).map { (id: $0.key, weight: $1) }, seed: seed)
  }

  /// Returns amounts as entered from which the wished parts of the booked amount follow, see `EntryContent.paidParts`: so
  /// refunds of the whole leave nothing between the payers. Where the entered currency is too coarse, the nearest ones.
  /// - Parameter first: The amounts if those of the others are no nearer.
  private func entered(_ amount: Int64, _ first: [Int64], booked: Int64, wished: [Int64]) -> [Int64] {
    func differences(_ parts: [Int64]) -> [Int64] {
      zip(self.parts(of: booked, by: parts.map { UInt128($0.magnitude) }), wished).map {
        ($0 - $1) * amount.signum()
      }
    }
    func distance(_ differences: [Int64]) -> UInt64 { differences.reduce(0) { $0 + $1.magnitude } }
    var (best, least) = (first, distance(differences(first)))
    var parts = parts(of: amount, by: wished.map { UInt128($0.magnitude) })
    for _ in 0...(2 * accounts.count) where least > 0 {
      let differences = differences(parts)
      if distance(differences) < least { (best, least) = (parts, distance(differences)) }
      // A unit goes from the payer with the most too much to the one with the most too little.
      let filled = parts.indices.filter { parts[$0] != 0 }
      guard let most = filled.max(by: { differences[$0] < differences[$1] }),
        let fewest = parts.indices.min(by: { differences[$0] < differences[$1] }), most != fewest
      else { break }
      parts[most] -= amount.signum()
      parts[fewest] += amount.signum()
    }
    return best
  }
}
