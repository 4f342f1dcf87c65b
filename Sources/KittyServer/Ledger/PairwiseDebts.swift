import KittyShared

/// The debts between pairs of accounts, as the entries caused them.
struct PairwiseDebts {
  private struct Pair: Hashable {
    let debtor: LedgerAccount
    let creditor: LedgerAccount
    let currency: Currency
  }
  /// The amount that the debtor owes. Each pair is kept in one direction only, the lower key first.
  private var amounts: [Pair: Int64] = [:]

  /// Adds a debt. A negative amount is owed in the opposite direction.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(
    debtor: LedgerAccount, creditor: LedgerAccount, _ amount: Amount
  ) throws(Amount.Failure) {
    guard debtor != creditor, amount.minorUnits != 0 else { return }
    let isSwapped = creditor.key < debtor.key
    let pair = Pair(
      debtor: isSwapped ? creditor : debtor, creditor: isSwapped ? debtor : creditor,
      currency: amount.currency)
    let old = Amount(amounts[pair] ?? 0, amount.currency)
    amounts[pair] = try old.adding(isSwapped ? amount.negated() : amount).minorUnits
  }

  /// Adds an entry with several payers: each share is owed to the payers in proportion to their payments. Each payer is
  /// owed exactly the amount they paid, each participant owes exactly their share, and each debt between two of them is
  /// within one unit of its exact fraction.
  /// - Parameters:
  ///   - paid: The amount of each payer; all have the same sign.
  ///   - shared: The amount of each participant; their sum is that of the payers with the opposite sign.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(
    paid: [(account: LedgerAccount, amount: Int64)], shared: [(account: LedgerAccount, amount: Int64)],
    _ currency: Currency
  ) throws(Amount.Failure) {
    let debts = Apportionment.table(
      rows: paid.map { abs($0.amount) }, columns: shared.map { abs($0.amount) })
    for (share, debts) in zip(shared, debts) {
      for (payer, debt) in zip(paid, debts) {
        try add(
          debtor: share.account, creditor: payer.account, Amount(payer.amount.signum() * debt, currency))
      }
    }
  }

  /// The remaining debts, in an order that is the same in a copy of the group.
  var debts: [Transfer] {
    amounts.filter { $0.value != 0 }.map { pair, amount in
      let (from, to) = amount > 0 ? (pair.debtor, pair.creditor) : (pair.creditor, pair.debtor)
      return Transfer(from: from, to: to, amount: Int64(amount.magnitude), currency: pair.currency)
    }.sorted {
      ($0.currency.code, $0.from.key, $0.to.key) < ($1.currency.code, $1.from.key, $1.to.key)
    }
  }
}
