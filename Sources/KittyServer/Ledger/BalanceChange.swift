import KittyShared

/// A change of the running totals of one account in one currency: minor units.
struct BalanceChange: Sendable, Hashable {
  let account: ID
  let currency: Currency
  var paid: Int64 = 0
  var share: Int64 = 0
  var sent: Int64 = 0
  var received: Int64 = 0

  private var isZero: Bool { paid == 0 && share == 0 && sent == 0 && received == 0 }

  /// Returns the changes that replace `old` postings by `new` ones. Their order is always the same, so that two
  /// transactions lock the rows in one order and cannot deadlock.
  /// - Throws: `Amount.Failure.overflow`.
  static func changes(from old: [Posting], to new: [Posting]) throws(Amount.Failure) -> [BalanceChange] {
    struct Key: Hashable {
      let account: ID
      let currency: Currency
    }
    var changes: [Key: BalanceChange] = [:]
    for (postings, sign) in [(old, Int64(-1)), (new, 1)] {
      for posting in postings {
        let key = Key(account: posting.account, currency: posting.amount.currency)
        var change = changes[key] ?? BalanceChange(account: key.account, currency: key.currency)
        let (amount, overflow) = posting.amount.minorUnits.multipliedReportingOverflow(by: sign)
        guard !overflow else { throw .overflow }
        switch posting.kind {
        case .paid: change.paid = try add(change.paid, amount)
        case .share: change.share = try add(change.share, -amount)
        case .sent: change.sent = try add(change.sent, amount)
        case .received: change.received = try add(change.received, -amount)
        }
        changes[key] = change
      }
    }
    return changes.values.filter { !$0.isZero }
      .sorted { ($0.account, $0.currency.code) < ($1.account, $1.currency.code) }
  }

  /// Returns a balance with this change in it.
  /// - Throws: `Amount.Failure.overflow`.
  func applied(to balance: Balance) throws(Amount.Failure) -> Balance {
    Balance(
      account: balance.account, name: balance.name, currency: balance.currency,
      paid: try Self.add(balance.paid, paid), share: try Self.add(balance.share, share),
      sent: try Self.add(balance.sent, sent), received: try Self.add(balance.received, received))
  }

  private static func add(_ left: Int64, _ right: Int64) throws(Amount.Failure) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return sum
  }
}
