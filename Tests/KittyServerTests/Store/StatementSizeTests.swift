import FoundationEssentials
import KittyShared
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import KittyServer

/// The parameters of statements: their style for SQLite, and their number.
@Suite struct StatementSizeTests {
  /// The limit of SQLite, the lower one of both databases.
  private static let limit = 32_766

  /// Records the number of parameters of each statement, and runs none.
  private final class RecordingDatabase: Database {
    let skippingLocked: SQL = "for update skip locked"
    let isOverloaded = false
    private let counts = Mutex<[Int]>([])

    var largest: Int { counts.withLock { $0.max() ?? 0 } }
    func read(_ statements: [SQL]) async throws -> [[Row]] { statements.map { _ in [] } }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      counts.withLock { $0 += statements.map(\.values.count) }
      return statements.map { _ in [] }
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  private let group = ID(at: Instant(milliseconds: 1))
  private let eur = Currency(code: "EUR")!

  /// An expense of 100 payers for other members.
  private func content(
    payers: ArraySlice<ID>, sharers: ArraySlice<ID>?, of members: [ID], id: ID
  ) throws -> EntryContent {
    try Ledger.content(
      for: NewExpense(
        description: "x", amount: .minorUnits(100_000),
        payers: payers.map { Payer(.member($0), amount: .minorUnits(1000)) },
        participants: sharers.map(Array.init)),
      seed: id, currency: eur, people: Participants(present: members.map { (id: $0, weight: 1) }),
      today: Day.first)
  }

  /// A `?` that is written in a statement is no parameter.
  @Test func numbersOfParametersLeaveQuestionMarks() {
    var statement: SQL = "select '?', \("é?"), '§?' || \(2)"
    statement.append("\(part: "\(3) ?") \(4)")
    #expect(PostgresStatement(statement).numberedText == "select '?', $1, '§?' || $2$3 ? $4")
    #expect(PostgresStatement("select $1, '?'", ["a"]).numberedText == "select $1, '?'")
  }

  @Test func statementForSQLiteHasNoNamedParameter() {
    let part: SQL = "(\(1), \("a"), \(nil as String?))"
    let statement: SQL = "insert into x values \(list: [part, part]) returning \(7)"
    #expect(statement.text == "insert into x values (?, ?, ?), (?, ?, ?) returning ?")
    #expect(
      PostgresStatement(statement).numberedText
        == "insert into x values ($1, $2, $3), ($4, $5, $6) returning $7")
    #expect(statement.values.count == 7)
  }

  /// The payers are not among the sharers, and all of them are replaced by others at once.
  @Test func largestEntryFitsIntoStatements() async throws {
    var random = Seeded(8)
    let count = 100 + SplitRule.maxSharers
    let members = (0..<2 * count).map { _ in random.id() }
    let id = random.id()
    let before = try content(payers: members[..<100], sharers: members[100..<count], of: members, id: id)
    let after = try content(
      payers: members[count..<count + 100], sharers: members[(count + 100)...], of: members, id: id)
    let database = RecordingDatabase()
    let store = EntryStore(database: database)
    let first = EntryRevision(creating: before, id: id, in: group, by: members[0], at: .now)
    #expect(first.newPostings.count == count)
    await #expect(throws: Rejection.self) { try await store.insert(first, WriteContext()) }
    let entry = Entry(
      id: id, number: 1, content: before, createdBy: members[0], createdAt: .now, changedAt: .now,
      deletedAt: nil, commentCount: 0, version: 1)
    // Every account has a change: those that leave the entry, and those that join it.
    _ = try await store.revise(
      entry, EntryRevision(.changed, entry, to: after, in: group, by: members[0], at: .now), WriteContext())
    #expect((7 * 2 * count...Self.limit).contains(database.largest))
  }

  /// Also where the largest entry follows small ones that fill a statement as far as it may be filled.
  @Test(arguments: [600, 2000, 2100]) func importFitsIntoStatements(largest: Int) async throws {
    var random = Seeded(9)
    let members = (0..<3000).map { _ in random.id() }
    let entries = try (1...80).map { number in
      let id = random.id()
      let last = number % 3 == 0 ? largest : 104 + number % 3
      let content = try content(payers: members[..<100], sharers: members[100..<last], of: members, id: id)
      return GroupFile.FileEntry(
        id: id, number: Int64(number),
        revisions: [.init(action: .created, by: members[0], at: .now, content: content)],
        comments: (0..<4).map { _ in .init(id: random.id(), text: "x", by: members[0], at: .now) })
    }
    let file = GroupFile(
      name: "x", currency: eur, createdAt: .now, closedUntil: nil, ownEntriesOnly: nil, lastNumber: 80,
      owner: members[0],
      members: members.map { .init(id: $0, name: "\($0)", weight: 1, createdAt: .now, removedAt: nil) },
      targets: members.map { .init(member: $0, currency: eur, amount: 1) }, entries: entries)
    let database = RecordingDatabase()
    try await GroupImportStore(database: database, logger: Logger(label: "test")).insert(
      file, into: group, owner: members[0], WriteContext()
    ) { insert in for entry in file.entries { try await insert(entry) } }
    // The two small entries before a large one leave a piece open, and it goes beyond 300 rows; a posting has eight parameters.
    #expect((8 * (2 * 104 + largest)...Self.limit).contains(database.largest))
  }

  /// A group file of expenses, each with as many postings as `counts` says: all share, and some of them pay.
  private func file(_ counts: [Int]) throws -> GroupFile {
    var random = Seeded(11)
    let members = (0..<(counts.max() ?? 0)).map { _ in random.id() }
    let entries = counts.enumerated().map { number, count in
      let id = random.id()
      let shares = members.prefix(count - 1).map { Split.Share(member: $0, amount: 1) }
      let amount = Int64(shares.count)
      let content = EntryContent(
        kind: .expense, description: "x", amount: Amount(amount, eur), rate: nil, booked: Amount(amount, eur),
        date: .first, note: nil, payers: [Payer(.kitty, amount: .minorUnits(amount))],
        split: .equally(Array(members.prefix(count - 1))), shares: shares)
      return GroupFile.FileEntry(
        id: id, number: Int64(number + 1),
        revisions: [.init(action: .created, by: members[0], at: .now, content: content)], comments: [])
    }
    return GroupFile(
      name: "x", currency: eur, createdAt: .now, closedUntil: nil, ownEntriesOnly: nil,
      lastNumber: Int64(counts.count), owner: members[0],
      members: members.map { .init(id: $0, name: "\($0)", weight: 1, createdAt: .now, removedAt: nil) },
      targets: [], entries: entries)
  }

  @Test func largeEntriesOfImportFitIntoStatements() async throws {
    let database = RecordingDatabase()
    let store = GroupImportStore(database: database, logger: Logger(label: "test"))
    let file = try file([2000, 2100, 4095, 2, 4095])
    try await store.insert(file, into: group, owner: group, WriteContext()) { insert in
      for entry in file.entries { try await insert(entry) }
    }
    #expect(database.largest == 4095 * 8)
    let larger = try self.file([2, 4096])
    let rejection = await #expect(throws: Rejection.self) {
      try await store.insert(larger, into: group, owner: group, WriteContext()) { insert in
        for entry in larger.entries { try await insert(entry) }
      }
    }
    #expect(rejection?.errors?.map(\.field) == ["entries.1"])
    #expect(rejection?.errors?.map(\.code) == ["too_many"])
  }

  @Test(arguments: Backend.available) func tooLargeStatementFailsAlone(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let database = server.dependencies.database
      for count in [Self.limit, Self.limit + 1, 70_000] {
        let numbers: [SQL] = (0..<count).map { "\($0)" }
        // Text, so that PostgreSQL knows the type of each parameter.
        let statement: SQL = "select 1 where 'x' in (\(list: numbers.map { "cast(\(part: $0) as text)" }))"
        if count == Self.limit {
          #expect(try await database.read(statement).isEmpty)
          continue
        }
        let read = await #expect(throws: DatabaseFailure.self) { try await database.read(statement) }
        let written = await #expect(throws: DatabaseFailure.self) { try await database.transact([statement]) }
        #expect(read?.leavesOutcomeUnknown == false && written?.leavesOutcomeUnknown == false)
      }
    }
  }

  /// An entry that no file and no statement could hold is refused, also where it names no participants.
  @Test func entryOfMoreMembersThanAStatementHoldsIsRefused() throws {
    var random = Seeded(10)
    let members = (0...SplitRule.maxSharers).map { _ in random.id() }
    let rejection = #expect(throws: Rejection.self) {
      try content(payers: members[..<100], sharers: nil, of: members, id: random.id())
    }
    #expect(rejection?.errors?.map(\.code) == ["too_many"])
    let all = try content(
      payers: members[..<100], sharers: nil, of: Array(members.dropLast()), id: random.id())
    #expect(all.shares?.count == SplitRule.maxSharers)
  }
}
