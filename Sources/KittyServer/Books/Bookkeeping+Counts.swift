import KittyShared

// A count pins the money in the kitty: what is entered, changed or deleted before it later changes the difference of the
// count, and not what the kitty holds after it. Entries follow each other by day, then by number.
//
// Where one member has tomorrow already, the newest count can have a later day than the one that another member calls today.
// What that member enters for today comes after it all the same: it gets the day of the count. Only an entry with an earlier
// day than today was noted late.

extension Bookkeeping {
  /// Calls `body`, which writes a revision, with the revisions of the counts that it adjusts. When another request changed
  /// one of them meanwhile, they are read again.
  func adjusting<Result>(
    _ revision: EntryRevision, by caller: Caller,
    _ body: (EntryRevision, [EntryRevision]) async throws -> Result
  ) async throws -> Result {
    guard !revision.kittyChanges.isEmpty else { return try await body(revision, []) }
    if let guarded = revision.newestCount { return try await body(guarded, []) }
    return try await untilUnchanged {
      var revision = revision
      var (places, counts) = try await nextCounts(after: revision)
      while revision.isOfNow(for: caller), let later = counts.compactMap({ $0?.date }).max() {
        revision.move(to: later)
        (places, counts) = try await nextCounts(after: revision)
      }
      let changes = revision.kittyChanges
      var deltas: [ID: Int64] = [:]
      var found: [ID: Entry] = [:]
      for (place, count) in zip(places, counts) {
        guard let count else { continue }
        found[count.id] = count
        deltas[count.id, default: 0] += changes[place] ?? 0
      }
      revision.nextCounts = zip(places, counts).map { .init(place: $0, count: $1?.id) }
      var adjustments = try deltas.filter { $0.value != 0 }.sorted { $0.key < $1.key }.compactMap {
        (id, delta) -> EntryRevision? in
        guard let count = found[id] else { return nil }
        let (expected, overflow) = (count.expected ?? 0).addingReportingOverflow(delta)
        guard !overflow else { throw Self.tooLargeForCount(count) }
        let content = try count.content.expecting(expected, entry: id, of: count)
        return EntryRevision(
          .adjusted, count, to: content, in: revision.group, by: revision.author, at: revision.time,
          former: Set((content.shares ?? []).map(\.member)))
      }
      for adjustment in adjustments {
        let currency = adjustment.content.currency
        revision.adjustedKitty[currency, default: 0] += adjustment.decrease(in: currency)
      }
      if let last = adjustments.indices.last, let funds = revision.kittyFunds {
        try await require(funds, in: revision.group)
        adjustments[last].adjustedPayout = funds.payout
      }
      return try await body(revision, adjustments)
    }
  }

  /// Returns the places where a revision changes the money in the kitty, and the first count after each.
  private func nextCounts(
    after revision: EntryRevision
  ) async throws -> (places: [EntryRevision.NextCount.Place], counts: [Entry?]) {
    let places = revision.kittyChanges.keys.sorted {
      ($0.currency.code, $0.date, $0.number) < ($1.currency.code, $1.date, $1.number)
    }
    return (places, try await entries.counts(after: places, without: revision.entry, in: revision.group))
  }

  /// Returns the content of a count that is restored: it counts the same money against what the books say now.
  func recounted(_ content: EntryContent, of entry: Entry, in group: ID) async throws -> EntryContent {
    let expected = try await balances.kittyBalance(
      content.currency, upTo: .init(date: entry.date, number: entry.number), in: group)
    return try content.expecting(expected, entry: entry.id, of: entry)
  }

  fileprivate static func tooLargeForCount(_ count: Entry) -> Rejection {
    .invalid(
      "amount", "too_large", "The difference of the count #\(count.number) would be too large to be booked.")
  }
}

extension EntryRevision {
  /// Returns the revision of a new count, on the condition that no count is after it; `nil` for any other one.
  fileprivate var newestCount: EntryRevision? {
    guard action == .created, content.kind == .count else { return nil }
    var revision = self
    revision.nextCounts = [
      .init(
        place: .init(currency: content.currency, date: place.date, number: place.number), count: nil)
    ]
    return revision
  }

  /// Returns `true` for an entry that a user enters now, and not one that was noted late.
  fileprivate func isOfNow(for caller: Bookkeeping.Caller) -> Bool {
    action == .created && occurrence == nil && content.date >= caller.today
  }
}

extension EntryContent {
  /// Returns the content of a count with another expected amount.
  fileprivate func expecting(_ expected: Int64, entry: ID, of count: Entry) throws(Rejection) -> EntryContent
  {
    let (difference, overflow) = expected.subtractingReportingOverflow(counted ?? 0)
    guard !overflow, difference.magnitude <= Amount.limit else { throw Bookkeeping.tooLargeForCount(count) }
    var content = self
    let amount = Amount(difference, currency)
    content.expected = expected
    content.amount = difference
    content.booked = Money(amount: difference, currency: currency)
    content.payers = [Payer(.kitty, amount: .minorUnits(difference))]
    content.shares = try split?.shares(of: amount, booked: amount, seed: entry)
    return content
  }
}
