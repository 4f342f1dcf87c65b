import KittyShared

/// A change of the running totals of one account in one currency: minor units.
struct BalanceChange: Sendable, Hashable {
  let account: ID
  let currency: Currency
  var paid: Int64 = 0
  var share: Int64 = 0
  var sent: Int64 = 0
  var received: Int64 = 0

  fileprivate var isZero: Bool { paid == 0 && share == 0 && sent == 0 && received == 0 }

  /// Returns the changes that replace `old` postings by `new` ones. Their order is always the same, so that two
  /// transactions lock the rows in one order and cannot deadlock.
  /// - Throws: `Amount.Failure.overflow`.
  static func changes(from old: [Posting], to new: [Posting]) throws(Amount.Failure) -> [BalanceChange] {
    var sums = BalanceSums()
    try sums.subtract(old)
    try sums.add(new)
    return sums.all
  }

  /// Returns a balance with this change in it.
  /// - Throws: `Amount.Failure.overflow`.
  func applied(to balance: Balance) throws(Amount.Failure) -> Balance {
    Balance(
      account: balance.account, name: balance.name, currency: balance.currency,
      paid: try Self.add(balance.paid, paid), share: try Self.add(balance.share, share),
      sent: try Self.add(balance.sent, sent), received: try Self.add(balance.received, received))
  }

  fileprivate static func add(_ left: Int64, _ right: Int64) throws(Amount.Failure) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return sum
  }
}

/// The sums of the changes that postings make.
struct BalanceSums: Sendable {
  private struct Key: Hashable {
    let account: ID
    let currency: Currency
  }

  private var changes: [Key: BalanceChange] = [:]

  /// Adds postings that are new.
  /// - Throws: `Amount.Failure.overflow`, here and below.
  mutating func add(_ postings: [Posting]) throws(Amount.Failure) { try add(postings, times: 1) }

  /// Adds the removal of postings.
  mutating func subtract(_ postings: [Posting]) throws(Amount.Failure) { try add(postings, times: -1) }

  private mutating func add(_ postings: [Posting], times sign: Int64) throws(Amount.Failure) {
    for posting in postings {
      let key = Key(account: posting.account, currency: posting.amount.currency)
      var change = changes[key] ?? BalanceChange(account: key.account, currency: key.currency)
      let (amount, overflow) = posting.amount.minorUnits.multipliedReportingOverflow(by: sign)
      guard !overflow else { throw .overflow }
      switch posting.kind {
      case .paid: change.paid = try BalanceChange.add(change.paid, amount)
      case .share: change.share = try BalanceChange.add(change.share, -amount)
      case .sent: change.sent = try BalanceChange.add(change.sent, amount)
      case .received: change.received = try BalanceChange.add(change.received, -amount)
      }
      changes[key] = change
    }
  }

  /// The changes other than zero. Their order is always the same, so that two transactions lock the rows in one order and cannot
  /// deadlock.
  var all: [BalanceChange] {
    changes.values.filter { !$0.isZero }
      .sorted { ($0.account, $0.currency.code) < ($1.account, $1.currency.code) }
  }
}
