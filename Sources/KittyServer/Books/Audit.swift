import KittyShared

/// Recomputes everything from what is on record and says what does not fit.
struct Audit: Sendable {
  let database: any Database
  let photos: any PhotoStorage

  /// Something that is wrong.
  struct Finding: Sendable, CustomStringConvertible {
    /// The group whose books it is in; `nil` for what belongs to none.
    let group: ID?
    let words: String
    /// Whether records of the books are lost or damaged, so that they no longer add up to what they did.
    var isLoss = false

    var description: String { (group.map { "group \($0): " } ?? "") + words }
  }

  /// Everything that is wrong, one sentence each; nothing when all is right. O(postings).
  func findings() async throws -> [String] {
    let balances = try await balances().map { Finding(group: $0.group, words: $0.words) }
    return try await (books() + balances + photoFiles()).map(\.description)
  }

  /// What is wrong with the records themselves.
  private func books() async throws -> [Finding] {
    try await lostRows() + numbers() + AuditedRevisions(database: database).findings()
  }

  /// A running total that is not the sum of the postings.
  struct WrongBalance: Sendable, CustomStringConvertible {
    let group: ID
    let account: ID
    let currency: String
    /// Paid, share, sent, received.
    let found: [Int64]
    let right: [Int64]

    var description: String { "group \(group): \(words)" }

    fileprivate var words: String {
      func words(_ values: [Int64]) -> String {
        zip(["paid", "share", "sent", "received"], values).map { name, value in
          "\(name) \(Currency(code: currency).map { Amount(value, $0).decimal } ?? String(value))"
        }.joined(separator: ", ")
      }
      return """
        the balance of \(account == group ? "the kitty" : "member \(account)") in \(currency) \
        is \(words(found)); the postings say \(words(right))
        """
    }
  }

  /// The running totals that are not the sum of the postings.
  func balances() async throws -> [WrongBalance] {
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
      where b.paid is null or b.paid <> s.paid or b.share <> s.share or b.sent <> s.sent
        or b.received <> s.received
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
        group: group, account: account, currency: currency, found: [paid, share, sent, received],
        right: [paid2, share2, sent2, received2])
    }
  }

  /// Sets the running totals right, but not in a group whose records are lost or damaged: there the totals may
  /// be what is left of the truth, and a backup should be looked at first.
  /// - Returns: What was changed, and what was not, with the first reason why.
  func repairBalances() async throws -> (repaired: [WrongBalance], refused: [(WrongBalance, why: Finding)]) {
    let wrong = try await balances()
    guard !wrong.isEmpty else { return ([], []) }
    let losses = try await (books() + gaps().map(\.finding)).filter(\.isLoss)
    var repaired: [WrongBalance] = []
    var refused: [(WrongBalance, why: Finding)] = []
    for wrong in wrong {
      if let loss = losses.first(where: { $0.group == wrong.group }) {
        refused.append((wrong, loss))
      } else if try await repair(wrong) {
        repaired.append(wrong)
      }
    }
    return (repaired, refused)
  }

  private func repair(_ wrong: WrongBalance) async throws -> Bool {
    let delta = zip(wrong.right, wrong.found).map { $0 - $1 }
    let rows = try await database.transact([
      MemberStore.lock(wrong.group),
      """
      insert into balances (group_id, account_id, currency, paid, share, sent, received)
      values (\(wrong.group), \(wrong.account), \(wrong.currency), 0, 0, 0, 0)
      on conflict (group_id, account_id, currency) do nothing
      """,
      // A difference stays the same while correct entries are written, so adding it is always right.
      """
      update balances set paid = paid + \(delta[0]), share = share + \(delta[1]), sent = sent + \(delta[2]),
        received = received + \(delta[3])
      where group_id = \(wrong.group) and account_id = \(wrong.account) and currency = \(wrong.currency)
      returning account_id
      """,
    ])
    return !rows[2].isEmpty
  }

  /// What refers to rows that are not there. The database's keys keep that from happening, until a file is
  /// damaged or somebody writes to the database by hand.
  private func lostRows() async throws -> [Finding] {
    let rows = try await database.read([
      """
      select r.group_id, r.entry_id, count(*) from revisions r
      left join entries e on e.group_id = r.group_id and e.id = r.entry_id
      where e.id is null group by r.group_id, r.entry_id
      """,
      """
      select p.group_id, p.entry_id, count(*) from postings p
      left join revisions r on r.group_id = p.group_id and r.entry_id = p.entry_id and r.revision = p.revision
      where r.entry_id is null group by p.group_id, p.entry_id
      """,
      """
      select b.group_id, b.account_id, count(*) from balances b
      left join accounts a on a.group_id = b.group_id and a.id = b.account_id
      where a.id is null group by b.group_id, b.account_id
      """,
      """
      select p.group_id, p.account_id, count(*) from postings p
      left join accounts a on a.group_id = p.group_id and a.id = p.account_id
      where a.id is null group by p.group_id, p.account_id
      """,
    ])
    func findings(_ rows: [Row], _ words: (ID, Int64) -> String) throws -> [Finding] {
      try rows.map { row in
        let (group, id, count) = try row.decode(ID.self, ID.self, Int64.self)
        return Finding(group: group, words: words(id, count), isLoss: true)
      }
    }
    return try findings(rows[0]) { "entry \($0) is lost, but \($1) of its versions are on record" }
      + findings(rows[1]) { "\($1) postings of entry \($0) belong to a version that is lost" }
      + findings(rows[2]) { account, _ in "there is a balance of account \(account), which is lost" }
      + findings(rows[3]) { "\($1) postings are to account \($0), which is lost" }
  }

  private func numbers() async throws -> [Finding] {
    let rows = try await database.read([
      """
      select g.id, g.last_number, coalesce(max(e.number), 0) from groups g
      join entries e on e.group_id = g.id group by g.id, g.last_number
      having max(e.number) > g.last_number
      """,
      """
      select e.group_id, e.number, e.version, count(r.revision) from entries e
      left join revisions r on r.group_id = e.group_id and r.entry_id = e.id
      group by e.group_id, e.id, e.number, e.version
      having count(r.revision) <> e.version or max(r.revision) <> e.version
      """,
      """
      select g.id, g.sequence, max(e.sequence) from groups g join entries e on e.group_id = g.id
      group by g.id, g.sequence having max(e.sequence) > g.sequence
      """,
    ])
    let lost = try await gaps().filter { !$0.isImported }.map(\.finding)
    return try rows[0].map { row in
      let (group, last, highest) = try row.decode(ID.self, Int64.self, Int64.self)
      return Finding(
        group: group, words: "the last number is \(last), but there is an entry #\(highest)")
    }
      + rows[1].map { row in
        let (group, number, version, count) = try row.decode(ID.self, Int64.self, Int64.self, Int64.self)
        return Finding(
          group: group, words: "entry #\(number) has version \(version), but \(count) versions are on record",
          isLoss: true)
      }
      + rows[2].map { row in
        let (group, now, highest) = try row.decode(ID.self, Int64.self, Int64.self)
        return Finding(
          group: group, words: "the change sequence is at \(now), but an entry changed at \(highest)")
      }
      + lost
  }

  /// Numbers that no entry has. A number is never freed, so an entry is lost; but a file that was imported may
  /// have left numbers out.
  private func gaps() async throws -> [(finding: Finding, isImported: Bool)] {
    // A group and its kitty are made at once; only an import sets back when the group was made.
    let rows = try await database.read(
      """
      select g.id, g.last_number - count(e.number), case when a.created_at = g.created_at then 0 else 1 end
      from groups g join accounts a on a.group_id = g.id and a.id = g.id
      left join entries e on e.group_id = g.id and e.number between 1 and g.last_number
      group by g.id, g.last_number, g.created_at, a.created_at
      having count(e.number) < g.last_number
      """)
    var gaps: [(finding: Finding, isImported: Bool)] = []
    for row in rows {
      let (group, count, isImported) = try row.decode(ID.self, Int64.self, Int64.self)
      let first = try await database.read(
        """
        select min(n.number) + 1 from (
          select 0 as number union all select number from entries where group_id = \(group)) n
        where not exists (select 1 from entries e where e.group_id = \(group) and e.number = n.number + 1)
        """)
      let number: Int64 = try first.first?.decode(Int64.self) ?? 1
      let words =
        count == 1
        ? "there is no entry #\(number), and numbers are never freed"
        : "\(count) numbers have no entry, the first of them #\(number), and numbers are never freed"
      gaps.append((Finding(group: group, words: words, isLoss: true), isImported != 0))
    }
    return gaps
  }

  private func photoFiles() async throws -> [Finding] {
    let rows = try await database.read([
      """
      select photo_hash from users where photo_hash is not null
      union select photo_hash from groups where photo_hash is not null
      """,
      "select payload from jobs where kind = \(Job.Kind.removePhoto.rawValue)",
    ])
    let shown = Set<String>(try rows[0].map { try $0.decode(String.self) })
    // Those that a job is about to remove are no orphans.
    let leaving = Set<String>(try rows[1].map { try $0.decode(String.self) })
    let kept = try await photos.variants()
    let missing = shown.filter { kept[$0]?.count != PhotoVariant.allCases.count }.sorted().map { hash in
      kept[hash] == nil
        ? "photo \(hash) is shown, but its file is missing"
        : "photo \(hash) is shown, but one of its files is missing"
    }
    let orphans = Set(kept.keys).subtracting(shown).subtracting(leaving).sorted().map {
      "photo \($0) has files, but nothing shows it"
    }
    return (missing + orphans).map { Finding(group: nil, words: $0) }
  }
}
