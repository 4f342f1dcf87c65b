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
        from postings p \(part: Self.counting)
        where p.group_id = \(group) and e.date <= \(day)
        group by p.group_id, p.account_id, p.currency
        """)
  }

  /// The currency of the group comes with zeros for each present member. Other totals that are all zero are left out: a
  /// deleted entry leaves such a row, and a copy of the group does not have it.
  private func balances(in group: ID, currency: Currency, totals: SQL) async throws -> [Balance] {
    try await database.read(
      """
      select a.id, a.name, b.currency, sum(b.paid), sum(b.share), sum(b.sent), sum(b.received)
      from accounts a
      join (
        select account_id, currency, paid, share, sent, received from (\(part: totals)) t
        where \(part: Self.isUsed)
        union all
        select id, cast(\(currency) as text), 0, 0, 0, 0 from accounts
        where group_id = \(group) and kind = 'member' and removed_at is null
      ) b on b.account_id = a.id
      where a.group_id = \(group)
        and (a.kind = 'kitty' or a.removed_at is null or b.paid - b.share + b.sent - b.received <> 0)
      group by a.id, a.name, a.kind, b.currency
      order by a.kind desc, a.id, b.currency
      """
    ).map {
      let (account, name, currency, paid, share, sent, received) = try $0.decode(
        ID.self, String.self, Currency.self, Int64.self, Int64.self, Int64.self, Int64.self)
      return Balance(
        account: LedgerAccount(account, in: group), name: name, currency: currency, paid: paid, share: share,
        sent: sent, received: received)
    }
  }

  /// Returns the balances of a user over all their groups.
  /// - Parameter group: The only group to include; all groups when `nil`.
  func balances(of user: ID, only group: ID? = nil) async throws -> MyBalances {
    let condition: SQL = group.map { "and g.id = \($0)" } ?? ""
    let groups = try await database.read(
      """
      select g.id, g.name, b.currency, b.paid - b.share + b.sent - b.received
      from accounts a join groups g on g.id = a.group_id
      join balances b on b.group_id = a.group_id and b.account_id = a.id
      where a.user_id = \(user) and a.removed_at is null and g.deleted_at is null
        and b.paid - b.share + b.sent - b.received <> 0 \(part: condition)
      order by g.id desc, b.currency
      """
    ).map {
      let (group, name, currency, net) = try $0.decode(ID.self, String.self, Currency.self, Int64.self)
      return MyBalances.GroupBalance(group: group, name: name, net: net, currency: currency)
    }
    var totals: [Currency: Amount] = [:]
    for group in groups {
      totals[group.currency] = try (totals[group.currency] ?? Amount(0, group.currency))
        .adding(Amount(group.net, group.currency))
    }
    return MyBalances(
      totals: totals.values.filter { $0.minorUnits != 0 }.sorted { $0.currency.code < $1.currency.code }
        .map { Money(amount: $0.minorUnits, currency: $0.currency) },
      groups: groups)
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

  /// Returns the debts between pairs of accounts, as the entries caused them. The database adds up entries with one
  /// payer; only entries with several payers are read one by one.
  func debts(in group: ID) async throws -> [Transfer] {
    // The first line and the number of lines in which an account gave money (paid, sent), per entry.
    let givers: SQL = """
      select p.group_id, p.entry_id, p.revision, count(*) as givers, min(p.line) as line
      from postings p \(part: Self.counting)
      where p.group_id = \(group) and p.kind in ('paid', 'sent')
      group by p.group_id, p.entry_id, p.revision
      """
    let rows = try await database.read([
      """
      select g.account_id, s.account_id, s.currency, -sum(s.amount)
      from (\(part: givers)) one
      join postings g on g.group_id = one.group_id and g.entry_id = one.entry_id
        and g.revision = one.revision and g.line = one.line
      join postings s on s.group_id = one.group_id and s.entry_id = one.entry_id
        and s.revision = one.revision and s.kind in ('share', 'received')
      where one.givers = 1
      group by g.account_id, s.account_id, s.currency
      """,
      """
      select p.entry_id, p.account_id, p.kind, p.currency, p.amount
      from (\(part: givers)) several
      join postings p on p.group_id = several.group_id and p.entry_id = several.entry_id
        and p.revision = several.revision
      where several.givers > 1
      order by p.entry_id, p.line
      """,
    ])
    var debts = PairwiseDebts()
    for row in rows[0] {
      let (creditor, debtor, currency, amount) = try row.decode(
        ID.self, ID.self, Currency.self, Int64.self)
      try debts.add(
        debtor: LedgerAccount(debtor, in: group), creditor: LedgerAccount(creditor, in: group),
        Amount(amount, currency))
    }
    let postings = try rows[1].map { row in
      let (entry, account, kind, currency, amount) = try row.decode(
        ID.self, ID.self, String.self, Currency.self, Int64.self)
      return (
        entry: entry, account: LedgerAccount(account, in: group), kind: kind, currency: currency,
        amount: amount
      )
    }
    var start = 0
    while start < postings.count {
      let entry = postings[start].entry
      let end = postings[start...].firstIndex { $0.entry != entry } ?? postings.count
      let ofEntry = postings[start..<end]
      try debts.add(
        paid: ofEntry.filter { $0.kind == "paid" }.map { (account: $0.account, amount: $0.amount) },
        shared: ofEntry.filter { $0.kind == "share" }.map { (account: $0.account, amount: $0.amount) },
        postings[start].currency)
      start = end
    }
    return debts.debts
  }

  /// Returns the postings to one account in the order of the entries' days and numbers, with the running balance.
  /// - Parameter after: The day and the number of the last line on the previous page.
  func statement(
    of account: ID, in group: ID, currency: Currency, from: Day?, to: Day?, limit: Int,
    after: (date: Day, number: Int64)?
  ) async throws -> (currencies: [Currency], opening: Int64, lines: [Statement.Line]) {
    let (date, number) = after ?? (from ?? .first, after == nil && from != nil ? 0 : -1)
    let accountPostings: SQL = """
      from postings p \(part: Self.counting)
      where p.group_id = \(group) and p.account_id = \(account) and p.currency = \(currency)
      """
    let rows = try await database.read([
      """
      select distinct p.currency from postings p \(part: Self.counting)
      where p.group_id = \(group) and p.account_id = \(account) order by p.currency
      """,
      "select coalesce(sum(p.amount), 0) \(part: accountPostings) and (e.date, e.number) <= (\(date), \(number))",
      """
      select e.id, e.number, e.date, e.kind, e.description,
        sum(case when p.kind in ('paid', 'sent') then p.amount else 0 end),
        -sum(case when p.kind in ('share', 'received') then p.amount else 0 end)
      \(part: accountPostings) and (e.date, e.number) > (\(date), \(number)) and e.date <= \(to ?? .last)
      group by e.id, e.number, e.date, e.kind, e.description
      order by e.date, e.number limit \(limit)
      """,
    ])
    let opening = try rows[1][0].decode(Int64.self)
    var balance = opening
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
    return (try rows[0].map { try $0.decode(Currency.self) }, opening, lines)
  }

  /// Returns the money that the kitty holds in one currency: minor units.
  func kittyBalance(_ currency: Currency, in group: ID) async throws -> Int64 {
    try await database.read(
      """
      select -(paid - share + sent - received) from balances
      where group_id = \(group) and account_id = \(group) and currency = \(currency)
      """
    ).first?.decode(Int64.self) ?? 0
  }

  /// Returns the money in the kitty, and the target and the contributions of each member.
  func kitty(in group: ID) async throws -> Kitty {
    let rows = try await database.read([
      """
      select currency, -(paid - share + sent - received) from balances
      where group_id = \(group) and account_id = \(group) and (\(part: Self.isUsed)) order by currency
      """,
      """
      select a.id, c.currency, coalesce(t.amount, 0), coalesce(s.amount, 0)
      from accounts a
      join (
        select account_id, currency from targets where group_id = \(group)
        union select p.account_id, p.currency from postings p \(part: Self.counting)
        where p.group_id = \(group) and e.kind in ('contribution', 'payout') and p.account_id <> \(group)
      ) c on c.account_id = a.id
      left join targets t on t.group_id = a.group_id and t.account_id = a.id and t.currency = c.currency
      left join (
        select p.account_id, p.currency, sum(p.amount) as amount from postings p \(part: Self.counting)
        where p.group_id = \(group) and e.kind in ('contribution', 'payout')
        group by p.account_id, p.currency
      ) s on s.account_id = a.id and s.currency = c.currency
      where a.group_id = \(group) and a.kind = 'member'
      order by a.id, c.currency
      """,
    ])
    return Kitty(
      holds: try rows[0].map {
        let (currency, amount) = try $0.decode(Currency.self, Int64.self)
        return Money(amount: amount, currency: currency)
      },
      targets: try rows[1].map {
        let (member, currency, target, contributed) = try $0.decode(
          ID.self, Currency.self, Int64.self, Int64.self)
        return Kitty.Target(member: member, currency: currency, target: target, contributed: contributed)
      })
  }

  /// Sets targets; an amount of 0 removes one.
  func setTargets(
    _ targets: [(member: ID, amount: Int64)], _ currency: Currency, in group: ID, _ write: WriteContext
  ) async throws {
    let named: [SQL] = targets.map { "\($0.member)" }
    var statements: [SQL] = [
      GroupStore.nextSequence(of: group),
      """
      delete from targets where group_id = \(group) and currency = \(currency)
        and account_id in (\(list: named))
      """,
    ]
    let rows: [SQL] = targets.filter { $0.amount > 0 }.map {
      "(\(group), \($0.member), \(currency), \($0.amount))"
    }
    if !rows.isEmpty {
      statements.append(
        "insert into targets (group_id, account_id, currency, amount) values \(list: rows)")
    }
    try await database.transact(statements, in: write)
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
  private static let isUsed: SQL = "paid <> 0 or share <> 0 or sent <> 0 or received <> 0"

  /// The join of the postings that count with their entries: those of the current versions.
  static let counting: SQL = """
    join entries e on e.group_id = p.group_id and e.id = p.entry_id and e.version = p.revision
    """
}
