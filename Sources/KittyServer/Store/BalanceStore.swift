import KittyShared

/// The running totals of accounts, and the queries that add up postings.
struct BalanceStore: Sendable {
  let database: any Database

  /// Returns the balances of all accounts: O(members), however many entries there are.
  func balances(in group: ID, currency: Currency) async throws -> [Balance] {
    try await balances(
      in: group, currency: currency, totals: "select * from balances where group_id = \(group)")
  }

  /// Returns the balances at the end of a day, by the current days of the entries: O(entries).
  func balances(in group: ID, currency: Currency, at day: Day) async throws -> [Balance] {
    try await balances(
      in: group, currency: currency,
      totals: """
        select p.group_id, p.account_id, p.currency,
          sum(case when p.kind = 'paid' then p.amount else 0 end) as paid,
          -sum(case when p.kind = 'share' then p.amount else 0 end) as share,
          sum(case when p.kind = 'sent' then p.amount else 0 end) as sent,
          -sum(case when p.kind = 'received' then p.amount else 0 end) as received
        from postings p
        where p.group_id = \(group) and p.revision = \(part: Self.version(where: "e.date <= \(day)"))
        group by p.group_id, p.account_id, p.currency
        """)
  }

  /// The currency of the group comes with zeros for each present member. Other totals that are all zero are left out: a
  /// deleted entry leaves such a row, and a copy of the group does not have it.
  ///
  /// Accounts and totals meet here, not in a join: PostgreSQL does not know how many rows a grouped subquery has, and
  /// compares each account with each of them when it expects one.
  private func balances(in group: ID, currency: Currency, totals: SQL) async throws -> [Balance] {
    let rows = try await database.read([
      """
      select id, name, case when removed_at is null then 1 else 0 end from accounts
      where group_id = \(group) order by kind desc, id
      """,
      """
      select account_id, currency, paid, share, sent, received from (\(part: totals)) t
      where \(part: Self.isUsed)
      """,
    ])
    typealias Total = (currency: Currency, paid: Int64, share: Int64, sent: Int64, received: Int64)
    var found: [ID: [Total]] = [:]
    for row in rows[1] {
      let (account, currency, paid, share, sent, received) = try row.decode(
        ID.self, Currency.self, Int64.self, Int64.self, Int64.self, Int64.self)
      found[account, default: []].append((currency, paid, share, sent, received))
    }
    return try rows[0].flatMap { row -> [Balance] in
      let (id, name, isPresent) = try row.decode(ID.self, String.self, Int.self)
      let account = LedgerAccount(id, in: group)
      var own: [Total] = found[id] ?? []
      if isPresent == 1, account != .kitty, !own.contains(where: { $0.currency == currency }) {
        own.append((currency, 0, 0, 0, 0))
      }
      return own.sorted { $0.currency.code < $1.currency.code }.map {
        Balance(
          account: account, name: name, currency: $0.currency, paid: $0.paid, share: $0.share, sent: $0.sent,
          received: $0.received)
      }.filter { isPresent == 1 || $0.net != 0 }
    }
  }

  /// Returns the totals of a user over all their groups, and a page of the balances behind them.
  /// - Parameters:
  ///   - group: The only group to include; all groups when `nil`.
  ///   - after: The group and the currency of the last balance on the previous page.
  func balances(
    of user: ID, only group: ID? = nil, limit: Int, after: (group: ID, currency: Currency)? = nil
  ) async throws -> (totals: [Money], groups: [MyBalances.GroupBalance]) {
    let condition: SQL = group.map { "and g.id = \($0)" } ?? ""
    let open: SQL = """
      from accounts a join groups g on g.id = a.group_id
      join balances b on b.group_id = a.group_id and b.account_id = a.id
      where a.user_id = \(user) and a.removed_at is null and g.deleted_at is null
        and b.paid - b.share + b.sent - b.received <> 0 \(part: condition)
      """
    let rest: SQL =
      after.map { "and (g.id < \($0.group) or (g.id = \($0.group) and b.currency > \($0.currency)))" } ?? ""
    let rows = try await database.read([
      "select b.currency, b.paid - b.share + b.sent - b.received \(part: open)",
      """
      select g.id, g.name, b.currency, b.paid - b.share + b.sent - b.received
      \(part: open) \(part: rest) order by g.id desc, b.currency limit \(limit)
      """,
    ])
    var totals: [Currency: Amount] = [:]
    for row in rows[0] {
      let (currency, net) = try row.decode(Currency.self, Int64.self)
      totals[currency] = try (totals[currency] ?? Amount(0, currency)).adding(Amount(net, currency))
    }
    return (
      totals: totals.values.filter { $0.minorUnits != 0 }.sorted { $0.currency.code < $1.currency.code }
        .map { Money(amount: $0.minorUnits, currency: $0.currency) },
      groups: try rows[1].map {
        let (group, name, currency, net) = try $0.decode(ID.self, String.self, Currency.self, Int64.self)
        return MyBalances.GroupBalance(group: group, name: name, net: net, currency: currency)
      }
    )
  }

  /// Returns the unsettled accounts per currency, by their keys.
  func nets(in group: ID) async throws -> [(currency: Currency, nets: [Settlement.Net])] {
    var found: [Currency: [Settlement.Net]] = [:]
    for row in try await database.read(
      """
      select account_id, currency, paid - share + sent - received from balances
      where group_id = \(group) and paid - share + sent - received <> 0
      """)
    {
      let (account, currency, net) = try row.decode(ID.self, Currency.self, Int64.self)
      found[currency, default: []].append(Settlement.Net(LedgerAccount(account, in: group).key, net))
    }
    return found.sorted { $0.key.code < $1.key.code }.map { (currency: $0.key, nets: $0.value) }
  }

  /// Returns the postings to one account in the order of the entries' days and numbers, with the running balance.
  /// - Parameter after: The day and the number of the last line on the previous page.
  func statement(
    of account: ID, in group: ID, currency: Currency, from: Day?, to: Day?, limit: Int,
    after: (date: Day, number: Int64)?
  ) async throws -> (currencies: [Currency], opening: Int64, lines: [Statement.Line]) {
    let (date, number) = after ?? (from ?? .first, after == nil && from != nil ? 0 : -1)
    let accountPostings: SQL = """
      from postings p
      where p.group_id = \(group) and p.account_id = \(account) and p.currency = \(currency)
      """
    let opening = Self.version(where: "(e.date, e.number) <= (\(date), \(number))")
    let shown = Self.version(
      where: "(e.date, e.number) > (\(date), \(number)) and e.date <= \(to ?? .last)")
    let rows = try await database.read([
      """
      select distinct p.currency from postings p
      where p.group_id = \(group) and p.account_id = \(account) and p.revision = \(part: Self.version())
      order by p.currency
      """,
      "select coalesce(sum(p.amount), 0) \(part: accountPostings) and p.revision = \(part: opening)",
      """
      select l.entry_id,
        (select e.number from entries e where e.group_id = \(group) and e.id = l.entry_id) as number,
        (select e.date from entries e where e.group_id = \(group) and e.id = l.entry_id) as date,
        (select e.kind from entries e where e.group_id = \(group) and e.id = l.entry_id),
        (select e.description from entries e where e.group_id = \(group) and e.id = l.entry_id),
        l.paid, l.share
      from (
        select p.entry_id, sum(case when p.kind in ('paid', 'sent') then p.amount else 0 end) as paid,
          -sum(case when p.kind in ('share', 'received') then p.amount else 0 end) as share
        \(part: accountPostings) and p.revision = \(part: shown) group by p.entry_id
      ) l order by date, number limit \(limit)
      """,
    ])
    let before = try rows[1][0].decode(Int64.self)
    var balance = before
    let lines = try rows[2].map { row in
      let (entry, number, date, kind, description, paid, share) = try row.decode(
        ID.self, Int64.self, Day.self, String.self, String.self, Int64.self, Int64.self)
      guard let kind = EntryContent.Kind(rawValue: kind) else {
        throw DatabaseFailure.fault("unknown kind \(kind)")
      }
      balance += paid - share
      return Statement.Line(
        entry: entry, number: number, date: date, kind: kind, description: description, paid: paid,
        share: share, balance: balance)
    }
    return (try rows[0].map { try $0.decode(Currency.self) }, before, lines)
  }

  /// Returns the statement that adds changes to the running totals.
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

  /// The condition on totals that they are not all zero.
  static let isUsed: SQL = "paid <> 0 or share <> 0 or sent <> 0 or received <> 0"

  /// Returns a subquery for the current version of the entry of a posting (`p`): a posting of that revision counts.
  ///
  /// A subquery for one value looks each entry up by its key, whatever PostgreSQL knows of the tables. A join may compare
  /// each posting with each entry: where the statistics are of groups with two entries, it did so for 4,000.
  /// The condition is not in `where`, so that no partial index of the entries of a group is taken instead of the key.
  /// - Parameter condition: A condition on the entry (`e`).
  static func version(where condition: SQL = "1 = 1") -> SQL {
    """
    (select case when \(part: condition) then e.version end from entries e
     where e.group_id = p.group_id and e.id = p.entry_id)
    """
  }

  /// The join of the postings that count with their entries, for queries of all groups.
  static let counting: SQL = """
    join entries e on e.group_id = p.group_id and e.id = p.entry_id and e.version = p.revision
    """
}
