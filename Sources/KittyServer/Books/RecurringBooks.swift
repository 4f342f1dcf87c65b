import KittyShared
import Logging

/// The use case of the worker: it books, proposes or skips the days of rules that have come.
///
/// Each day is recorded once for all time: the number of a day is in the table of days once, its entry has an id that
/// follows from the rule and the number, and both are written in one transaction with the step of the rule to its next
/// day. So two workers, a job that runs again and a restored backup do no harm. A clock that is set back makes nothing
/// due.
struct RecurringBooks: Sendable {
  let bookkeeping: Bookkeeping
  let cache: (any CacheInvalidation)?
  let logger: Logger
  /// The most days of a rule in one run.
  var catchUp = Recurring.maxCatchUp

  private var store: RecurringStore { bookkeeping.recurring }

  /// Books what is due in all groups.
  /// - Throws: The first error, after all other rules had their turn.
  func bookAll(at now: Instant) async throws {
    // No zone is more than 14 hours ahead of UTC.
    let last = now.day.moved(by: 1)
    var after: RecurringStore.Due?
    var failure: (any Error)?
    while true {
      let page = try await store.due(until: last, after: after, limit: 200)
      for due in page {
        do { try await book(due.rule, in: due.group, at: now) } catch is CancellationError {
          throw CancellationError()
        } catch {
          logger.error(
            "a recurring entry was not booked",
            metadata: ["group": "\(due.group)", "rule": "\(due.rule)", "error": "\(error)"])
          failure = failure ?? error
        }
      }
      guard let end = page.last, page.count == 200 else { break }
      after = end
    }
    if let failure { throw failure }
  }

  /// Books what is due of one rule: at most `catchUp` days, the rest in the next run.
  func book(_ rule: ID, in group: ID, at now: Instant) async throws {
    let write = WriteContext()
    try await write.changing([.books(group)], in: cache) {
      var turns: FairTurns?
      for _ in 0..<catchUp {
        try Task.checkCancellation()
        guard let next = try await step(rule, in: group, turns, at: now, write) else { break }
        turns = next
      }
    } changed: { _ in
      [.books(group)]
    }
  }

  /// Records the next day of a rule.
  /// - Parameter turns: The memory of the odd units after the entry before, if it was made here.
  /// - Returns: The memory after this one; `nil` when nothing is due.
  private func step(
    _ rule: ID, in group: ID, _ turns: FairTurns?, at now: Instant, _ write: WriteContext
  ) async throws -> FairTurns? {
    for _ in 0..<Bookkeeping.attempts {
      guard let (row, membership) = try await store.forBooking(rule, in: group),
        row.rule.held == nil, !membership.isArchived, let next = row.rule.next,
        next.date <= now.day(in: row.rule.zone)
      else { return nil }
      // Another worker may have gone on.
      let isSame = turns?.key == row.turns.key && turns?.turns == row.turns.turns
      var due = DueOccurrence(
        rule: rule, k: next.k, date: next.date, version: row.rule.version, isConfirmation: false,
        nextDay: row.rule.recurrence.day(next.k + 1), series: isSame ? turns ?? row.turns : row.turns)
      if membership.rights.refusal(ofDate: next.date) != nil {
        guard
          try await store.record(due, .skipped, reason: "closed", in: group, at: now, write)
        else { continue }
        return due.series
      }
      let caller = Bookkeeping.Caller(
        membership: membership, now: now, timeZone: row.rule.zone, write: write)
      do {
        let isDone = try await record(&due, of: row, by: caller)
        if isDone { return due.series }
      } catch let rejection as Rejection where rejection.reason != .unavailable {
        if rejection.code == Rejection.groupChanged.code || rejection.code == Rejection.archived.code {
          continue
        }
        let error = rejection.errors?.first
        try await store.hold(
          row,
          Recurring.Held(
            code: error?.code ?? rejection.code, message: error?.message ?? rejection.detail, since: now),
          in: group, write)
        logger.notice(
          "a recurring entry waits for a member",
          metadata: ["group": "\(group)", "rule": "\(rule)", "why": "\(error?.code ?? rejection.code)"])
        return nil
      }
    }
    throw Rejection.groupChanged
  }

  /// Books or proposes a day.
  /// - Returns: `false` when the rule was changed meanwhile.
  private func record(
    _ due: inout DueOccurrence, of row: RecurringStore.Stored, by caller: Bookkeeping.Caller
  ) async throws -> Bool {
    let group = caller.group
    let source = RecurringSource(rule: due.rule, k: due.k)
    let people = try await bookkeeping.participants(for: caller)
    try await bookkeeping.requirePresent(row.rule, people, in: group)
    let before = due.series
    let content = try bookkeeping.content(of: row.rule, k: due.k, due.date, people, caller, &due.series)
    guard row.rule.mode == .book else {
      try await bookkeeping.requireCategories(of: content, for: caller)
      // A proposal takes its turn when it is confirmed.
      due.series = before
      return try await store.record(due, .proposed, in: group, at: caller.now, caller.write)
    }
    do {
      _ = try await bookkeeping.enter(content, id: source.entry, former: [], occurrence: due, by: caller)
      return true
    } catch let rejection as Rejection where rejection.code == "id_taken" {
      due.series = before
      // Another worker was first, and the rule has gone on; or the entry came with an import or by hand.
      let present = try await bookkeeping.entries.find(.id(source.entry), in: group)
      let isOurs = present?.content.recurring == source
      return try await store.record(
        due, isOurs ? .booked : .skipped, reason: isOurs ? nil : "id_taken",
        entry: isOurs ? source.entry : nil,
        in: group, at: caller.now, caller.write)
    }
  }
}
