import FoundationEssentials
import KittyShared

/// The rows of settling rounds. Whether a payment is booked is not stored: it is while its entry counts.
struct SettlementStore: Sendable {
  let database: any Database

  /// The most rounds of a list page: each may have hundreds of payments.
  static let pageLimit = 20

  /// A round as it is stored, with what the books say about it.
  struct Stored: Sendable {
    let id: ID
    let createdBy: ID
    let createdAt: Instant
    let endedAt: Instant?
    let keeps: [SettlementPlan.KeptPart]?
    let methods: [SettlementPlan.MethodOfCurrency]
    let payments: [Payment]
    let sequence: Int64

    /// A payment with the entry that books it.
    struct Payment: Sendable {
      let number: Int
      let from: ID
      let to: ID
      let currency: Currency
      let amount: Int64
      /// The id that its entry has, or will have.
      let entry: ID
      /// `true` while the entry counts and is the payment: from, to, amount and currency.
      let isPaid: Bool
    }
  }

  /// The facts of a group that its rounds are shown with.
  struct Facts: Sendable {
    let name: String
    /// The nets that are not zero, by currency and account.
    let nets: [Currency: [ID: Int64]]
    /// The names and IBANs of the members who have one.
    let banks: [ID: (name: String, iban: IBAN)]
    /// The members who have left.
    let former: Set<ID>
  }

  /// Begins a round. It ends the one before, which the caller found settled or outdated. When the group has as many rounds as
  /// it can have, the first ended ones go of which nothing was ever booked.
  /// - Parameter old: The round before; `nil` when there was none.
  /// - Returns: `false` when the rules of the group do not hold any more.
  /// - Throws: `Rejection` when another round was begun at the same time, or the id exists.
  func insert(_ round: Stored, ending old: ID?, in group: ID, _ write: WriteContext) async throws -> Bool {
    let keeps = try round.keeps.map { try JSON.text(of: $0) } ?? "null"
    let rows: [SQL] = round.payments.map { payment in
      """
      (\(group), \(round.id), \(payment.number), \(payment.from), \(payment.to), \(payment.currency),
        \(payment.amount), \(payment.entry))
      """
    }
    let drops = Self.dropUnused(of: group)
    do {
      let answers = try await database.transact(
        drops + [
          GroupStore.nextSequence(of: group),
          """
          update settlements set ended_at = \(round.createdAt),
            sequence = (select sequence from groups where id = \(group))
          where group_id = \(group) and id = \(old ?? ID.first) and ended_at is null
          """,
          GroupStore.nextSequence(of: group),
          """
          insert into settlements (group_id, id, created_by, created_at, kept, methods, sequence)
          select id, \(round.id), \(round.createdBy), \(round.createdAt), \(keeps),
            \(try JSON.text(of: round.methods)), sequence
          from groups where id = \(group) and archived_at is null and deleted_at is null
            and (select count(*) from settlements s where s.group_id = \(group)) < \(Self.maxRounds)
          returning id
          """,
        ]
          + rows.chunks(of: 100).map {
            """
            insert into settlement_payments (
              group_id, settlement_id, number, from_id, to_id, currency, amount, entry_id)
            values \(list: $0)
            """
          }, in: write)
      return !answers[drops.count + 3].isEmpty
    } catch DatabaseFailure.brokenReference {
      throw try await Self.refusal(count: count(in: group))
    } catch DatabaseFailure.notUnique("settlements_in_use") {
      throw Rejection.roundUnderWay
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("settlement") {
      if try await find(round.id, in: group) != nil {
        throw Rejection.conflict("id_taken", "A settling round with this id exists already.")
      }
      throw Rejection.roundUnderWay
    }
  }

  /// The most rounds of a group.
  private static let maxRounds = 1000

  /// The most rounds that go at once.
  private static let dropped = 100

  /// Returns the statements that drop ended rounds without an entry, when the group has as many rounds as it can have.
  private static func dropUnused(of group: ID) -> [SQL] {
    let isFull: SQL = "\(maxRounds) <= (select count(*) from settlements f where f.group_id = \(group))"
    let unused: SQL = """
      select s.id from settlements s
      where s.group_id = \(group) and s.ended_at is not null and not exists (
        select 1 from settlement_payments q
        join entries e on e.group_id = q.group_id and e.id = q.entry_id
        where q.group_id = s.group_id and q.settlement_id = s.id)
      order by s.id limit \(dropped)
      """
    return [
      """
      delete from settlement_payments
      where group_id = \(group) and \(part: isFull) and settlement_id in (\(part: unused))
      """,
      "delete from settlements where group_id = \(group) and \(part: isFull) and id in (\(part: unused))",
    ]
  }

  /// Returns the statements that give a payment another entry, in the transaction of that entry.
  static func book(_ booking: RoundBooking, in group: ID) -> [SQL] {
    guard let replaced = booking.replaced else { return [] }
    return [
      """
      update settlement_payments set entry_id = \(booking.entry)
      where group_id = \(group) and settlement_id = \(booking.round) and number = \(booking.number)
        and entry_id = \(replaced)
      """
    ]
  }

  private func count(in group: ID) async throws -> Int {
    try await database.read("select count(*) from settlements where group_id = \(group)").first?
      .decode(Int.self) ?? 0
  }

  private static func refusal(count: Int) -> Rejection {
    count < maxRounds
      ? .groupChanged
      : .conflict("too_many_rounds", "A group can have \(maxRounds) settling rounds, and this one has them.")
  }

  /// Ends a round. One that has ended already stays as it is.
  func end(_ round: ID, in group: ID, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update settlements set ended_at = \(now), sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(round) and ended_at is null
        """,
      ], in: write)
  }

  /// Returns a round with the facts of its group.
  func find(_ round: ID, in group: ID) async throws -> (round: Stored, facts: Facts)? {
    let rows = try await database.read(
      Self.queries(where: "s.id = \(round)", in: group) + Self.facts(of: group))
    guard let found = try Self.rounds(rows[0], payments: rows[1]).first else { return nil }
    return (found, try Self.facts(Array(rows[2...])))
  }

  /// Returns the round that is carried out, with the facts of its group.
  func current(in group: ID) async throws -> (round: Stored, facts: Facts)? {
    let rows = try await database.read(
      Self.queries(where: "s.ended_at is null", in: group) + Self.facts(of: group))
    guard let found = try Self.rounds(rows[0], payments: rows[1]).first else { return nil }
    return (found, try Self.facts(Array(rows[2...])))
  }

  /// Returns a page of the rounds, latest first.
  /// - Parameter before: The id of the last round on the previous page.
  func list(in group: ID, limit: Int, before: ID?) async throws -> (page: ListPage<Stored>, facts: Facts) {
    let count = min(limit, Self.pageLimit)
    let chosen: SQL = """
      s.id in (select n.id from settlements n where n.group_id = \(group) and n.id < \(before ?? ID.last)
        order by n.id desc limit \(count + 1))
      """
    let rows = try await database.read(
      [ChangeSequence.of(group)] + Self.queries(where: chosen, in: group) + Self.facts(of: group))
    let found = try Self.rounds(rows[1], payments: rows[2])
    return (
      ListPage(
        items: Array(found.prefix(count)), sequence: try ChangeSequence(rows[0]).now,
        isCut: found.count > count),
      try Self.facts(Array(rows[3...]))
    )
  }

  /// Returns the rounds that were begun or ended after `start` in the change sequence.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(
    in group: ID, since start: Int64, limit: Int
  ) async throws -> (changes: ChangeSet<Stored>, facts: Facts) {
    let count = min(limit, Self.pageLimit)
    let chosen: SQL = """
      s.id in (select n.id from settlements n where n.group_id = \(group) and n.sequence > \(start)
        order by n.sequence limit \(count + 1))
      """
    let rows = try await database.read(
      [ChangeSequence.of(group)] + Self.queries(where: chosen, in: group) + Self.facts(of: group))
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    let found = try Self.rounds(rows[1], payments: rows[2]).sorted { $0.sequence < $1.sequence }
    return (
      ChangeSet(
        items: found.prefix(count).map { ($0, $0.sequence) }, sequence: sequence.now,
        isCut: found.count > count),
      try Self.facts(Array(rows[3...]))
    )
  }

  /// Returns the queries for the rounds of an export, in the order of their ids.
  static func all(in group: ID) -> [SQL] { queries(where: "1 = 1", in: group) }

  private static func queries(where condition: SQL, in group: ID) -> [SQL] {
    [
      """
      select s.id, s.created_by, s.created_at, s.ended_at, s.kept, s.methods, s.sequence from settlements s
      where s.group_id = \(group) and \(part: condition) order by s.id desc
      """,
      """
      select p.settlement_id, p.number, p.from_id, p.to_id, p.currency, p.amount, p.entry_id,
        (select count(*) from entries e
          join postings f on f.group_id = e.group_id and f.entry_id = e.id and f.revision = e.version
          join postings t on t.group_id = e.group_id and t.entry_id = e.id and t.revision = e.version
          where e.group_id = p.group_id and e.id = p.entry_id and e.deleted_at is null and e.currency = p.currency
            and f.kind = 'sent' and f.account_id = p.from_id and f.currency = p.currency and f.amount = p.amount
            and t.kind = 'received' and t.account_id = p.to_id)
      from settlement_payments p
      where p.group_id = \(group) and p.settlement_id in (
        select s.id from settlements s where s.group_id = \(group) and \(part: condition))
      order by p.settlement_id, p.number
      """,
    ]
  }

  private static func facts(of group: ID) -> [SQL] {
    [
      "select name from groups where id = \(group)",
      """
      select account_id, currency, paid - share + sent - received from balances
      where group_id = \(group) and paid - share + sent - received <> 0
      """,
      "select id, name, iban from accounts where group_id = \(group) and iban is not null",
      "select id from accounts where group_id = \(group) and removed_at is not null",
    ]
  }

  private static func facts(_ rows: [[Row]]) throws -> Facts {
    var nets: [Currency: [ID: Int64]] = [:]
    for row in rows[1] {
      let (account, currency, net) = try row.decode(ID.self, Currency.self, Int64.self)
      nets[currency, default: [:]][account] = net
    }
    var banks: [ID: (name: String, iban: IBAN)] = [:]
    for row in rows[2] {
      let (member, name, iban) = try row.decode(ID.self, String.self, String.self)
      if let iban = IBAN(iban) { banks[member] = (name, iban) }
    }
    return Facts(
      name: try rows[0].first?.decode(String.self) ?? "", nets: nets, banks: banks,
      former: Set(try rows[3].map { try $0.decode(ID.self) }))
  }

  /// Decodes the rows of the queries for rounds.
  static func rounds(_ rows: [Row], payments: [Row]) throws -> [Stored] {
    var found: [ID: [Stored.Payment]] = [:]
    for row in payments {
      let (round, number, from, to, currency, amount, entry, count) = try row.decode(
        ID.self, Int.self, ID.self, ID.self, Currency.self, Int64.self, ID.self, Int.self)
      found[round, default: []].append(
        .init(
          number: number, from: from, to: to, currency: currency, amount: amount, entry: entry,
          isPaid: count > 0))
    }
    return try rows.map { row in
      let (id, by, at, ended, kept, methods, sequence) = try row.decode(
        ID.self, ID.self, Instant.self, Instant?.self, String.self, String.self, Int64.self)
      return Stored(
        id: id, createdBy: by, createdAt: at, endedAt: ended,
        keeps: kept == "null"
          ? nil : try JSON.decode([SettlementPlan.KeptPart].self, from: Data(kept.utf8)),
        methods: try JSON.decode([SettlementPlan.MethodOfCurrency].self, from: Data(methods.utf8)),
        payments: found[id] ?? [], sequence: sequence)
    }
  }

  /// Returns the statements that insert the rounds of a file.
  /// - Parameter base: The number of the change sequence before that of the first one.
  static func rounds(of file: GroupFile, in group: ID, after base: SQL) throws -> [SQL] {
    let rounds = file.settlements ?? []
    let rows = try rounds.enumerated().map { index, round -> SQL in
      """
      (\(group), \(round.id), \(round.by), \(round.at), \(round.endedAt),
        \(try round.keeps.map { try JSON.text(of: $0) } ?? "null"), \(try JSON.text(of: round.methods)),
        \(index + 1) + \(part: base))
      """
    }
    let payments: [SQL] = rounds.flatMap { round in
      round.payments.enumerated().map { index, payment in
        """
        (\(group), \(round.id), \(index + 1), \(payment.from.id(in: group)), \(payment.to.id(in: group)),
          \(payment.currency), \(payment.amount), \(payment.entry))
        """
      }
    }
    return rows.chunks(of: 100).map {
      """
      insert into settlements (group_id, id, created_by, created_at, ended_at, kept, methods, sequence)
      values \(list: $0)
      """
    }
      + payments.chunks(of: 100).map {
        """
        insert into settlement_payments (group_id, settlement_id, number, from_id, to_id, currency, amount, entry_id)
        values \(list: $0)
        """
      }
  }
}

extension Rejection {
  /// 409: a round is carried out already.
  static let roundUnderWay = conflict(
    "round_under_way",
    "A settling round is being carried out. Book its payments, or end it with DELETE …/settlements/{settlement}."
  )
}
