import KittyShared

/// The debts between pairs of accounts, as the entries caused them.
struct PairwiseDebts {
  private struct Pair: Hashable {
    let debtor: ID
    let creditor: ID
    let currency: Currency
  }
  /// The amount that the debtor owes. Each pair is kept in one direction only, the lower id first.
  private var amounts: [Pair: Int64] = [:]

  /// Adds a debt. A negative amount is owed in the opposite direction.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(debtor: ID, creditor: ID, _ amount: Amount) throws(Amount.Failure) {
    guard debtor != creditor, amount.minorUnits != 0 else { return }
    let isSwapped = creditor < debtor
    let pair = Pair(
      debtor: isSwapped ? creditor : debtor, creditor: isSwapped ? debtor : creditor,
      currency: amount.currency)
    let old = Amount(amounts[pair] ?? 0, amount.currency)
    amounts[pair] = try old.adding(isSwapped ? amount.negated() : amount).minorUnits
  }

  /// Adds an entry with several payers: each share is owed to the payers in proportion to their payments.
  ///
  /// The units are assigned along both lists, so that each payer is owed exactly the amount they paid, and each
  /// participant owes exactly their share.
  /// - Parameters:
  ///   - paid: The amount of each payer; all have the same sign.
  ///   - shared: The amount of each participant; their sum is that of the payers with the opposite sign.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(
    paid: [(account: ID, amount: Int64)], shared: [(account: ID, amount: Int64)], _ currency: Currency,
    entry: ID
  ) throws(Amount.Failure) {
    var due = paid.map(\.amount)
    for share in shared {
      // In proportion to the amounts still due, so that no payer is owed more than they paid.
      let weights = zip(paid, due).map { (id: $0.account, weight: UInt128($1.magnitude)) }
      let parts = Apportionment.parts(of: -share.amount, weights: weights, seed: entry)
      for (index, part) in parts.enumerated() {
        due[index] -= part
        try add(debtor: share.account, creditor: paid[index].account, Amount(part, currency))
      }
    }
  }

  /// Returns the remaining debts in a stable order.
  func debts(in group: ID) -> [Transfer] {
    amounts.filter { $0.value != 0 }.map { pair, amount in
      let (from, to) = amount > 0 ? (pair.debtor, pair.creditor) : (pair.creditor, pair.debtor)
      return Transfer(
        from: LedgerAccount(from, in: group), to: LedgerAccount(to, in: group),
        amount: Int64(amount.magnitude),
        currency: pair.currency)
    }.sorted {
      ($0.currency.code, $0.from.id(in: group), $0.to.id(in: group))
        < ($1.currency.code, $1.from.id(in: group), $1.to.id(in: group))
    }
  }
}
