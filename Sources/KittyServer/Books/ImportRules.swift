import KittyShared

// The rules of a file that depend on a clock and on postings; `GroupFile.check` has the others. A file that KittyCash
// wrote passes them, also where the clock of its server was set back between two changes: no rule compares the instants of
// a file with each other, and an order of the changes of different entries is not assumed.

/// Checks that a file holds only what the program itself would have written up to now, entry by entry.
struct ImportRules {
  /// Clocks of servers differ, and one that was ahead is set back. A day is no harm, and more is an error.
  private static let tolerance: Duration = .seconds(86_400)

  private let latest: Instant
  private var checks = FieldChecks()
  /// The most that the entries so far put into the kitty.
  private var left: [Currency: Int64] = [:]
  /// The least that each payout so far took.
  private var payouts: [(index: Int, least: Amount)] = []
  /// The entries that rules have booked and that have not come yet.
  private var missing: Set<ID> = []

  /// Checks the group itself.
  init(_ group: GroupFile, at now: Instant) {
    latest = now.advanced(by: Self.tolerance)
    check(group.createdAt, "createdAt")
    for (index, member) in group.members.enumerated() {
      check(member.createdAt, "members.\(index).createdAt")
      check(member.removedAt, "members.\(index).removedAt")
    }
    for (index, rule) in (group.recurring ?? []).enumerated() {
      check(rule.createdAt, "recurring.\(index).createdAt")
      check(rule.removedAt, "recurring.\(index).removedAt")
      check(rule.held?.since, "recurring.\(index).held.since")
      checks.near(rule.from, latest.day, "recurring.\(index).from")
      for (place, day) in rule.occurrences.enumerated() where checks.errors.count < Self.maxErrors {
        check(day.at, "recurring.\(index).occurrences.\(place).at")
        checks.near(day.date, latest.day, "recurring.\(index).occurrences.\(place).date")
      }
      missing.formUnion(rule.occurrences.compactMap(\.entry))
    }
    for (index, round) in (group.settlements ?? []).enumerated() {
      check(round.at, "settlements.\(index).at")
      check(round.endedAt, "settlements.\(index).endedAt")
    }
    if let closedUntil = group.closedUntil { checks.near(closedUntil, latest.day, "closedUntil") }
  }

  /// Checks the next entry.
  /// - Throws: `Rejection.invalid` that names the fields, when there are many errors: an error in a file is usually
  ///   repeated throughout it.
  mutating func check(_ entry: GroupFile.FileEntry, at index: Int) throws(Rejection) {
    checkInstants(of: entry, index)
    checkDays(of: entry, index)
    count(entry, index)
    missing.remove(entry.id)
    if checks.errors.count >= Self.maxErrors { throw .invalid(Array(checks.errors.prefix(Self.maxErrors))) }
  }

  private static let maxErrors = 20

  /// Checks what only the whole file shows.
  /// - Throws: `Rejection.invalid` that names the fields.
  mutating func finish() throws(Rejection) {
    checkPayouts()
    checks.require(
      missing.isEmpty, "recurring", "entry_missing",
      "Each booked day of a rule must have its entry in entries.")
    guard checks.errors.isEmpty else { throw .invalid(Array(checks.errors.prefix(Self.maxErrors))) }
  }

  private mutating func check(_ instant: Instant?, _ field: @autoclosure () -> String) {
    guard let instant, instant > latest else { return }
    checks.require(
      false, field(), "in_the_future",
      "The instant must not be more than a day ahead of the clock of this server.")
  }

  private mutating func checkInstants(of entry: GroupFile.FileEntry, _ index: Int) {
    for (version, revision) in entry.revisions.enumerated() {
      check(revision.at, "entries.\(index).revisions.\(version).at")
    }
    for (place, comment) in entry.comments.enumerated() {
      check(comment.at, "entries.\(index).comments.\(place).at")
    }
  }

  /// Checks the days as they were checked when they were entered: against the day of the change.
  private mutating func checkDays(of entry: GroupFile.FileEntry, _ index: Int) {
    var date: Day?
    for (version, revision) in entry.revisions.enumerated() where revision.content.date != date {
      date = revision.content.date
      checks.near(
        revision.content.date, revision.at.day, "entries.\(index).revisions.\(version).content.date")
    }
  }

  private mutating func count(_ entry: GroupFile.FileEntry, _ index: Int) {
    let taken = Dictionary(
      grouping: entry.revisions.map { $0.takenFromKitty(entry: entry.id) }, by: \.currency)
    for (currency, amounts) in taken {
      left[currency, default: 0] += amounts.reduce(0) { max($0, -$1.minorUnits) }
    }
    if entry.revisions.allSatisfy({ $0.content.kind == .payout }), taken.count == 1,
      let least = taken.values.first?.min(by: { $0.minorUnits < $1.minorUnits }), least.minorUnits > 0
    {
      payouts.append((index, least))
    }
  }

  /// Checks that the payouts never took more out of the kitty than could be in it.
  ///
  /// The order in which entries were changed is not in the file. So each entry counts with the most that it put into the
  /// kitty in any revision, and each payout with the least that it took: after the last payout that was entered or
  /// raised, the kitty held at most the difference, and did not hold less than nothing.
  private mutating func checkPayouts() {
    for (index, least) in payouts {
      left[least.currency, default: 0] -= least.minorUnits
      checks.require(
        left[least.currency, default: 0] >= 0, "entries.\(index)", "not_in_the_pot",
        "The payouts up to this one take more out of the kitty than all entries put into it.")
    }
  }
}

extension GroupFile.FileRevision {
  /// Returns the amount by which the revision lowers the balance of the kitty, in the currency in which it is booked.
  fileprivate func takenFromKitty(entry: ID) -> Amount {
    let currency = content.booked.currency
    let accounts = [content.from, content.to] + (content.payers ?? []).map(\.account)
    guard action != .deleted, accounts.contains(.kitty) else { return Amount(0, currency) }
    // The group is not needed: `postings` gives the kitty the id that it is called with.
    let postings = content.postings(group: .first, entry: entry)
    return Amount(postings.net(of: .first, in: currency), currency)
  }
}

extension FieldChecks {
  /// Checks that a day may be entered on another day.
  fileprivate mutating func near(_ day: Day, _ today: Day, _ field: @autoclosure () -> String) {
    do { try day.requireNear(today, "") } catch {
      for error in error.errors ?? [] { require(false, field(), error.code, error.message) }
    }
  }
}
