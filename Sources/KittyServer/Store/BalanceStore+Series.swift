import KittyShared

extension BalanceStore {
  /// Returns the balances at the ends of units of the calendar, by the current days of the entries. O(entries).
  /// - Parameters:
  ///   - account: The only account; all of them when `nil`.
  ///   - currency: The currency of the group.
  /// - Throws: `Rejection` for an account that is not in the group, and for too many values.
  func series(
    of account: LedgerAccount?, every unit: CalendarUnit, from: Day?, to: Day?, in group: ID,
    currency: Currency
  ) async throws -> BalanceSeries {
    let last = to.map { min(.last, unit.last(unit.number(of: $0))) } ?? .last
    let only: SQL = account.map { "and p.account_id = \($0.id(in: group))" } ?? ""
    let rows = try await database.read([
      "select id, name from accounts where group_id = \(group) order by kind desc, id",
      """
      select t.day, t.account_id, t.currency, sum(t.amount) from (
        select (select e.date from entries e where e.group_id = p.group_id and e.id = p.entry_id) as day,
          p.account_id, p.currency, p.amount
        from postings p
        where p.group_id = \(group) \(part: only)
          and p.revision = \(part: Self.version(where: "e.date <= \(last)"))
      ) t group by t.day, t.account_id, t.currency
      """,
    ])
    let names = try rows[0].map { try $0.decode(ID.self, String.self) }
    if let account, !names.contains(where: { $0.0 == account.id(in: group) }) {
      throw Rejection.invalid(
        "account", "not_a_member", "This account is not in the group: name one of its members, or \"kitty\".")
    }
    var series = BalanceChanges(every: unit, from: from, to: to)
    for row in rows[1] {
      let (day, account, currency, amount) = try row.decode(
        Day.self, ID.self, Currency.self, Int64.self)
      try series.add(amount, on: day, to: account, currency)
    }
    if let account { series.addLine(of: account.id(in: group), currency) }
    return try series.series(names.map { (id: $0.0, account: LedgerAccount($0.0, in: group), name: $0.1) })
  }
}
