import KittyShared

/// One revision to be written, with all that must hold for it.
struct EntryWrite: Sendable {
  let group: ID
  let entry: ID
  let version: Int64
  let action: Revision.Action
  let content: EntryContent
  let by: ID
  let at: Instant
  /// What counted until now.
  let old: [Posting]
  /// What counts from now on.
  let new: [Posting]
  /// The days whose books must be open.
  let days: [Day]
  /// The accounts that must still be in the group.
  let present: Set<ID>

  /// A new entry.
  /// - Parameter former: Who may be named though they left.
  init(
    creating content: EntryContent, id: ID, in group: ID, by member: ID, at now: Instant,
    former: Set<ID> = []
  ) {
    self.group = group
    entry = id
    version = 1
    action = .created
    self.content = content
    by = member
    at = now
    old = []
    new = content.postings(group: group, entry: id)
    days = [content.date]
    present = Set(new.map(\.account)).subtracting(former)
  }

  /// What follows on an entry as it is.
  /// - Parameter former: Who may be named though they left.
  init(
    _ action: Revision.Action, _ entry: Entry, to content: EntryContent, in group: ID, by member: ID,
    at now: Instant, former: Set<ID> = []
  ) {
    self.group = group
    self.entry = entry.id
    version = entry.version + 1
    self.action = action
    self.content = content
    by = member
    at = now
    let before = entry.content.postings(group: group, entry: entry.id)
    old = entry.deletedAt == nil ? before : []
    new = action == .deleted ? [] : content.postings(group: group, entry: entry.id)
    days = [entry.date, content.date]
    // Who has left since may stay on an old entry, but nobody who has left can join one.
    present = Set(new.map(\.account)).subtracting(before.map(\.account)).subtracting(former)
  }

  /// Writes everything in one transaction and one round trip.
  /// - Parameters:
  ///   - lock: Holds the group's row.
  ///   - header: Writes the row of the entry itself.
  /// - Returns: The rows of `header`.
  /// - Throws: `Rejection`.
  func transact(on database: any Database, lock: SQL, header: SQL) async throws -> [Row] {
    do {
      var statements = [lock]
      if !new.isEmpty {
        statements.append(
          """
          insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
          values \(list: Self.rows(group, entry, version, new))
          """)
      }
      let changes = try BalanceChange.changes(from: old, to: new)
      if !changes.isEmpty { statements.append(Self.add(changes, in: group)) }
      statements.append(header)
      let place = statements.count - 1
      statements.append(try revision())
      return try await database.transact(statements)[place]
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("revisions") || key.hasPrefix("postings") {
      throw version == 1 ? Self.idTaken : Rejection.stale
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("entries") {
      throw Self.idTaken
    } catch DatabaseFailure.refused(let rule) where rule.contains("postings_closed") {
      // On SQLite this comes before the key is found to be taken.
      throw version == 1 ? Self.idTaken : Rejection.stale
    } catch DatabaseFailure.brokenReference {
      throw Self.changedMeanwhile
    } catch DatabaseFailure.outOfRange {
      throw Self.overflow
    } catch is Amount.Failure {
      throw Self.overflow
    }
  }

  /// The row of the revision. Where the rules do not let it in, it is not written, and the transaction fails
  /// because the entry refers to it.
  private func revision() throws -> SQL {
    let day = days.min() ?? content.date
    let accounts = present.sorted()
    var rules: SQL = """
      id = \(group) and archived_at is null and deleted_at is null
        and (closed_until is null or closed_until < \(day))
      """
    if !accounts.isEmpty {
      rules = """
        \(part: rules) and \(accounts.count) = (
          select count(*) from accounts
          where group_id = \(group) and removed_at is null and id in (\(list: accounts.map { "\($0)" })))
        """
    }
    if action == .created, let counted = content.counted {
      // The pot must hold what was counted, now that the difference is booked.
      rules = """
        \(part: rules) and \(-counted) = coalesce((
          select paid - share + sent - received from balances
          where group_id = \(group) and account_id = \(group) and currency = \(content.currency)), 0)
        """
    }
    if kittyDecrease > 0 {
      // What is paid out was in the pot.
      rules = """
        \(part: rules) and 0 <= coalesce((
          select -(paid - share + sent - received) from balances
          where group_id = \(group) and account_id = \(group) and currency = \(content.booked.currency)), 0)
        """
    }
    return """
      insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
      select id, \(entry), \(version), \(action.rawValue), \(by), \(at), \(new.count), \(try content.stored())
      from groups where \(part: rules)
      """
  }

  /// How much less there will be in the pot, when this is a payout: minor units of what is booked.
  var kittyDecrease: Int64 {
    guard content.kind == .payout else { return 0 }
    let currency = content.booked.currency
    return new.net(of: group, in: currency) - old.net(of: group, in: currency)
  }

  /// The rows of postings.
  static func rows(_ group: ID, _ entry: ID, _ version: Int64, _ postings: [Posting]) -> [SQL] {
    let (group, entry) = (group.sqlValue, entry.sqlValue)
    return postings.enumerated().map { line, posting in
      """
      (\(group), \(entry), \(version), \(line), \(posting.account), \(posting.kind.rawValue),
        \(posting.amount.currency), \(posting.amount.minorUnits))
      """
    }
  }

  /// Adds to the running totals.
  static func add(_ changes: [BalanceChange], in group: ID) -> SQL {
    let group = group.sqlValue
    let rows: [SQL] = changes.map {
      "(\(group), \($0.account), \($0.currency), \($0.paid), \($0.share), \($0.sent), \($0.received))"
    }
    return """
      insert into balances (group_id, account_id, currency, paid, share, sent, received)
      values \(list: rows)
      on conflict (group_id, account_id, currency) do update
      set paid = balances.paid + excluded.paid, share = balances.share + excluded.share,
        sent = balances.sent + excluded.sent, received = balances.received + excluded.received
      """
  }

  /// 409: what was checked before no longer holds.
  static let changedMeanwhile = Rejection.conflict(
    "changed_meanwhile",
    "The group changed meanwhile: it was archived or closed, a member was removed, or the pot was used. Read it again, then retry."
  )
  private static let idTaken = Rejection.conflict("id_taken", "There is an entry with this id already.")
  private static let overflow = Rejection.invalid(
    "amount", "too_large", "With this amount a balance would no longer fit 64 bits.")
}
