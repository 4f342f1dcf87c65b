import KittyShared

extension BalanceStore {
  /// Returns the money that the kitty holds in one currency: minor units.
  func kittyBalance(_ currency: Currency, in group: ID) async throws -> Int64 {
    try await database.read(
      """
      select -(paid - share + sent - received) from balances
      where group_id = \(group) and account_id = \(group) and currency = \(currency)
      """
    ).first?.decode(Int64.self) ?? 0
  }

  /// Returns the money that the kitty holds after the entries up to a place: minor units. It is what it holds now, less
  /// the entries after the place, which are few.
  func kittyBalance(_ currency: Currency, upTo place: EntryRevision.Place, in group: ID) async throws -> Int64
  {
    -(try await database.read(
      "select \(part: Self.kitty(currency, upTo: place, in: group)) from groups k where k.id = \(group)"
    ).first?.decode(Int64.self) ?? 0)
  }

  /// Returns the day of a new count, which is the newest one, and the money that the kitty holds on it: minor units.
  /// - Parameter day: The day where its author is; an earlier count can have a later one, of another time zone.
  func kittyBalance(
    _ currency: Currency, countedOn day: Day, in group: ID
  ) async throws -> (day: Day, amount: Int64) {
    let rows = try await database.read([
      """
      select e.date from entries e
      where e.group_id = \(group) and e.kind <> 'expense' and e.kind = 'count' and e.currency = \(currency)
        and e.deleted_at is null and e.date > \(day)
      order by e.date desc limit 1
      """,
      "select -(\(part: Self.kitty(currency, upTo: .init(date: day, number: .max), in: group))) from groups k where k.id = \(group)",
      """
      select e.date, cast(-sum(p.amount) as bigint) from entries e
      join postings p on p.group_id = e.group_id and p.entry_id = e.id and p.revision = e.version
      where e.group_id = \(group) and p.account_id = \(group) and p.currency = \(currency) and e.date > \(day)
      group by e.date
      """,
    ])
    let latest = try rows[0].first?.decode(Day.self) ?? day
    var amount: Int64 = try rows[1].first?.decode(Int64.self) ?? 0
    for row in rows[2] {
      let (date, change) = try row.decode(Day.self, Int64.self)
      // What the kitty held on a day fits 64 bits.
      if date <= latest { amount &+= change }
    }
    return (latest, amount)
  }

  /// The balance of the kitty in the books after the entries up to a place, as an expression on a row of `groups`.
  static func kitty(_ currency: Currency, upTo place: EntryRevision.Place, in group: ID) -> SQL {
    """
    coalesce((
        select b.paid - b.share + b.sent - b.received from balances b
        where b.group_id = \(group) and b.account_id = \(group) and b.currency = \(currency)), 0)
      - coalesce((
        select cast(sum(p.amount) as bigint) from entries e
        join postings p on p.group_id = e.group_id and p.entry_id = e.id and p.revision = e.version
        where e.group_id = \(group) and p.account_id = \(group) and p.currency = \(currency)
          and (e.date, e.number) > (\(place.date), \(place.number))), 0)
    """
  }

  /// Returns the balances of accounts in one currency, in minor units; accounts that were never used are missing.
  func nets(of accounts: [ID], _ currency: Currency, in group: ID) async throws -> [ID: Int64] {
    let ids: [SQL] = accounts.map { "\($0)" }
    let rows = try await database.read(
      """
      select account_id, paid - share + sent - received from balances
      where group_id = \(group) and account_id in (\(list: ids)) and currency = \(currency)
      """)
    var nets: [ID: Int64] = [:]
    for row in rows {
      let (account, net) = try row.decode(ID.self, Int64.self)
      nets[account] = net
    }
    return nets
  }

  /// Returns the money in the kitty, and a page of the targets and the contributions of the members.
  /// - Parameter after: The member and the currency of the last target on the previous page.
  func kitty(
    in group: ID, limit: Int, after: (member: ID, currency: Currency)? = nil
  ) async throws -> (holds: [Money], targets: [Kitty.Target]) {
    let rows = try await database.read([
      """
      select currency, -(paid - share + sent - received) from balances
      where group_id = \(group) and account_id = \(group) and (\(part: Self.isUsed)) order by currency
      """,
      "select account_id, currency, amount from targets where group_id = \(group)",
      Self.contributions(in: group),
    ])
    // They meet here for the same reason as in `balances`.
    let targets = try rows[1].map(Place.amount)
    let contributions = try rows[2].map(Place.amount)
    let target = Dictionary(uniqueKeysWithValues: targets)
    let contributed = Dictionary(uniqueKeysWithValues: contributions)
    let places = Set(targets.map(\.0) + contributions.map(\.0))
      .filter { place in
        after.map { ($0.member, $0.currency.code) < (place.member, place.currency.code) } ?? true
      }
      .sorted { ($0.member, $0.currency.code) < ($1.member, $1.currency.code) }
    return (
      holds: try rows[0].map {
        let (currency, amount) = try $0.decode(Currency.self, Int64.self)
        return Money(amount: amount, currency: currency)
      },
      targets: places.prefix(limit).map {
        Kitty.Target(
          member: $0.member, currency: $0.currency, target: target[$0] ?? 0,
          contributed: contributed[$0] ?? 0)
      }
    )
  }

  /// Returns what each member has put into the kitty and not taken out again, per currency: minor units.
  func contributions(in group: ID) async throws -> [Currency: [ID: Int64]] {
    var found: [Currency: [ID: Int64]] = [:]
    for row in try await database.read(Self.contributions(in: group)) {
      let (member, currency, amount) = try row.decode(ID.self, Currency.self, Int64.self)
      found[currency, default: [:]][member] = amount
    }
    return found
  }

  private static func contributions(in group: ID) -> SQL {
    """
    select p.account_id, p.currency, sum(p.amount) from postings p
    where p.group_id = \(group) and p.account_id <> \(group)
      and p.revision = \(part: version(where: "e.kind in ('contribution', 'payout')"))
    group by p.account_id, p.currency
    """
  }

  /// A member and a currency, which have a target, contributions or both.
  private struct Place: Hashable {
    let member: ID
    let currency: Currency

    static func amount(_ row: Row) throws -> (Place, Int64) {
      let (member, currency, amount) = try row.decode(ID.self, Currency.self, Int64.self)
      return (Place(member: member, currency: currency), amount)
    }
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
}
