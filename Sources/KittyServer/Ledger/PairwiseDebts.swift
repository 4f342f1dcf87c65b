import KittyShared

/// The debts between pairs of accounts, as the entries caused them.
struct PairwiseDebts {
  /// Two accounts, by their numbers: an entry with several payers has a debt for each of them and each participant, so
  /// a pair must be quick to find.
  private struct Pair: Hashable {
    let low: Int32
    let high: Int32
  }
  private var accounts: [LedgerAccount] = []
  private var numbers: [LedgerAccount: Int32] = [:]
  /// The amounts that the lower account owes the higher one. Each pair is kept in this direction only.
  private var amounts: [Currency: [Pair: Int64]] = [:]

  private mutating func number(of account: LedgerAccount) -> Int32 {
    if let number = numbers[account] { return number }
    let number = Int32(accounts.count)
    accounts.append(account)
    numbers[account] = number
    return number
  }

  /// Adds a debt. A negative amount is owed in the opposite direction.
  /// - Throws: `Amount.Failure.overflow`.
  mutating func add(
    debtor: LedgerAccount, creditor: LedgerAccount, _ amount: Amount
  ) throws(Amount.Failure) {
    let (debtor, creditor) = (number(of: debtor), number(of: creditor))
    try Self.add(amount.minorUnits, debtor, creditor, to: &amounts[amount.currency, default: [:]])
  }

  /// Adds an entry with several payers: each share is owed to the payers in proportion to their payments. Each payer is
  /// owed exactly the amount they paid, each participant owes exactly their share, and each debt between two of them is
  /// within one unit of its exact fraction. O(payers × participants), and an entry has at most 100 payers.
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
    let payers = paid.map { (number: number(of: $0.account), sign: $0.amount.signum()) }
    let participants = shared.map { number(of: $0.account) }
    // The amounts of a currency are looked up once: to hash a currency takes longer than to add a debt.
    var ofCurrency = amounts.removeValue(forKey: currency) ?? [:]
    defer { amounts[currency] = ofCurrency }
    for (participant, debts) in zip(participants, debts) {
      for (payer, debt) in zip(payers, debts) {
        try Self.add(payer.sign * debt, participant, payer.number, to: &ofCurrency)
      }
    }
  }

  private static func add(
    _ amount: Int64, _ debtor: Int32, _ creditor: Int32, to amounts: inout [Pair: Int64]
  ) throws(Amount.Failure) {
    guard debtor != creditor, amount != 0 else { return }
    guard amount != .min else { throw .overflow }
    let pair = Pair(low: min(debtor, creditor), high: max(debtor, creditor))
    try add(debtor < creditor ? amount : -amount, to: &amounts[pair, default: 0])
  }

  private static func add(_ amount: Int64, to sum: inout Int64) throws(Amount.Failure) {
    let (new, overflow) = sum.addingReportingOverflow(amount)
    guard !overflow, new != .min else { throw .overflow }
    sum = new
  }

  /// The remaining debts, in an order that is the same in a copy of the group.
  var debts: [Transfer] {
    amounts.sorted { $0.key.code < $1.key.code }.flatMap { currency, amounts in
      amounts.filter { $0.value != 0 }.map { pair, amount in
        let (low, high) = (accounts[Int(pair.low)], accounts[Int(pair.high)])
        let (from, to) = amount > 0 ? (low, high) : (high, low)
        return Transfer(from: from, to: to, amount: Int64(amount.magnitude), currency: currency)
      }.sorted { ($0.from.key, $0.to.key) < ($1.from.key, $1.to.key) }
    }
  }
}
