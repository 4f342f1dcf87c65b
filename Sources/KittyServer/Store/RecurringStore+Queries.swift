import FoundationEssentials
import KittyShared

extension RecurringStore {
  /// Returns a page of the rules in the order of their ids, which is the order in which they were made.
  /// - Parameters:
  ///   - removed: `true` to include removed ones.
  ///   - after: The id of the last rule on the previous page.
  func list(in group: ID, removed: Bool, limit: Int, after: ID?) async throws -> ListPage<Recurring> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns) where r.group_id = \(group) and r.id > \(after ?? ID.first)
        and (\(removed) or r.removed_at is null)
      order by r.id limit \(limit)
      """,
    ])
    return ListPage(
      items: try rows[1].map { try Self.row($0).rule }, sequence: try ChangeSequence(rows[0]).now)
  }

  /// Returns the rules that changed after `start` in the change sequence, removed ones included, in the order of their
  /// latest changes.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(in group: ID, since start: Int64, limit: Int) async throws -> ChangeSet<Recurring> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns) where r.group_id = \(group) and r.sequence > \(start)
      order by r.sequence limit \(limit)
      """,
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    return ChangeSet(
      items: try rows[1].map { (try Self.row($0).rule, try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  /// Returns a rule, also a removed one.
  func find(_ rule: ID, in group: ID) async throws -> Stored? {
    try await database.read("\(part: Self.columns) where r.group_id = \(group) and r.id = \(rule)")
      .first.map { try Self.row($0) }
  }

  /// Returns the rules that are there and whose entries have a category.
  func rules(with category: ID, in group: ID) async throws -> [Stored] {
    try await database.read(
      "\(part: Self.columns) where \(part: Self.names(category, in: group)) order by r.id"
    ).map { try Self.row($0) }
  }

  /// The condition that a rule `r` is there, and that its template has a category. In the text of a template, a quotation mark
  /// inside a value has a backslash before it, so that no description looks like this field.
  static func names(_ category: ID, in group: ID) -> SQL {
    let field = "%\"category\":\"\(category)\"%"
    return "r.group_id = \(group) and r.removed_at is null and r.template like \(field)"
  }

  /// Returns a day of a rule that has come.
  func occurrence(_ k: Int64, of rule: ID, in group: ID) async throws -> Occurrence? {
    try await database.read(
      "\(part: Self.columnsOfDay) where group_id = \(group) and rule_id = \(rule) and k = \(k)"
    ).first.map { try Self.occurrence($0) }
  }

  /// Returns a page of the days of a rule that have come, latest first.
  /// - Parameters:
  ///   - state: The state that they have; any when `nil`.
  ///   - before: The number of the last one on the previous page.
  func occurrences(
    of rule: ID, _ state: Occurrence.State?, in group: ID, limit: Int, before: Int64?
  ) async throws -> [Occurrence] {
    try await database.read(
      """
      \(part: Self.columnsOfDay) where group_id = \(group) and rule_id = \(rule) and k < \(before ?? Int64.max)
        and (\(state == nil) or state = \(state?.rawValue ?? ""))
      order by k desc limit \(limit)
      """
    ).map { try Self.occurrence($0) }
  }

  /// A rule whose next entry may be due.
  struct Due: Sendable {
    let group: ID
    let rule: ID
    /// The day of the next entry.
    let date: Day
  }

  /// Returns rules whose next day is not after `day`, in groups that are in use: those that are least behind first, so that
  /// none waits for what another one has to make up for.
  /// - Parameter after: The last one of the page before.
  func due(until day: Day, after: Due?, limit: Int) async throws -> [Due] {
    try await database.read(
      """
      select r.group_id, r.id, r.due_on from recurring r join groups g on g.id = r.group_id
      where r.due_on <= \(after?.date ?? day) and r.held_code is null and r.removed_at is null
        and g.archived_at is null and g.deleted_at is null and g.importing is null
        and (r.due_on < \(after?.date ?? .last)
          or (r.group_id, r.id) > (\(after?.group ?? ID.first), \(after?.rule ?? ID.first)))
      order by r.due_on desc, r.group_id, r.id limit \(limit)
      """
    ).map { row in
      let (group, rule, date) = try row.decode(ID.self, ID.self, Day.self)
      return Due(group: group, rule: rule, date: date)
    }
  }

  /// Returns a rule, and the membership in whose name its entries are booked: what the group allows now.
  func forBooking(_ rule: ID, in group: ID) async throws -> (row: Stored, membership: Membership)? {
    let rows = try await database.read([
      "\(part: Self.columns) where r.group_id = \(group) and r.id = \(rule) and r.removed_at is null",
      """
      select currency, archived_at, closed_until, own_entries_only, default_split from groups
      where id = \(group) and deleted_at is null and importing is null
      """,
    ])
    guard let first = rows[0].first, let of = rows[1].first else { return nil }
    let row = try Self.row(first)
    let (currency, archived, closed, ownOnly, split) = try of.decode(
      Currency.self, Instant?.self, Day?.self, Int.self, String?.self)
    return (
      row,
      Membership(
        group: group, member: row.rule.createdBy, role: .member, currency: currency,
        isArchived: archived != nil, closedUntil: closed, isDeleted: false, ownEntriesOnly: ownOnly == 1,
        defaultSplit: split)
    )
  }

  static let columnsOfDay: SQL = "select k, date, state, reason, entry_id, at from occurrences"

  static func occurrence(_ row: Row) throws -> Occurrence {
    let (k, date, state, reason, entry, at) = try row.decode(
      Int64.self, Day.self, String.self, String?.self, ID?.self, Instant.self)
    guard let state = Occurrence.State(rawValue: state) else {
      throw DatabaseFailure.fault("unknown state of an occurrence: \(state)")
    }
    return Occurrence(k: k, date: date, state: state, reason: reason, entry: entry, at: at)
  }

  static let columns: SQL = """
    select r.id, r.template, r.anchor, r.first_k, r.step, r.unit, r.day_of_month, r.until_day, r.times, r.zone,
      r.mode, r.next_k, r.held_code, r.held_message, r.held_at, r.series_key, r.series_turns, r.created_by,
      r.created_at, r.removed_at, r.version,
      (select count(*) from occurrences o
        where o.group_id = r.group_id and o.rule_id = r.id and o.state = 'proposed'),
      r.sequence
    from recurring r
    """

  static func row(_ row: Row) throws -> Stored {
    var columns = row.reader
    let id = try columns.next(ID.self)
    let template = try JSON.decode(
      RecurringTemplate.self, from: Data(try columns.next(String.self).utf8))
    let (from, first, step) = (
      try columns.next(Day.self), try columns.next(Int64.self), try columns.next(Int64.self)
    )
    guard let unit = Recurrence.Unit(rawValue: try columns.next(String.self)) else {
      throw DatabaseFailure.fault("the unit of rule \(id) is unknown")
    }
    let recurrence = Recurrence(
      from: from, step: step, unit: unit, dayOfMonth: try columns.next(), first: first,
      until: try columns.next(), times: try columns.next())
    let zone = try columns.next(String.self)
    guard let mode = Recurring.Mode(rawValue: try columns.next(String.self)) else {
      throw DatabaseFailure.fault("the mode of rule \(id) is unknown")
    }
    let next = try columns.next(Int64.self)
    let (code, message, since) = (
      try columns.next(String?.self), try columns.next(String?.self), try columns.next(Instant?.self)
    )
    let held = code.flatMap { code in
      since.map { Recurring.Held(code: code, message: message ?? "", since: $0) }
    }
    let turns = FairTurns(key: try columns.next(), turns: try columns.next())
    let (by, at, removed, version) = (
      try columns.next(ID.self), try columns.next(Instant.self), try columns.next(Instant?.self),
      try columns.next(Int64.self)
    )
    let rule = Recurring(
      id: id, template: template, recurrence: recurrence, zone: zone, mode: mode, next: next, held: held,
      proposed: try columns.next(Int.self), createdBy: by, createdAt: at, removedAt: removed, version: version
    )
    return Stored(rule: rule, nextNumber: next, turns: turns)
  }
}
