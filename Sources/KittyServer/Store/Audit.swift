import KittyShared

/// Recomputes everything from the postings and says what does not fit.
struct Audit: Sendable {
  let database: any Database
  let photos: PhotoFolder

  /// How many entries are looked at together.
  private static let chunk = 500

  /// Everything that is wrong, one sentence each; nothing when all is right. O(postings).
  func findings() async throws -> [String] {
    try await unbalanced() + balances().map(\.description) + numbers() + contents() + photoFiles()
  }

  /// A running total that is not the sum of the postings.
  struct WrongBalance: Sendable, CustomStringConvertible {
    let group: ID
    let account: ID
    let currency: Currency
    /// Paid, share, sent, received.
    let found: [Int64]
    let right: [Int64]

    var description: String {
      func words(_ values: [Int64]) -> String {
        zip(["paid", "share", "sent", "received"], values).map { "\($0) \(Amount($1, currency).decimal)" }
          .joined(separator: ", ")
      }
      return """
        group \(group): the balance of \(account == group ? "the kitty" : "member \(account)") in \(currency) \
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
          ID.self, ID.self, Currency.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self,
          Int64.self, Int64.self, Int64.self)
      return WrongBalance(
        group: group, account: account, currency: currency, found: [paid, share, sent, received],
        right: [paid2, share2, sent2, received2])
    }
  }

  /// Sets the running totals right.
  /// - Returns: What was changed.
  func repairBalances() async throws -> [WrongBalance] {
    var repaired: [WrongBalance] = []
    for wrong in try await balances() {
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
      if !rows[2].isEmpty { repaired.append(wrong) }
    }
    return repaired
  }

  private func unbalanced() async throws -> [String] {
    try await database.read(
      """
      select p.group_id, p.entry_id, p.revision, p.currency, sum(p.amount) from postings p
      group by p.group_id, p.entry_id, p.revision, p.currency having sum(p.amount) <> 0
      """
    ).map { row in
      let (group, entry, revision, currency, sum) = try row.decode(
        ID.self, ID.self, Int64.self, Currency.self, Int64.self)
      return
        "group \(group): version \(revision) of entry \(entry) sums to \(Amount(sum, currency)), not to zero"
    }
  }

  private func numbers() async throws -> [String] {
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
    ])
    return try rows[0].map { row in
      let (group, last, highest) = try row.decode(ID.self, Int64.self, Int64.self)
      return "group \(group): the last number is \(last), but there is an entry #\(highest)"
    }
      + rows[1].map { row in
        let (group, number, version, count) = try row.decode(ID.self, Int64.self, Int64.self, Int64.self)
        return "group \(group): entry #\(number) has version \(version), but \(count) versions are on record"
      }
  }

  /// Compares what entries say with their postings.
  private func contents() async throws -> [String] {
    var findings: [String] = []
    var (group, entry) = (ID.first, ID.first)
    while true {
      let these: SQL = """
        select e.group_id, e.id from entries e where (e.group_id, e.id) > (\(group), \(entry))
        order by e.group_id, e.id limit \(Self.chunk)
        """
      let rows = try await database.read([
        """
        select e.group_id, e.id, e.number, e.deleted_at, r.content from entries e
        join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
        where (e.group_id, e.id) > (\(group), \(entry)) order by e.group_id, e.id limit \(Self.chunk)
        """,
        """
        select p.group_id, p.entry_id, p.account_id, p.kind, p.currency, p.amount
        from (\(part: these)) these join postings p on p.group_id = these.group_id and p.entry_id = these.id
        join entries e on e.group_id = p.group_id and e.id = p.entry_id and e.version = p.revision
        order by p.line
        """,
      ])
      // An imported group has the same entry ids as the one that it came from.
      var postings: [EntryPlace: [Posting]] = [:]
      for row in rows[1] {
        let (group, entry, account, kind, currency, amount) = try row.decode(
          ID.self, ID.self, ID.self, String.self, Currency.self, Int64.self)
        guard let kind = Posting.Kind(rawValue: kind) else {
          findings.append("group \(group): entry \(entry) has a posting of the unknown kind \(kind)")
          continue
        }
        postings[EntryPlace(group: group, entry: entry), default: []].append(
          Posting(account: account, kind: kind, amount: Amount(amount, currency)))
      }
      for row in rows[0] {
        let number: Int64
        let deleted: Instant?
        let text: String
        (group, entry, number, deleted, text) = try row.decode(
          ID.self, ID.self, Int64.self, Instant?.self, String.self)
        let right = deleted == nil ? try EntryContent(stored: text).postings(group: group, entry: entry) : []
        if right != postings[EntryPlace(group: group, entry: entry)] ?? [] {
          findings.append("group \(group): the postings of entry #\(number) are not what the entry says")
        }
      }
      guard rows[0].count == Self.chunk else { return findings }
    }
  }

  private func photoFiles() async throws -> [String] {
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
    let kept = try photos.hashes()
    return shown.subtracting(kept).sorted().map { "photo \($0) is shown, but its file is missing" }
      + kept.subtracting(shown).subtracting(leaving).sorted().map {
        "photo \($0) has files, but nothing shows it"
      }
  }
}

private struct EntryPlace: Hashable {
  let group: ID
  let entry: ID
}
