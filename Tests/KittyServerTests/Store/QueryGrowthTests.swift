import FoundationEssentials
import KittyShared
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KittyServer

/// The work of the queries of a group is counted, not timed: the rows that each step of a plan of PostgreSQL handles, and
/// the instructions of SQLite's virtual machine.
@Suite struct QueryGrowthTests {
  /// Forwards statements and records those that read.
  final class Recorder: Database {
    let database: any Database
    var skippingLocked: SQL { database.skippingLocked }
    var isOverloaded: Bool { database.isOverloaded }
    private let recorded = Mutex<[SQL]>([])

    init(_ database: any Database) { self.database = database }
    var statements: [SQL] { recorded.withLock { $0 } }
    func read(_ statements: [SQL]) async throws -> [[Row]] {
      recorded.withLock { $0 += statements }
      return try await database.read(statements)
    }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  static let eur = Currency(code: "EUR")!
  private static let tables = [
    "groups", "accounts", "entries", "revisions", "postings", "balances", "targets", "comments",
  ]

  /// A group of a number of members, with a number of entries and postings in proportion.
  struct Books {
    let group: ID
    let user: ID
    let members: [ID]

    /// Writes the group as an import does.
    init(_ count: Int, seed: UInt64, user: ID, _ database: any Database) async throws {
      var random = Seeded(seed)
      self.user = user
      group = random.id()
      members = (0..<count).map { _ in random.id() }
      let people = Participants(present: members.map { (id: $0, weight: 1) })
      let entries = try (0..<count / 5).map { number in
        let id = random.id()
        let first = number * 7 % count
        let some = (0..<10).map { members[(first + $0) % count] }
        let content =
          number % 2 == 0
          ? try Ledger.content(
            for: NewExpense(
              description: "x", amount: .minorUnits(1000),
              payers: some.prefix(number % 4 == 0 ? 1 : 4).map {
                Payer(.member($0), amount: .minorUnits(number % 4 == 0 ? 1000 : 250))
              }, participants: some),
            seed: id, currency: eur, people: people, today: .first)
          : try Ledger.content(
            for: NewPayment(from: .member(some[0]), to: .kitty, amount: .minorUnits(100)), currency: eur,
            people: people, today: .first)
        return GroupFile.FileEntry(
          id: id, number: Int64(number + 1),
          revisions: [.init(action: .created, by: members[0], at: .now, content: content)], comments: [])
      }
      let file = GroupFile(
        name: "x", currency: eur, createdAt: .now, closedUntil: nil, ownEntriesOnly: nil,
        lastNumber: Int64(entries.count), owner: members[0],
        members: members.enumerated().map {
          .init(id: $1, name: "m\($0)", weight: 1, createdAt: .now, removedAt: $0 % 10 == 9 ? .now : nil)
        },
        targets: members.map { .init(member: $0, currency: eur, amount: 100) }, entries: entries)
      try await GroupStore(database: database).insert(
        NewGroup(name: "x", currency: eur), id: group, owner: members[0], named: "m0", user: user, at: .now,
        WriteContext())
      try await GroupImportStore(database: database, logger: Logger(label: "test")).insert(
        file, into: group, owner: user, WriteContext()
      ) { insert in
        for entry in entries { try await insert(entry) }
      }
    }

    var eur: Currency { QueryGrowthTests.eur }

    /// Every statement of a request that reads the whole group.
    /// - Parameter withPages: `true` to include the pages of an export.
    func statements(_ database: any Database, withPages: Bool = true) async throws -> [SQL] {
      let recorder = Recorder(database)
      let balances = BalanceStore(database: recorder)
      #expect(try await balances.balances(in: group, currency: eur).count > members.count / 2)
      #expect(try await balances.balances(in: group, currency: eur, at: .last).count > members.count / 2)
      #expect(try await balances.kitty(in: group, limit: 10_000).targets.count == members.count)
      #expect(try await !balances.debts(in: group).isEmpty)
      _ = try await balances.nets(in: group)
      _ = try await balances.statement(
        of: members[0], in: group, currency: eur, from: nil, to: nil, limit: 50, after: nil)
      _ = try await balances.balances(of: user, limit: 50)
      _ = try await MemberStore(database: recorder).participants(in: group, unsettledIn: eur)
      _ = try await GroupStore(database: recorder).find(group, for: user)
      _ = try await GroupStore(database: recorder).overview(after: .first, limit: 1)
      _ = try await EntryStore(database: recorder).list(in: group, EntryFilter(), limit: 200, before: nil)
      let exports = GroupExportStore(database: recorder, pageSize: .max)
      let head = try await exports.head(of: group, withRange: true)
      if withPages { _ = try await exports.entries(of: group, upTo: head.moment, after: 0) }
      return recorder.statements
    }
  }

  static func insertUser(_ user: ID, _ database: any Database) async throws {
    try await database.transact([
      """
      insert into users (id, name, display_name, password_hash, created_at)
      values (\(user), \(user.description), 'x', 'x', 0)
      """
    ])
  }

  /// Requires that the work for 4 and 16 times as many members is 4 and 16 times as much at most, with a quarter of
  /// tolerance for what grows with a logarithm.
  private func expectLinear(_ work: [[Int]], _ statements: [SQL]) {
    for (index, statement) in statements.enumerated() {
      let counts = work.map { $0[index] }
      for (number, factor) in [(1, 4), (2, 16)] {
        #expect(
          counts[number] <= factor * counts[0] * 5 / 4 + 2000, "\(counts) for \(statement.text)")
      }
    }
  }

  @Test func workOfSQLiteGrowsWithTheGroup() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate(Migration.all)
      let user = ID(at: .now)
      try await Self.insertUser(user, database)
      var work: [[Int]] = []
      var statements: [SQL] = []
      for (number, count) in [250, 1000, 4000].enumerated() {
        let books = try await Books(count, seed: UInt64(number + 1), user: user, database)
        statements = try await books.statements(database)
        var steps: [Int] = []
        for statement in statements {
          steps.append(
            try await database.steps(of: statement.text, statement.values.map(\.databaseValue)))
        }
        work.append(steps)
      }
      #expect(work.flatMap { $0 }.contains { $0 > 10_000 })
      expectLinear(work, statements)
      await database.close()
    }
  }

  /// A rare word, of two letters and beside a frequent word too, reads the entries that have it, however many others there are.
  @Test func searchesOfRareWordsReadFewTexts() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate(Migration.all)
      let user = ID(at: .now)
      try await Self.insertUser(user, database)
      var work: [[Int]] = []
      for (number, count) in [1000, 4000].enumerated() {
        let books = try await Books(count, seed: UInt64(number + 1), user: user, database)
        try await database.transact([
          "update entry_texts set own = \("\nrare qy tea\n") where group_id = \(books.group) and id in (select max(id) from entry_texts)",
          "update entry_texts set own = \("\ntea\n") where group_id = \(books.group) and own not like '%rare%'",
        ])
        let recorder = Recorder(database)
        var store = EntryStore(database: recorder)
        store.maxCandidates = 100
        let context = FilterContext(
          members: [], me: books.members[0], categories: [], today: try #require(Day("2026-11-29")))
        for text in ["rare", "qy", "tea qy", "tea rare"] {
          let filter = EntryFilter(query: try Filter(text).resolved(in: context))
          let found = try await store.list(in: books.group, filter, limit: 50, before: nil, totals: true)
          #expect(found.page.items.count == 1 && found.totals?.count == 1, "\(text)")
        }
        var steps: [Int] = []
        for statement in recorder.statements {
          steps.append(try await database.steps(of: statement.text, statement.values.map(\.databaseValue)))
        }
        work.append(steps)
      }
      #expect(work[0].count >= 8)
      for (small, large) in zip(work[0], work[1]) {
        #expect(large < small + 500, "\(work)")
      }
      await database.close()
    }
  }

  /// The planner knows many small groups and nothing of the large ones, as in an installation with a new large group.
  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func workOfPostgresGrowsWithTheGroupWhateverItsStatisticsSay() async throws {
    let database = PostgresDatabase(url: try #require(try await Backend.postgres.freshURL()))
    _ = try await database.migrate(Migration.all)
    let user = ID(at: .now)
    try await Self.insertUser(user, database)
    try await database.transact(
      Self.tables.map { SQL(stringLiteral: "alter table \($0) set (autovacuum_enabled = false)") })
    for number in 0..<60 { _ = try await Books(10, seed: UInt64(1000 + number), user: user, database) }
    try await database.transact(Self.tables.map { SQL(stringLiteral: "analyze \($0)") })
    var work: [[Int]] = []
    var statements: [SQL] = []
    for (number, count) in [250, 1000, 4000].enumerated() {
      let books = try await Books(count, seed: UInt64(number + 1), user: user, database)
      statements = try await books.statements(database, withPages: false)
      var rows: [Int] = []
      for statement in statements {
        let plan = try await database.read(
          "explain (analyze, timing off, costs off, format json) \(part: statement)"
        ).map { try $0.decode(String.self) }.joined()
        rows.append(try Self.rows(of: Data(plan.utf8)))
      }
      work.append(rows)
    }
    #expect(work.flatMap { $0 }.contains { $0 > 10_000 })
    expectLinear(work, statements)
    await database.close()
  }

  /// Counts the updates of `groups` in each transaction.
  private final class UpdateCounter: Database {
    let database: any Database
    var skippingLocked: SQL { database.skippingLocked }
    var isOverloaded: Bool { database.isOverloaded }
    private let most = Mutex<Int64>(0)

    init(_ database: any Database) { self.database = database }
    var mostUpdates: Int64 { most.withLock { $0 } }
    func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      let count: SQL = """
        select n_tup_upd from pg_stat_xact_user_tables
        where relname = 'groups' and schemaname = current_schema()
        """
      let rows = try await database.runTransaction([count] + statements + [count])
      let updates = try [rows[0][0], rows[rows.count - 1][0]].map { try $0.decode(Int64.self) }
      most.withLock { $0 = max($0, updates[1] - updates[0]) }
      return Array(rows.dropFirst().dropLast())
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  /// PostgreSQL looks through all versions of a row that a transaction has updated, so an update for each member would
  /// cost their square.
  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func importUpdatesItsGroupTheSameNumberOfTimes() async throws {
    let database = PostgresDatabase(url: try #require(try await Backend.postgres.freshURL()))
    _ = try await database.migrate(Migration.all)
    let user = ID(at: .now)
    try await Self.insertUser(user, database)
    for count in [10, 1000] {
      let counter = UpdateCounter(database)
      let books = try await Books(count, seed: UInt64(count), user: user, counter)
      #expect((1...8).contains(counter.mostUpdates), "\(counter.mostUpdates) for \(count)")
      // All the same each member has a number of its own, and the group has none that is lower.
      let rows = try await database.read([
        "select count(distinct sequence), max(sequence) from accounts where group_id = \(books.group)",
        "select sequence from groups where id = \(books.group)",
      ])
      let (numbers, highest) = try rows[0][0].decode(Int.self, Int64.self)
      #expect(numbers == count + 1)
      #expect(try rows[1][0].decode(Int64.self) >= highest)
    }
    await database.close()
  }

  /// A plan of PostgreSQL, as it was carried out.
  private struct Plan: Decodable {
    let step: Step
    enum CodingKeys: String, CodingKey { case step = "Plan" }
  }

  private struct Step: Decodable {
    let rows: Double
    let filtered: Double?
    let notJoined: Double?
    let loops: Double
    let steps: [Step]?
    enum CodingKeys: String, CodingKey {
      case rows = "Actual Rows"
      case filtered = "Rows Removed by Filter"
      case notJoined = "Rows Removed by Join Filter"
      case loops = "Actual Loops"
      case steps = "Plans"
    }

    /// The rows that this step and those below it return and leave out.
    var work: Int {
      let own = (rows + (filtered ?? 0) + (notJoined ?? 0)) * loops
      return Int(own) + (steps ?? []).map(\.work).reduce(0, +)
    }
  }

  private static func rows(of plan: Data) throws -> Int {
    try JSONDecoder().decode([Plan].self, from: plan).map(\.step.work).reduce(0, +)
  }
}
