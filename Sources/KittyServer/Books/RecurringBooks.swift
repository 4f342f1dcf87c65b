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
  /// The most days of a rule before the others have their turn.
  var turn = 20
  /// The time after which a run ends. The next one goes on.
  var budget: Duration = .seconds(30)

  /// The most rules that have several turns in one run.
  private static let maxBehind = 1000

  private var store: RecurringStore { bookkeeping.recurring }

  /// A rule that has something to make up for.
  private struct Behind {
    let due: RecurringStore.Due
    /// The number of days in this run so far.
    var days = 0
    /// The memory of the odd units, once something was booked.
    var turns: FairTurns?
  }

  /// Books what is due in all groups. Each rule has some days, then the next one, until nothing is due or the time is over:
  /// no group waits for what others have to make up for.
  /// - Throws: The first error, after all other rules had their turn.
  func bookAll(at now: Instant) async throws {
    let end = ContinuousClock.now + budget
    // No zone is more than 14 hours ahead of UTC.
    let last = now.day.moved(by: 1)
    var (behind, failure) = ([Behind](), (any Error)?.none)
    func take(_ rule: Behind, _ rest: inout [Behind]) async throws {
      var rule = rule
      do {
        let count = min(turn, catchUp - rule.days)
        let isDone = try await book(&rule, atMost: count, at: now)
        if !isDone, rule.days < catchUp, rest.count < Self.maxBehind { rest.append(rule) }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        logger.error(
          "a recurring entry was not booked",
          metadata: ["group": "\(rule.due.group)", "rule": "\(rule.due.rule)", "error": "\(error)"])
        failure = failure ?? error
      }
    }
    var after: RecurringStore.Due?
    repeat {
      let page = try await store.due(until: last, after: after, limit: 200)
      for due in page where .now < end { try await take(Behind(due: due), &behind) }
      after = page.count == 200 ? page.last : nil
    } while after != nil && .now < end
    while !behind.isEmpty, .now < end {
      var rest: [Behind] = []
      for rule in behind where .now < end { try await take(rule, &rest) }
      behind = rest
    }
    if let failure { throw failure }
  }

  /// Books what is due of one rule: the days of one turn, the rest in the next run.
  func book(_ rule: ID, in group: ID, at now: Instant) async throws {
    var behind = Behind(due: .init(group: group, rule: rule, date: now.day))
    _ = try await book(&behind, atMost: min(turn, catchUp), at: now)
  }

  /// Books the next days of a rule.
  /// - Returns: `true` when nothing more is due.
  private func book(_ rule: inout Behind, atMost count: Int, at now: Instant) async throws -> Bool {
    let (id, group, write) = (rule.due.rule, rule.due.group, WriteContext())
    var after = rule
    let isDone = try await write.changing([.books(group)], in: cache) {
      for _ in 0..<count {
        try Task.checkCancellation()
        guard let next = try await step(id, in: group, after.turns, at: now, write) else { return true }
        after.turns = next
        after.days += 1
      }
      return false
    } changed: { _ in
      [.books(group)]
    }
    rule = after
    return isDone
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
      guard TimeZones.isKnown(row.rule.zone) else {
        try await hold(row, Self.unknownZone, in: group, at: now, write)
        return nil
      }
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
        try await hold(row, rejection, in: group, at: now, write)
        return nil
      }
    }
    throw Rejection.groupChanged
  }

  /// The rejection of a rule in a zone that this machine does not know: it came with a file, or from another machine.
  private static let unknownZone = Rejection.invalid(
    "zone", "not_a_time_zone", "The server does not know the zone of the rule. Send another zone.")

  /// Holds a rule until a member changes it.
  private func hold(
    _ row: RecurringStore.Stored, _ rejection: Rejection, in group: ID, at now: Instant, _ write: WriteContext
  ) async throws {
    let error = rejection.errors?.first
    let code = error?.code ?? rejection.code
    try await store.hold(
      row, Recurring.Held(code: code, message: error?.message ?? rejection.detail, since: now), in: group,
      write)
    logger.notice(
      "a recurring entry waits for a member",
      metadata: ["group": "\(group)", "rule": "\(row.rule.id)", "why": "\(code)"])
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
      return try await bookkeeping.take(due, in: group, at: caller.now, caller.write)
    }
  }
}
