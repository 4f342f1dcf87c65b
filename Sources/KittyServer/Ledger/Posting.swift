import KittyShared

/// One line of an entry: it changes the balance of one account.
struct Posting: Sendable, Hashable {
  let account: ID
  let kind: Kind
  /// A positive amount is owed to the account.
  let amount: Amount

  enum Kind: String, Sendable {
    /// The account paid for an expense.
    case paid
    /// The account bears a part of an expense.
    case share
    /// The account sent money to another account.
    case sent
    /// The account received money from another account.
    case received
  }
}

extension EntryContent {
  /// Returns the postings of an entry with this content: they sum to zero. A posting of zero is omitted.
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
      postings = zip(payers, paidParts(entry: entry)).map { posting($0.account, .paid, $1) }
      postings += shares.map { posting(.member($0.member), .share, -$0.amount) }
    }
    return postings.filter { $0.amount.minorUnits != 0 }
  }
}

extension [Posting] {
  /// Returns the sum of the postings to an account in one currency: minor units. For the kitty it is the amount that
  /// they take out of the kitty.
  func net(of account: ID, in currency: Currency) -> Int64 {
    // An entry has few postings to one account, each of at most `Amount.limit`: this cannot overflow.
    filter { $0.account == account && $0.amount.currency == currency }.reduce(0) { $0 + $1.amount.minorUnits }
  }
}
