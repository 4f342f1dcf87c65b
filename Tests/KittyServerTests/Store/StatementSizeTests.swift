import FoundationEssentials
import KittyShared
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
    let skippingLocked: SQL = ""
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

  @Test func statementForSQLiteHasNoNamedParameter() {
    let part: SQL = "(\(1), \("a"), \(nil as String?))"
    let statement: SQL = "insert into x values \(list: [part, part]) returning \(7)"
    #expect(statement.positionalText == "insert into x values (?, ?, ?), (?, ?, ?) returning ?")
    #expect(statement.text == "insert into x values ($1, $2, $3), ($4, $5, $6) returning $7")
    #expect(statement.values.count == 7)
  }

  @Test func largestEntryFitsIntoStatements() async throws {
    var random = Seeded(8)
    let members = (0..<1200).map { _ in random.id() }
    let id = random.id()
    let before = try content(payers: members[..<100], sharers: members[100..<600], of: members, id: id)
    let after = try content(payers: members[600..<700], sharers: members[700...], of: members, id: id)
    let database = RecordingDatabase()
    let store = EntryStore(database: database)
    let first = EntryRevision(creating: before, id: id, in: group, by: members[0], at: .now)
    #expect(first.newPostings.count == 600)
    await #expect(throws: Rejection.self) { try await store.insert(first, WriteContext()) }
    let entry = Entry(
      id: id, number: 1, content: before, createdBy: members[0], createdAt: .now, changedAt: .now,
      deletedAt: nil, commentCount: 0, version: 1)
    // Every account has a change: those that leave the entry, and those that join it.
    _ = try await store.revise(
      entry, EntryRevision(.changed, entry, to: after, in: group, by: members[0], at: .now), WriteContext())
    #expect((4800...Self.limit).contains(database.largest))
  }

  @Test func importFitsIntoStatements() async throws {
    var random = Seeded(9)
    let members = (0..<3000).map { _ in random.id() }
    let entries = try (1...80).map { number in
      let id = random.id()
      let content = try content(payers: members[..<100], sharers: members[100..<600], of: members, id: id)
      return GroupFile.FileEntry(
        id: id, number: Int64(number),
        revisions: [.init(action: .created, by: members[0], at: .now, content: content)],
        comments: (0..<200).map { _ in .init(id: random.id(), text: "x", by: members[0], at: .now) })
    }
    let file = GroupFile(
      name: "x", currency: eur, createdAt: .now, closedUntil: nil, ownEntriesOnly: nil, lastNumber: 80,
      owner: members[0],
      members: members.map { .init(id: $0, name: "\($0)", weight: 1, createdAt: .now, removedAt: nil) },
      targets: members.map { .init(member: $0, currency: eur, amount: 1) }, entries: entries)
    let database = RecordingDatabase()
    try await GroupImportStore(database: database).insert(
      file, into: group, owner: members[0], WriteContext()
    ) { try file.entries.forEach($0) }
    #expect((16_000...Self.limit).contains(database.largest))
  }

  /// An entry that no file and no statement could hold is refused, also where it names no participants.
  @Test func entryOfMoreMembersThanAStatementHoldsIsRefused() throws {
    var random = Seeded(10)
    let members = (0...Ledger.maxSharers).map { _ in random.id() }
    let rejection = #expect(throws: Rejection.self) {
      try content(payers: members[..<100], sharers: nil, of: members, id: random.id())
    }
    #expect(rejection?.errors?.map(\.code) == ["too_many"])
    let all = try content(
      payers: members[..<100], sharers: nil, of: Array(members.dropLast()), id: random.id())
    #expect(all.shares?.count == Ledger.maxSharers)
  }
}
