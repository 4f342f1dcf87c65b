import KittyShared

/// One line of an entry: it changes one account.
struct Posting: Sendable, Hashable {
  let account: ID
  let kind: Kind
  /// Positive is owed to the account.
  let amount: Amount

  enum Kind: String, Sendable {
    /// Gave money for an expense.
    case paid
    /// Bears a part of an expense.
    case share
    /// Gave money to another account.
    case sent
    /// Got money from another account.
    case received
  }
}

extension EntryContent {
  /// The postings of an entry with this content: they sum to zero. A posting of nothing is left out.
  func postings(group: ID, entry: ID) -> [Posting] {
    let currency = booked.currency
    func posting(_ account: LedgerAccount, _ kind: Posting.Kind, _ amount: Int64) -> Posting {
      Posting(account: account.id(in: group), kind: kind, amount: Amount(amount, currency))
    }
    var postings: [Posting] = []
    if let from, let to {
      postings = [posting(from, .sent, booked.amount), posting(to, .received, -booked.amount)]
    }
    if let payers, let shares {
      let paid = paidParts(payers, entry: entry)
      postings = zip(payers, paid).map { posting($0.account, .paid, $1) }
      postings += shares.map { posting(.member($0.member), .share, -$0.amount) }
    }
    return postings.filter { $0.amount.minorUnits != 0 }
  }

  /// What each payer paid of what is booked.
  private func paidParts(_ payers: [Payer], entry: ID) -> [Int64] {
    let weights = payers.map { payer in
      let units: Int64 = if case .minorUnits(let units) = payer.amount { units } else { 0 }
      return (id: payer.account.member ?? .first, weight: UInt128(units.magnitude))
    }
    return Apportionment.parts(of: booked.amount, weights: weights, seed: entry)
  }
}

extension [Posting] {
  /// What these postings owe an account in one currency: minor units. Of the kitty's it is what they take out
  /// of the pot.
  func net(of account: ID, in currency: Currency) -> Int64 {
    // An entry has few postings to one account, each of at most `Amount.limit`: this cannot overflow.
    filter { $0.account == account && $0.amount.currency == currency }.reduce(0) { $0 + $1.amount.minorUnits }
  }
}

/// How running totals change: minor units.
struct BalanceChange: Sendable, Hashable {
  let account: ID
  let currency: Currency
  var paid: Int64 = 0
  var share: Int64 = 0
  var sent: Int64 = 0
  var received: Int64 = 0

  var isNothing: Bool { paid == 0 && share == 0 && sent == 0 && received == 0 }

  /// What replacing `old` postings by `new` ones adds to the running totals; in one order for everybody, so
  /// that two entries never wait for each other.
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
    return changes.values.filter { !$0.isNothing }
      .sorted { ($0.account, $0.currency.code) < ($1.account, $1.currency.code) }
  }

  private static func add(_ left: Int64, _ right: Int64) throws(Amount.Failure) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return sum
  }
}
