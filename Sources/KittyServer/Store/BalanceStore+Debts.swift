import KittyShared

extension BalanceStore {
  /// Returns the debts between pairs of accounts, as the entries caused them. The database adds up entries with one
  /// payer; only entries with several payers are read one by one.
  func debts(in group: ID) async throws -> [Transfer] {
    // Each posting that counts, with the number of lines in which an account gave money (paid, sent) to its entry, and the
    // first of these accounts.
    let counted: SQL = """
      select p.entry_id, p.line, p.account_id, p.kind, p.currency, p.amount,
        sum(case when p.kind in ('paid', 'sent') then 1 else 0 end) over (partition by p.entry_id) as givers,
        first_value(p.account_id) over (
          partition by p.entry_id order by case when p.kind in ('paid', 'sent') then 0 else 1 end, p.line
        ) as giver
      from postings p
      where p.group_id = \(group) and p.revision = \(part: Self.version())
      """
    let rows = try await database.read([
      """
      select giver, account_id, currency, -sum(amount) from (\(part: counted)) c
      where givers = 1 and kind in ('share', 'received')
      group by giver, account_id, currency
      """,
      """
      select entry_id, account_id, kind, currency, amount from (\(part: counted)) c
      where givers > 1 order by entry_id, line
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
}
