import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The work of an audit grows with the books, not with their square. The instructions of SQLite's virtual machine are
/// counted, as in `QueryGrowthTests`.
@Suite struct AuditGrowthTests {
  /// The instructions of each query of an audit of one group, with the number of its entries.
  private static func work(_ count: Int) async throws -> [String: Int] {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate(Migration.all)
      let user = ID(at: .now)
      try await QueryGrowthTests.insertUser(user, database)
      let books = try await QueryGrowthTests.Books(count, seed: 1, user: user, database)
      try await database.transact([
        """
        insert into settlements (group_id, id, created_by, created_at, kept, methods, sequence)
        values (\(books.group), \(books.group), \(books.members[0]), 0, '[]', '[]', 1)
        """,
        """
        insert into settlement_payments (group_id, settlement_id, number, from_id, to_id, currency, amount, entry_id)
        select group_id, group_id, row_number() over (order by id), id, \(books.members[0]), 'EUR', 1, id from accounts
        """,
      ])
      let recorder = QueryGrowthTests.Recorder(database)
      let store = AuditStore(database: recorder)
      let lost = try await store.lostRows()
      #expect(lost.roundsWithoutAccount.isEmpty && lost.postingsWithoutAccount.isEmpty)
      _ = try await (store.wrongNumbers(), store.gaps(), store.wrongBytes(), store.wrongBalances())
      #expect(try await AuditedSpending(store: store).wrong().isEmpty)
      #expect(try await AuditedTexts(store: store).findings().isEmpty)
      #expect(try await AuditedRevisions(store: store, imported: []).findings().isEmpty)
      var work: [String: Int] = [:]
      for statement in recorder.statements {
        // The pages of one query are added up.
        work[statement.text, default: 0] += try await database.steps(
          of: statement.text, statement.values.map(\.databaseValue))
      }
      await database.close()
      return work
    }
  }

  @Test func workOfAnAuditGrowsWithTheBooks() async throws {
    let (small, large) = (try await Self.work(500), try await Self.work(4000))
    #expect(small.count > 20 && small.keys == large.keys)
    for (statement, count) in large {
      #expect(
        count <= 8 * (small[statement] ?? 0) * 5 / 4 + 5000,
        "\(small[statement] ?? 0), \(count): \(statement)")
    }
  }
}
