import KittyShared

// The rules that depend on a clock and on postings; `GroupFile.check` has the others. A file that KittyCash wrote passes
// them, also where the clock of its server was set back between two changes: no rule compares the instants of a file with
// each other, and an order of the changes of different entries is not assumed.

extension GroupFile {
  /// Clocks of servers differ, and one that was ahead is set back. A day is no harm, and more is an error.
  private static let tolerance: Duration = .seconds(86_400)

  /// Checks that the file holds only what the program itself would have written up to now.
  /// - Throws: `Rejection.invalid` that names the fields.
  func requireWritable(at now: Instant) throws(Rejection) {
    var checks = FieldChecks()
    checkInstants(&checks, latest: now.advanced(by: Self.tolerance))
    checkDays(&checks, now.advanced(by: Self.tolerance).day)
    checkPayouts(&checks)
    // An error in a file is usually repeated throughout it.
    guard checks.errors.isEmpty else { throw .invalid(Array(checks.errors.prefix(20))) }
  }

  private func checkInstants(_ checks: inout FieldChecks, latest: Instant) {
    func check(_ instant: Instant?, _ field: @autoclosure () -> String) {
      guard let instant, instant > latest else { return }
      checks.require(
        false, field(), "in_the_future",
        "The instant must not be more than a day ahead of the clock of this server.")
    }
    check(createdAt, "createdAt")
    for (index, member) in members.enumerated() {
      check(member.createdAt, "members.\(index).createdAt")
      check(member.removedAt, "members.\(index).removedAt")
    }
    for (index, entry) in entries.enumerated() {
      for (version, revision) in entry.revisions.enumerated() {
        check(revision.at, "entries.\(index).revisions.\(version).at")
      }
      for (place, comment) in entry.comments.enumerated() {
        check(comment.at, "entries.\(index).comments.\(place).at")
      }
    }
  }

  /// Checks the days as they were checked when they were entered: against the day of the change.
  private func checkDays(_ checks: inout FieldChecks, _ today: Day) {
    if let closedUntil { checks.near(closedUntil, today, "closedUntil") }
    for (index, entry) in entries.enumerated() {
      var date: Day?
      for (version, revision) in entry.revisions.enumerated() where revision.content.date != date {
        date = revision.content.date
        checks.near(
          revision.content.date, revision.at.day, "entries.\(index).revisions.\(version).content.date")
      }
    }
  }

  /// Checks that the payouts never took more out of the kitty than could be in it.
  ///
  /// The order in which entries were changed is not in the file. So each entry counts with the most that it put into the
  /// kitty in any revision, and each payout with the least that it took: after the last payout that was entered or
  /// raised, the kitty held at most the difference, and did not hold less than nothing.
  private func checkPayouts(_ checks: inout FieldChecks) {
    var left: [Currency: Int64] = [:]
    var payouts: [(index: Int, least: Amount)] = []
    for (index, entry) in entries.enumerated() {
      let taken = entry.revisions.map { $0.takenFromKitty(entry: entry.id) }
      for currency in Set(taken.map(\.currency)) {
        let amounts = taken.map { $0.currency == currency ? $0.minorUnits : 0 }
        left[currency, default: 0] += amounts.reduce(0) { max($0, -$1) }
      }
      if entry.revisions.allSatisfy({ $0.content.kind == .payout }), Set(taken.map(\.currency)).count == 1,
        let least = taken.min(by: { $0.minorUnits < $1.minorUnits }), least.minorUnits > 0
      {
        payouts.append((index, least))
      }
    }
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
