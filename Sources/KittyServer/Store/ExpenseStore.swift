import KittyShared

/// Entries, postings and running totals as rows.
struct ExpenseStore: Sendable {
  let database: any Database

  /// Writes the entry, its postings and the running totals: all or nothing, one round trip.
  /// - Returns: The entry's number.
  /// - Throws: `Problem` when the id is taken, the totals would overflow, or the group changed meanwhile.
  func insert(_ entry: Entry) async throws -> Int64 {
    let group = entry.group
    let accounts = Set(entry.postings.map(\.account)).sorted()
    do {
      let rows = try await database.transact([
        // Takes the next number, and holds the group's row: entries of one group follow each other.
        """
        update groups set last_number = last_number + 1 where id = \(group) and archived_at is null
        """,
        """
        insert into postings (group_id, entry_id, line, account_id, kind, currency, amount)
        values \(list: Self.rows(of: entry))
        """,
        """
        insert into balances (group_id, account_id, currency, paid, share)
        values \(list: Self.changes(of: entry))
        on conflict (group_id, account_id, currency) do update
        set paid = balances.paid + excluded.paid, share = balances.share + excluded.share
        """,
        // Without this row the postings refer to nothing and the transaction fails: so it does when the
        // group was archived or a member was removed since the request was checked.
        """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at)
        select id, \(entry.id), last_number, 'expense', \(entry.description), \(entry.amount.minorUnits),
          \(entry.amount.currency), \(entry.date), \(entry.createdBy), \(entry.createdAt)
        from groups where id = \(group) and archived_at is null and \(accounts.count) = (
          select count(*) from accounts
          where group_id = \(group) and removed_at is null and id in (\(list: accounts.map { "\($0)" })))
        returning number
        """,
      ])
      guard let row = rows[3].first else { throw Self.changedMeanwhile }
      return try row.decode(Int64.self)
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("entries") || key.hasPrefix("postings") {
      throw Problem.conflict("id_taken", "There is an entry with this id already.")
    } catch DatabaseFailure.refused(let rule) where rule.contains("postings_zero_sum") {
      // On SQLite postings cannot join an entry that exists: the id is taken.
      if try await find(entry.id, in: group) != nil {
        throw Problem.conflict("id_taken", "There is an entry with this id already.")
      }
      throw DatabaseFailure.refused(rule)
    } catch DatabaseFailure.brokenReference {
      throw Self.changedMeanwhile
    } catch DatabaseFailure.outOfRange {
      throw Self.overflow
    } catch is Amount.Failure {
      throw Self.overflow
    }
  }

  /// One expense, deleted ones too.
  func find(_ expense: ID, in group: ID) async throws -> Expense? {
    let rows = try await database.read([
      "\(part: Self.columns) where e.group_id = \(group) and e.id = \(expense)",
      """
      select entry_id, account_id, kind, amount from postings
      where group_id = \(group) and entry_id = \(expense) order by line
      """,
    ])
    return try Self.expenses(rows[0], postings: rows[1]).first
  }

  /// The expenses that count, latest day first and, within a day, highest number first.
  /// - Parameter before: The day and number of the last expense of the page before.
  func list(in group: ID, limit: Int, before: (date: Day, number: Int64)?) async throws -> [Expense] {
    let (date, number) = before ?? (Day.last, Int64.max)
    let rows = try await database.read([
      """
      \(part: Self.columns)
      where e.group_id = \(group) and e.deleted_at is null and (e.date, e.number) < (\(date), \(number))
      order by e.date desc, e.number desc limit \(limit)
      """,
      """
      select p.entry_id, p.account_id, p.kind, p.amount from postings p
      where p.group_id = \(group) and p.entry_id in (
        select e.id from entries e
        where e.group_id = \(group) and e.deleted_at is null and (e.date, e.number) < (\(date), \(number))
        order by e.date desc, e.number desc limit \(limit))
      order by p.entry_id, p.line
      """,
    ])
    return try Self.expenses(rows[0], postings: rows[1])
  }

  /// Takes the expense out of the running totals and marks it, unless it is deleted already.
  /// - Returns: Whether there was something to delete.
  func delete(_ expense: ID, in group: ID, version: Int64?, by member: ID, at now: Instant) async throws
    -> Bool
  {
    let live: SQL = """
      from postings p join entries e on e.group_id = p.group_id and e.id = p.entry_id
      where p.group_id = \(group) and p.entry_id = \(expense) and e.deleted_at is null
        and (\(version == nil) or e.version = \(version ?? 0))
        and p.account_id = balances.account_id and p.currency = balances.currency
      """
    let rows = try await database.transact([
      MemberStore.lock(group),
      """
      update balances set
        paid = paid - coalesce((select sum(p.amount) \(part: live) and p.kind = 'paid'), 0),
        share = share + coalesce((select sum(p.amount) \(part: live) and p.kind = 'share'), 0)
      where group_id = \(group) and exists (select 1 \(part: live))
      """,
      """
      update entries set deleted_at = \(now), deleted_by = \(member), version = version + 1
      where group_id = \(group) and id = \(expense) and deleted_at is null
        and (\(version == nil) or version = \(version ?? 0))
      returning id
      """,
    ])
    return !rows[2].isEmpty
  }

  /// Where everybody stands: O(members), however many entries there are.
  func balances(in group: ID, currency: Currency) async throws -> [Balance] {
    try await database.read(
      """
      select a.id, a.name, coalesce(b.currency, \(currency)), coalesce(b.paid, 0), coalesce(b.share, 0)
      from accounts a left join balances b on b.group_id = a.group_id and b.account_id = a.id
      where a.group_id = \(group) and a.kind = 'member'
        and (a.removed_at is null or b.paid <> b.share)
      order by a.id, b.currency
      """
    ).map {
      let (member, name, currency, paid, share) = try $0.decode(
        ID.self, String.self, Currency.self, Int64.self, Int64.self)
      return Balance(member: member, name: name, currency: currency, paid: paid, share: share)
    }
  }

  private static let changedMeanwhile = Problem.conflict(
    "changed_meanwhile", "The group was archived or a member removed meanwhile. Read it again, then retry.")
  private static let overflow = Problem.invalid(
    "amount", "too_large", "With this amount a balance would no longer fit 64 bits.")

  private static let columns: SQL = """
    select e.id, e.number, e.description, e.amount, e.currency, e.date, e.created_by, e.created_at, e.deleted_at, e.version
    from entries e
    """

  private static func rows(of entry: Entry) -> [SQL] {
    entry.postings.enumerated().map { line, posting in
      """
      (\(entry.group), \(entry.id), \(line), \(posting.account), \(posting.kind.rawValue),
        \(posting.amount.currency), \(posting.amount.minorUnits))
      """
    }
  }

  private static func changes(of entry: Entry) throws -> [SQL] {
    // In one order for all, so that two entries never wait for each other.
    try entry.changes().sorted { $0.key.account < $1.key.account }.map {
      "(\(entry.group), \($0.key.account), \($0.key.currency), \($0.paid), \($0.share))"
    }
  }

  private static func expenses(_ rows: [Row], postings: [Row]) throws -> [Expense] {
    var payers: [ID: ID] = [:]
    var shares: [ID: [Split.Share]] = [:]
    for row in postings {
      let (entry, account, kind, amount) = try row.decode(ID.self, ID.self, Posting.Kind.self, Int64.self)
      switch kind {
      case .paid: payers[entry] = account
      case .share: shares[entry, default: []].append(Split.Share(member: account, amount: -amount))
      }
    }
    return try rows.map { row in
      let (id, number, description, amount, currency, date, author, created, deleted, version) =
        try row.decode(
          ID.self, Int64.self, String.self, Int64.self, Currency.self, Day.self, ID.self, Instant.self,
          Instant?.self, Int64.self)
      guard let payer = payers[id] else { throw DatabaseFailure.fault("entry \(id) has no payer") }
      return Expense(
        id: id, number: number, description: description, amount: amount, currency: currency, date: date,
        payer: payer, shares: shares[id] ?? [], createdBy: author, createdAt: created, deletedAt: deleted,
        version: version)
    }
  }
}
