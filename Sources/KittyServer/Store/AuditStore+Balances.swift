import KittyShared

/// A running total that is not the sum of the postings.
struct WrongBalance: Sendable {
  let group: ID
  let account: ID
  let currency: String
  /// The stored totals: paid, share, sent, received.
  let stored: [Int64]
  /// The sums of the postings: paid, share, sent, received.
  let expected: [Int64]
}

extension AuditStore {
  /// Returns the running totals that are not the sums of the postings. A missing row counts as zeros: an import writes
  /// no row for an account whose postings cancel out.
  func wrongBalances() async throws -> [WrongBalance] {
    let sums: SQL = """
      select p.group_id, p.account_id, p.currency,
        sum(case when p.kind = 'paid' then p.amount else 0 end) as paid,
        -sum(case when p.kind = 'share' then p.amount else 0 end) as share,
        sum(case when p.kind = 'sent' then p.amount else 0 end) as sent,
        -sum(case when p.kind = 'received' then p.amount else 0 end) as received
      from postings p \(part: BalanceStore.counting)
      group by p.group_id, p.account_id, p.currency
      """
    let rows = try await database.read([
      """
      select s.group_id, s.account_id, s.currency, coalesce(b.paid, 0), coalesce(b.share, 0),
        coalesce(b.sent, 0), coalesce(b.received, 0), s.paid, s.share, s.sent, s.received
      from (\(part: sums)) s left join balances b
        on b.group_id = s.group_id and b.account_id = s.account_id and b.currency = s.currency
      where coalesce(b.paid, 0) <> s.paid or coalesce(b.share, 0) <> s.share
        or coalesce(b.sent, 0) <> s.sent or coalesce(b.received, 0) <> s.received
      """,
      """
      select b.group_id, b.account_id, b.currency, b.paid, b.share, b.sent, b.received, 0, 0, 0, 0
      from balances b
      where (b.paid <> 0 or b.share <> 0 or b.sent <> 0 or b.received <> 0) and not exists (
        select 1 from postings p \(part: BalanceStore.counting)
        where p.group_id = b.group_id and p.account_id = b.account_id and p.currency = b.currency)
      """,
    ])
    return try (rows[0] + rows[1]).map { row in
      let (group, account, currency, paid, share, sent, received, paid2, share2, sent2, received2) =
        try row.decode(
          ID.self, ID.self, String.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self,
          Int64.self, Int64.self, Int64.self)
      return WrongBalance(
        group: group, account: account, currency: currency, stored: [paid, share, sent, received],
        expected: [paid2, share2, sent2, received2])
    }
  }

  /// Corrects a running total. It adds the difference, which stays the same while other requests write entries.
  /// - Returns: Whether the total was there to be corrected.
  func repair(_ wrong: WrongBalance, _ write: WriteContext) async throws -> Bool {
    let delta = zip(wrong.expected, wrong.stored).map { $0 - $1 }
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: wrong.group),
        """
        insert into balances (group_id, account_id, currency, paid, share, sent, received)
        values (\(wrong.group), \(wrong.account), \(wrong.currency), 0, 0, 0, 0)
        on conflict (group_id, account_id, currency) do nothing
        """,
        """
        update balances set paid = paid + \(delta[0]), share = share + \(delta[1]), sent = sent + \(delta[2]),
          received = received + \(delta[3])
        where group_id = \(wrong.group) and account_id = \(wrong.account) and currency = \(wrong.currency)
        returning account_id
        """,
      ], in: write)
    return !rows[2].isEmpty
  }
}
