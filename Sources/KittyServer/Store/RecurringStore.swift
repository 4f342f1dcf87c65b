import KittyShared

/// The rows of rules for recurring entries, and of their days that have come. Queries are in
/// `RecurringStore+Queries.swift`.
struct RecurringStore: Sendable {
  let database: any Database

  /// A rule with all that its next entry depends on.
  struct Stored: Sendable {
    let rule: Recurring
    /// The number of the next day, also after the end.
    let nextNumber: Int64
    let turns: FairTurns
  }

  /// Inserts a rule. When the group has as many rules as it can have, the first removed ones go that never booked anything.
  /// - Parameter isDue: `true` when its first entry is due now, so that the worker is woken.
  /// - Throws: `Rejection` when the id exists already, or the group is archived or full.
  func insert(_ rule: Recurring, isDue: Bool, in group: ID, _ write: WriteContext) async throws {
    let days = rule.recurrence
    let drops = Self.dropUnused(of: group)
    var statements = drops
    statements += [
      GroupStore.nextSequence(of: group),
      """
      insert into recurring (group_id, id, template, anchor, first_k, step, unit, day_of_month, until_day, times,
        zone, mode, next_k, due_on, series_key, series_turns, created_by, created_at, sequence)
      select id, \(rule.id), \(try JSON.text(of: rule.template)), \(days.from), \(days.first), \(days.step),
        \(days.unit.rawValue), \(days.dayOfMonth), \(days.until), \(days.times), \(rule.zone),
        \(rule.mode.rawValue), 0, \(days.day(0)), '', 0, \(rule.createdBy), \(rule.createdAt), sequence
      from groups where id = \(group) and archived_at is null and deleted_at is null
        and (select count(*) from recurring r where r.group_id = \(group) and r.removed_at is null)
          < \(Recurring.maxPresent)
        and (select count(*) from recurring r where r.group_id = \(group)) < \(Recurring.maxEver)
      returning id
      """,
      "select id from groups where id = \(group) and archived_at is null and deleted_at is null",
    ]
    if isDue { statements.append(Self.wake(for: rule.id, in: group, at: rule.createdAt)) }
    do {
      let rows = try await database.transact(statements, in: write)
      guard rows[drops.count + 1].isEmpty else { return }
      guard !rows[drops.count + 2].isEmpty else { throw Rejection.archived }
      throw Rejection.conflict(
        "too_many_rules",
        "A group can have \(Recurring.maxPresent) rules, and \(Recurring.maxEver) with removed ones that booked something. Remove or change one."
      )
    } catch DatabaseFailure.notUnique {
      throw Rejection.conflict("id_taken", "A rule with this id exists already. Send another id, or none.")
    }
  }

  /// The most rules that go at once.
  private static let dropped = 100

  /// Returns the statements that drop removed rules without an entry, when the group has as many rules as it can have.
  private static func dropUnused(of group: ID) -> [SQL] {
    let isFull: SQL =
      "\(Recurring.maxEver) <= (select count(*) from recurring f where f.group_id = \(group))"
    let unused: SQL = """
      select r.id from recurring r
      where r.group_id = \(group) and r.removed_at is not null and not exists (
        select 1 from occurrences b
        where b.group_id = r.group_id and b.rule_id = r.id and b.state = 'booked')
      order by r.id limit \(dropped)
      """
    return [
      """
      delete from occurrences
      where group_id = \(group) and \(part: isFull) and rule_id in (\(part: unused))
      """,
      "delete from recurring where group_id = \(group) and \(part: isFull) and id in (\(part: unused))",
    ]
  }

  /// Writes the new fields of a rule, and lets it go on if it was held.
  /// - Parameters:
  ///   - old: The rule as it was read.
  ///   - isDue: `true` when its next entry is due now.
  /// - Returns: `false` when it was changed meanwhile.
  func change(
    _ old: Stored, to rule: Recurring, isDue: Bool, in group: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let days = rule.recurrence
    var statements: [SQL] = [
      GroupStore.nextSequence(of: group),
      """
      update recurring set template = \(try JSON.text(of: rule.template)), anchor = \(days.from),
        first_k = \(days.first), step = \(days.step), unit = \(days.unit.rawValue),
        day_of_month = \(days.dayOfMonth), until_day = \(days.until), times = \(days.times), zone = \(rule.zone),
        mode = \(rule.mode.rawValue), due_on = \(days.day(old.nextNumber)), held_code = null, held_message = null,
        held_at = null, version = version + 1, sequence = (select sequence from groups where id = \(group))
      where group_id = \(group) and id = \(rule.id) and version = \(old.rule.version) and removed_at is null
      returning id
      """,
    ]
    if isDue { statements.append(Self.wake(for: rule.id, in: group, at: now)) }
    return try await !database.transact(statements, in: write)[1].isEmpty
  }

  /// Removes a rule. Its proposals are skipped; what it booked stays.
  /// - Parameter version: The version that is removed; `nil` for any.
  /// - Returns: `false` when there is no such version.
  func remove(
    _ rule: ID, version: Int64?, from group: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let isHere: SQL = """
      group_id = \(group) and id = \(rule) and removed_at is null
        and (\(version == nil) or version = \(version ?? 0))
      """
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update occurrences set state = 'skipped', reason = 'removed', at = \(now)
        where group_id = \(group) and rule_id = \(rule) and state = 'proposed'
          and exists (select 1 from recurring where \(part: isHere))
        """,
        """
        update recurring set removed_at = \(now), due_on = null, held_code = null, held_message = null,
          held_at = null, version = version + 1, sequence = (select sequence from groups where id = \(group))
        where \(part: isHere)
        returning id
        """,
      ], in: write)
    return !rows[2].isEmpty
  }

  /// Holds a rule until a member changes it.
  func hold(
    _ row: Stored, _ held: Recurring.Held, in group: ID, _ write: WriteContext
  ) async throws {
    try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update recurring set held_code = \(held.code), held_message = \(held.message), held_at = \(held.since),
          version = version + 1, sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(row.rule.id) and version = \(row.rule.version)
          and removed_at is null and held_code is null
        """,
      ], in: write)
  }

  /// Records a day that is not booked now: a proposal, one that is skipped, or one whose entry is there already. A proposal
  /// that is confirmed gets its outcome.
  /// - Returns: `false` when the rule was changed meanwhile, or another worker was first.
  func record(
    _ occurrence: DueOccurrence, _ state: Occurrence.State, reason: String? = nil, entry: ID? = nil,
    in group: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    guard !occurrence.isConfirmation else {
      return try await settle(occurrence, state, reason: reason, entry: entry, in: group, at: now, write)
    }
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        insert into occurrences (group_id, rule_id, k, date, state, reason, entry_id, at)
        select id, \(occurrence.rule), \(occurrence.k), \(occurrence.date), \(state.rawValue), \(reason),
          \(entry), \(now)
        from groups where id = \(group) and archived_at is null and deleted_at is null
          and \(part: Self.isDue(occurrence, in: group))
        returning k
        """,
        """
        update recurring set next_k = \(occurrence.k + 1), due_on = \(occurrence.nextDay), version = version + 1,
          sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(occurrence.rule) and next_k = \(occurrence.k) and exists (
          select 1 from occurrences
          where group_id = \(group) and rule_id = \(occurrence.rule) and k = \(occurrence.k))
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Gives a proposal its outcome.
  private func settle(
    _ occurrence: DueOccurrence, _ state: Occurrence.State, reason: String?, entry: ID?, in group: ID,
    at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update occurrences set state = \(state.rawValue), reason = \(reason), entry_id = \(entry), at = \(now)
        where group_id = \(group) and rule_id = \(occurrence.rule) and k = \(occurrence.k)
          and \(part: Self.isDue(occurrence, in: group)) and \(part: Self.isInUse(group))
        returning k
        """,
        """
        update recurring set version = version + 1, sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(occurrence.rule) and version = \(occurrence.version) and exists (
          select 1 from occurrences
          where group_id = \(group) and rule_id = \(occurrence.rule) and k = \(occurrence.k)
            and state = \(state.rawValue))
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Skips a proposal. Where there is none, nothing changes.
  func skip(_ k: Int64, of rule: ID, in group: ID, at now: Instant, _ write: WriteContext) async throws {
    let proposal: SQL = """
      group_id = \(group) and rule_id = \(rule) and k = \(k) and state = 'proposed'
        and \(part: Self.isInUse(group))
      """
    try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update recurring set version = version + 1, sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(rule) and exists (
          select 1 from occurrences where \(part: proposal))
        """,
        "update occurrences set state = 'skipped', reason = 'by_hand', at = \(now) where \(part: proposal)",
      ], in: write)
  }

  /// The condition that a group is neither archived nor deleted.
  private static func isInUse(_ group: ID) -> SQL {
    "exists (select 1 from groups where id = \(group) and archived_at is null and deleted_at is null)"
  }

  /// The condition that a day has not been recorded yet, and that its rule is as it was read.
  static func isDue(_ occurrence: DueOccurrence, in group: ID) -> SQL {
    let rule: SQL = """
      select 1 from recurring r
      where r.group_id = \(group) and r.id = \(occurrence.rule) and r.version = \(occurrence.version)
        and r.removed_at is null
      """
    guard occurrence.isConfirmation else {
      return "exists (\(part: rule) and r.held_code is null and r.next_k = \(occurrence.k))"
    }
    return """
      exists (\(part: rule)) and exists (
        select 1 from occurrences o
        where o.group_id = \(group) and o.rule_id = \(occurrence.rule) and o.k = \(occurrence.k)
          and o.state = 'proposed')
      """
  }

  /// Returns the statements that record a booked day, in the transaction of its entry.
  static func book(_ occurrence: DueOccurrence, as entry: ID, in group: ID, at now: Instant) -> [SQL] {
    let (rule, k) = (occurrence.rule, occurrence.k)
    let day: SQL =
      occurrence.isConfirmation
      ? """
      update occurrences set state = 'booked', entry_id = \(entry), at = \(now)
      where group_id = \(group) and rule_id = \(rule) and k = \(k)
      """
      : """
      insert into occurrences (group_id, rule_id, k, date, state, entry_id, at)
      values (\(group), \(rule), \(k), \(occurrence.date), 'booked', \(entry), \(now))
      """
    let advance: SQL =
      occurrence.isConfirmation ? "" : "next_k = \(k + 1), due_on = \(occurrence.nextDay),"
    return [
      day,
      """
      update recurring set \(part: advance) series_key = \(occurrence.series.key),
        series_turns = \(occurrence.series.turns), version = version + 1,
        sequence = (select sequence from groups where id = \(group))
      where group_id = \(group) and id = \(rule)
      """,
    ]
  }

  /// Returns the statement that wakes the worker for one rule.
  private static func wake(for rule: ID, in group: ID, at now: Instant) -> SQL {
    JobStore.enqueue(
      .bookRecurring, payload: "\(group)/\(rule)",
      where: "exists (select 1 from recurring where group_id = \(group) and id = \(rule))", at: now)
  }
}
