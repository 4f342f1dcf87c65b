import KittyShared

/// The use cases of the books: entries are entered, changed, deleted, restored and previewed here. Each checks the rights
/// and the rules, asks `Ledger` for the content, and has `EntryStore` write it. It knows no HTTP.
struct Bookkeeping: Sendable {
  let entries: EntryStore
  let balances: BalanceStore
  let members: MemberStore
  let categories: CategoryStore
  let recurring: RecurringStore
  /// The receipts of the same database and limits as the entries.
  var receipts: ReceiptStore { ReceiptStore(database: entries.database, limits: entries.limits) }
  private let presentMembers: VersionedCache<ID, Participants>
  let knownCategories: VersionedCache<ID, [ID: Category]>

  /// - Parameter meter: The counters of the caches of present members and of categories.
  init(
    entries: EntryStore, balances: BalanceStore, members: MemberStore, categories: CategoryStore,
    recurring: RecurringStore, meter: CacheMeter
  ) {
    self.entries = entries
    self.balances = balances
    self.members = members
    self.categories = categories
    self.recurring = recurring
    presentMembers = VersionedCache(meter: meter)
    knownCategories = VersionedCache(capacity: 1000, meter: meter)
  }

  /// The member who uses the books, and the circumstances of the request.
  struct Caller: Sendable {
    let membership: Membership
    let now: Instant
    /// The time zone of the caller's account; `nil` for UTC.
    let timeZone: String?
    /// The context of the request's writes.
    let write: WriteContext
    /// `true` for a preview: nothing is written.
    var isDryRun = false
    /// The version of the group under which its members may be cached; `nil` where they must not be cached.
    var groupVersion: CacheVersion?

    var group: ID { membership.group }
    /// The default date of an entry: the day where the account is.
    var today: Day { now.day(in: timeZone) }
  }

  /// Enters an expense.
  /// - Parameter id: The id of the new entry; it decides which participant bears a leftover unit.
  /// - Throws: `Rejection`.
  func enter(_ expense: NewExpense, id: ID, by caller: Caller) async throws -> Entered {
    try await naming(in: caller.group) {
      if let original = expense.refundOf {
        return try await untilUnchanged {
          try await enterRefund(expense, of: original, id: id, by: caller)
        }
      }
      let people = try await participants(for: caller)
      let content = try Ledger.content(
        for: try splitByDefault(expense, people, for: caller), seed: id,
        currency: caller.membership.currency, people: people, today: caller.today)
      return try await enter(content, id: id, former: people.former, by: caller)
    }
  }

  /// Returns an expense with the default split of the group, where it names no split.
  func splitByDefault(
    _ expense: NewExpense, _ people: Participants, for caller: Caller
  ) throws -> NewExpense {
    guard expense.split == nil, expense.participants == nil, let stored = caller.membership.defaultSplit
    else { return expense }
    var expense = expense
    expense.split = try SplitRule(stored: stored).fitted(to: people)
    return expense
  }

  /// Enters a payment, a contribution or a payout. It may name a former member whose balance it settles.
  /// - Parameters:
  ///   - id: The id of the new entry.
  ///   - booking: The payment of a settling round that the entry books.
  /// - Throws: `Rejection`.
  func enter(
    _ payment: NewPayment, id: ID, booking: RoundBooking? = nil, by caller: Caller
  ) async throws -> Entered {
    let currency = caller.membership.currency
    let people = try await participants(for: caller, unsettledIn: payment.bookedCurrency(in: currency))
    let content = try await naming(in: caller.group) {
      try Ledger.content(for: payment, currency: currency, people: people, today: caller.today)
    }
    let owed = EntryRevision.OwedPayment(
      payer: payment.from.id(in: caller.group), recipient: payment.to.id(in: caller.group),
      amount: Amount(content.booked.amount, content.booked.currency))
    return try await enter(
      content, id: id, former: people.former, owed: payment.onlyIfOwed == true ? owed : nil,
      booking: booking, by: caller)
  }

  /// Writes or previews a new entry.
  /// - Parameters:
  ///   - former: The former members who may be named.
  ///   - owed: The payment, if it may only settle what is owed.
  ///   - occurrence: The day of a rule that the entry books.
  ///   - booking: The payment of a settling round that the entry books.
  ///   - refunded: The expense, for a refund.
  func enter(
    _ content: EntryContent, id: ID, former: Set<ID>, owed: EntryRevision.OwedPayment? = nil,
    occurrence: DueOccurrence? = nil, booking: RoundBooking? = nil,
    refunding refunded: RefundedExpense? = nil, by caller: Caller
  ) async throws -> Entered {
    try content.date.requireNear(caller.now.day, "date")
    // A refund has the categories of its expense, archived ones too.
    try await requireCategories(
      of: content, keeping: refunded?.expense.content.categories ?? [], for: caller)
    var revision = EntryRevision(
      creating: content, id: id, in: caller.group, by: caller.membership.member, at: caller.now,
      former: former)
    revision.owedPayment = owed
    revision.occurrence = occurrence
    revision.booking = booking
    revision.refunded = refunded
    try await requireRules(of: revision, caller.membership)
    return try await adjusting(revision, by: caller) { revision, adjustments in
      if caller.isDryRun {
        return .preview(try await preview([revision] + adjustments, in: caller.membership.currency))
      }
      return .entry(try await entries.insert(revision, adjusting: adjustments, caller.write))
    }
  }

  /// Changes an expense.
  /// - Parameter version: The version that the change is made to; `nil` for any. It is evaluated after the right to
  ///   change was checked: a precondition matters only for a request that is allowed (RFC 9110, 13.2.1).
  /// - Throws: `Rejection`, and the errors of `version`.
  func change(
    _ entry: Entry, _ change: ExpenseChange, version: @autoclosure () throws -> Int64?, by caller: Caller
  ) async throws -> Entered {
    try await onLatest(entry, in: caller.group, version: version) { entry in
      try Self.requireChangeable(entry, version: try version(), by: caller)
      return try await naming(in: caller.group) {
        if let original = entry.refundOf {
          return try await untilUnchanged {
            try await changeRefund(
              entry, try change.applied(to: entry.content), of: original, by: caller)
          }
        }
        let people = try await participants(naming: entry, for: caller)
        let content = try Ledger.content(
          for: try change.applied(to: entry.content), seed: entry.id, currency: caller.membership.currency,
          people: people, today: caller.today, changing: entry.content)
        return try await self.change(entry, to: content, former: people.former, by: caller)
      }
    }
  }

  /// Changes a payment, a contribution or a payout.
  /// - Parameter version: The version that the change is made to, as for an expense.
  /// - Throws: `Rejection`, and the errors of `version`.
  func change(
    _ entry: Entry, _ change: PaymentChange, version: @autoclosure () throws -> Int64?, by caller: Caller
  ) async throws -> Entered {
    try await onLatest(entry, in: caller.group, version: version) { entry in
      try Self.requireChangeable(entry, version: try version(), by: caller)
      let currency = caller.membership.currency
      let payment = try change.applied(to: entry.content)
      let people = try await participants(
        naming: entry, for: caller, unsettledIn: payment.bookedCurrency(in: currency))
      let content = try await naming(in: caller.group) {
        try Ledger.content(for: payment, currency: currency, people: people, today: caller.today)
      }
      return try await self.change(entry, to: content, former: people.former, by: caller)
    }
  }

  /// Makes a revision with `body`. Without a version, it is made again on top of each revision that another request wrote
  /// at the same time.
  func onLatest<Result>(
    _ entry: Entry, in group: ID, version: () throws -> Int64?, _ body: (Entry) async throws -> Result
  ) async throws -> Result {
    var entry = entry
    while true {
      do {
        return try await body(entry)
      } catch let rejection as Rejection where rejection.reason == .stale {
        guard try version() == nil else { throw rejection }
        guard let current = try await entries.find(.id(entry.id), in: group) else {
          throw Rejection.notFound("entry")
        }
        entry = current
      }
    }
  }

  /// - Throws: `Rejection` unless the caller may change the entry, names its version, and the entry is not deleted.
  static func requireChangeable(
    _ entry: Entry, version: @autoclosure () throws -> Int64?, by caller: Caller
  ) throws {
    try Permissions.requireRevision(of: entry.createdBy, caller.membership)
    try require(try version(), of: entry)
    guard entry.deletedAt == nil else {
      throw Rejection.conflict("deleted", "#\(entry.number) is deleted. Restore it before you change it.")
    }
  }

  /// Writes or previews a new version of an entry.
  func change(
    _ entry: Entry, to new: EntryContent, former: Set<ID>, refunding refunded: RefundedExpense? = nil,
    by caller: Caller
  ) async throws -> Entered {
    var content = new.keepingSource(of: entry.content)
    content.receipts = entry.receipts
    if content.date != entry.date { try content.date.requireNear(caller.now.day, "date") }
    let kept = entry.content.categories.union(refunded?.expense.content.categories ?? [])
    try await requireCategories(of: content, keeping: kept, for: caller)
    var revision = EntryRevision(
      .changed, entry, to: content, in: caller.group, by: caller.membership.member, at: caller.now,
      former: former)
    revision.refunded = refunded
    try await requireRules(of: revision, caller.membership)
    return try await adjusting(revision, by: caller) { revision, adjustments in
      if caller.isDryRun {
        if revision.requiresNoRefunds { try await requireNoRefunds(of: entry, in: caller.group) }
        return .preview(try await preview([revision] + adjustments, in: caller.membership.currency))
      }
      guard content != entry.content else { return .entry(entry) }
      return .entry(
        try await requiringNoRefunds(of: entry, revision) {
          try await entries.revise(entry, revision, adjusting: adjustments, caller.write)
        })
    }
  }

  /// Checks the rules of the books early, so that a refusal says what to do. `EntryStore` checks them again in the
  /// write; see `EntryGuards`.
  /// - Throws: `Rejection`.
  func requireRules(of revision: EntryRevision, _ member: Membership) async throws {
    try EntryGuards.GroupInUse().require(member)
    try entries.limits.require(revision)
    try revision.booksOpen.require(member)
    if let funds = revision.kittyFunds { try await require(funds, in: revision.group) }
    if let owed = revision.owedPayment {
      let currency = owed.amount.currency
      let nets = try await balances.nets(of: [owed.payer, owed.recipient], currency, in: revision.group)
      try EntryGuards.AmountOwed(payment: owed).require(
        payer: Amount(nets[owed.payer] ?? 0, currency), recipient: Amount(nets[owed.recipient] ?? 0, currency)
      )
    }
  }

  /// - Throws: `Rejection` unless the kitty holds the money of a payout.
  func require(_ funds: EntryGuards.KittyFunds, in group: ID) async throws {
    let currency = funds.payout.currency
    try funds.require(Amount(try await balances.kittyBalance(currency, in: group), currency))
  }

  /// - Throws: `Rejection`: `.stale` unless the version is that of the entry.
  static func require(_ version: Int64?, of entry: Entry) throws(Rejection) {
    guard version == nil || version == entry.version else { throw entry.stale }
  }

  /// Returns the members whom a new entry may name.
  /// - Parameter currency: For a payment: former members with a balance in this currency may be named as well.
  func participants(
    for caller: Caller, unsettledIn currency: Currency? = nil
  ) async throws -> Participants {
    if let currency { return try await members.participants(in: caller.group, unsettledIn: currency) }
    if let cached = presentMembers.value(for: caller.group, at: caller.groupVersion) { return cached }
    let participants = try await members.participants(in: caller.group)
    presentMembers.insert(participants, for: caller.group, at: caller.groupVersion)
    return participants
  }

  /// Returns the members whom a change of an entry may name: also the former members that the entry names already.
  func participants(
    naming entry: Entry, for caller: Caller, unsettledIn currency: Currency? = nil
  ) async throws -> Participants {
    let accounts = entry.content.postings(group: caller.group, entry: entry.id).map(\.account)
    let named = accounts + (entry.shares ?? []).map(\.member)
    return try await members.participants(in: caller.group, former: named, unsettledIn: currency)
  }
}
