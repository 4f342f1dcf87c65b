import KittyShared

/// A revision of an entry, ready to be written: a pure value with all that the write depends on.
struct EntryRevision: Sendable {
  let group: ID
  let entry: ID
  /// The number of the revision: the version that the entry has once it is written.
  let version: Int64
  let action: Revision.Action
  private(set) var content: EntryContent
  /// The member who makes the revision.
  let author: ID
  let time: Instant
  /// The postings that counted until now.
  let oldPostings: [Posting]
  /// The postings that count from now on.
  let newPostings: [Posting]
  /// The days of the old and of the new content: the books must be open on each of them.
  private(set) var days: [Day]
  /// The accounts that the revision newly names: they must be in the group.
  let newAccounts: Set<ID>
  /// The categories that the entry had until now, a deleted one too.
  let oldCategories: Set<ID>
  /// The categories that the revision newly names: they must be there.
  let addedCategories: Set<ID>
  /// The categories that the entry has from now on.
  var newCategories: Set<ID> { content.categories }
  /// The rows of statistics that counted until now.
  let oldSpending: [SpendingRow]
  /// The rows of statistics that count from now on.
  private(set) var newSpending: [SpendingRow]
  /// The receipts that the entry had until now, a deleted one too.
  let oldReceipts: [Receipt]
  /// The receipts that the entry has from now on.
  var newReceipts: [Receipt] { content.receipts ?? [] }
  /// The payment, if it may only settle what is owed; `nil` otherwise.
  var owedPayment: OwedPayment?
  /// The day of a rule that the revision books; `nil` for an entry that a user enters.
  var occurrence: DueOccurrence?
  /// The import that the revision belongs to; `nil` for an entry of its own.
  var importing: ID?
  /// `true` for a payout of an imported file for which its kitty had not enough: the contributions of the file were checked.
  var isLatePayout = false
  /// The payment of a settling round that the revision books.
  var booking: RoundBooking?
  /// The expense with its other refunds, for a refund that counts from now on.
  var refunded: RefundedExpense?
  /// `true` when the entry must have no refunds: it is deleted, or what they mirror changes.
  let requiresNoRefunds: Bool
  /// The places in the books after which the kitty has other money, each with the first count after it.
  var nextCounts: [NextCount] = []
  /// The amounts by which the counts that are adjusted with the revision lower the balance of the kitty: minor units.
  var adjustedKitty: [Currency: Int64] = [:]
  /// The payout to which the revision, of a count, is adjusted: it is the last one of its transaction.
  var adjustedPayout: Amount?

  /// A place in the books, and the first count after it.
  struct NextCount: Sendable {
    let place: Place
    /// The count; `nil` when there is none.
    let count: ID?

    /// A place among the entries of one currency.
    struct Place: Sendable, Hashable {
      let currency: Currency
      let date: Day
      /// The number of the entry; that of a new one is higher than all others.
      let number: Int64
    }
  }

  /// A payment that must not be more than its payer owes and its recipient is owed.
  struct OwedPayment: Sendable {
    let payer: ID
    let recipient: ID
    let amount: Amount
  }

  /// Makes the first revision of a new entry.
  /// - Parameter former: The former members who may be named.
  init(
    creating content: EntryContent, id: ID, in group: ID, by author: ID, at time: Instant,
    former: Set<ID> = []
  ) {
    self.group = group
    entry = id
    version = 1
    action = .created
    self.content = content
    self.author = author
    self.time = time
    oldPostings = []
    newPostings = content.postings(group: group, entry: id)
    days = [content.date]
    newAccounts = Set(newPostings.map(\.account)).subtracting(former)
    oldCategories = []
    oldReceipts = []
    addedCategories = content.categories
    oldSpending = []
    newSpending = content.spendingRows(group: group, entry: id)
    requiresNoRefunds = false
    place = Place(date: content.date, number: .max)
    oldPlace = nil
  }

  /// Makes the revision that follows the current one of an entry.
  /// - Parameter former: The former members who may be named.
  init(
    _ action: Revision.Action, _ entry: Entry, to content: EntryContent, in group: ID, by author: ID,
    at time: Instant, former: Set<ID> = []
  ) {
    self.group = group
    self.entry = entry.id
    version = entry.version + 1
    self.action = action
    self.content = content
    self.author = author
    self.time = time
    let before = entry.content.postings(group: group, entry: entry.id)
    oldPostings = entry.deletedAt == nil ? before : []
    newPostings = action == .deleted ? [] : content.postings(group: group, entry: entry.id)
    days = [entry.date, content.date]
    // A former member may stay on an old entry, but cannot be added to one.
    newAccounts = Set(newPostings.map(\.account)).subtracting(before.map(\.account)).subtracting(former)
    oldSpending = entry.deletedAt == nil ? entry.content.spendingRows(group: group, entry: entry.id) : []
    newSpending = action == .deleted ? [] : content.spendingRows(group: group, entry: entry.id)
    oldCategories = entry.content.categories
    oldReceipts = entry.content.receipts ?? []
    // A category may have been removed while the entry was deleted.
    addedCategories =
      action == .restored
      ? content.categories : action == .deleted ? [] : content.categories.subtracting(oldCategories)
    requiresNoRefunds =
      content.kind == .expense && content.refundOf == nil
      && (action == .deleted || action == .changed && !content.isSameMoney(as: entry.content))
    place = Place(date: content.date, number: entry.number)
    oldPlace = Place(date: entry.date, number: entry.number)
  }

  /// The place of the entry among the others: by day, then by number.
  struct Place: Sendable, Hashable {
    let date: Day
    let number: Int64
  }

  /// The place of the entry from now on.
  private(set) var place: Place
  /// The place until now; `nil` for a new entry.
  let oldPlace: Place?

  /// Gives a new entry another day.
  mutating func move(to day: Day) {
    content.date = day
    days = [day]
    place = Place(date: day, number: .max)
    newSpending = content.spendingRows(group: group, entry: entry)
  }

  /// The amounts by which the revision changes the money in the kitty, at each place where it does: minor units.
  var kittyChanges: [NextCount.Place: Int64] {
    var changes: [NextCount.Place: Int64] = [:]
    for (postings, place, sign) in [(oldPostings, oldPlace, Int64(1)), (newPostings, place, -1)] {
      guard let place else { continue }
      for posting in postings where posting.account == group {
        let place = NextCount.Place(
          currency: posting.amount.currency, date: place.date, number: place.number)
        changes[place, default: 0] += sign * posting.amount.minorUnits
      }
    }
    return changes.filter { $0.value != 0 }
  }

  /// The instant of deletion; `nil` when the entry counts from now on.
  var deletedAt: Instant? { action == .deleted ? time : nil }

  /// The amount by which the revision lowers the balance of the kitty: minor units.
  func decrease(in currency: Currency) -> Int64 {
    newPostings.net(of: group, in: currency) - oldPostings.net(of: group, in: currency)
  }

  /// The amount by which a payout lowers the balance of the kitty, itself or with the counts that are adjusted to it: one
  /// that is moved behind a count leaves less than before. `nil` when the revision pays nothing out.
  var payout: Amount? {
    guard content.kind == .payout else { return nil }
    let currency = content.booked.currency
    let decrease = decrease(in: currency)
    // Both are at most some amounts of entries: this cannot overflow.
    let most = max(decrease, decrease + (adjustedKitty[currency] ?? 0))
    return most > 0 ? Amount(most, currency) : nil
  }
}

extension EntryContent {
  /// Returns `true` when the other content has the same amount, rate, payers and shares: what a refund mirrors.
  func isSameMoney(as other: EntryContent) -> Bool {
    amount == other.amount && currency == other.currency && rate == other.rate && payers == other.payers
      && shares == other.shares
  }
}
