import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Rules that the schema itself enforces.
@Suite struct SchemaRuleTests {
  private func posting(_ group: ID, _ entry: ID, _ line: Int, _ account: ID, _ amount: Int64) -> SQL {
    "(\(group), \(entry), 1, \(line), \(account), \(amount > 0 ? "paid" : "share"), 'EUR', \(amount))"
  }

  private func insert(_ rows: [SQL]) -> SQL {
    """
    insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
    values \(list: rows)
    """
  }

  private func entry(_ group: ID, _ id: ID, by account: ID) -> SQL {
    """
    insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at)
    values (\(group), \(id), 77, 'expense', 'x', 10, 'EUR', '2026-01-01', \(account), 0, 0)
    """
  }

  private func revision(_ group: ID, _ id: ID, by account: ID, lines: Int) -> SQL {
    """
    insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
    values (\(group), \(id), 1, 'created', \(account), 0, \(lines), '{}')
    """
  }

  @Test(arguments: Backend.available) func schemaRefusesPostingsThatDoNotSumToZero(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let (me, bob) = (group.me, members[1].id)
      let database = server.dependencies.database
      for amounts in [[10, -9], [10], [1, 1]] as [[Int64]] {
        let id = ID(at: .now)
        let rows = amounts.enumerated().map { posting(group.id, id, $0, $0 == 0 ? me : bob, $1) }
        await #expect(throws: DatabaseFailure.self) {
          try await database.transact([
            insert(rows), entry(group.id, id, by: me), revision(group.id, id, by: me, lines: rows.count),
          ])
        }
      }
      let id = ID(at: .now)
      let balanced = insert([posting(group.id, id, 0, me, 10), posting(group.id, id, 1, bob, -10)])
      let written = revision(group.id, id, by: me, lines: 2)
      // Postings without a revision, a revision without its postings, an entry without a revision.
      await #expect(throws: DatabaseFailure.brokenReference) { try await database.transact([balanced]) }
      await #expect(throws: DatabaseFailure.self) {
        try await database.transact([entry(group.id, id, by: me), written])
      }
      await #expect(throws: DatabaseFailure.brokenReference) {
        try await database.transact([entry(group.id, id, by: me)])
      }
      // All of them together are accepted.
      try await database.transact([balanced, entry(group.id, id, by: me), written])
      // No posting can be added later, and none can be changed.
      let late = insert([posting(group.id, id, 2, me, 5), posting(group.id, id, 3, bob, -5)])
      for statement in [
        late, "update postings set amount = 11 where entry_id = \(id)" as SQL,
        "delete from postings where entry_id = \(id)" as SQL,
        "update revisions set content = '' where entry_id = \(id)" as SQL,
        "delete from revisions where entry_id = \(id)" as SQL,
      ] {
        await #expect(throws: DatabaseFailure.self) { try await database.transact([statement]) }
      }
      let rows = try await database.read("select sum(amount), count(*) from postings where entry_id = \(id)")
      let (sum, count) = try rows[0].decode(Int64.self, Int64.self)
      #expect(sum == 0 && count == 2)
    }
  }

  /// A plan that reads all of a small table is kept while the table grows.
  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL"))
  func checksOfPostingsReadNoWholeTable() async throws {
    try await TestServer.run(on: .postgres) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let (me, bob) = (group.me, members[1].id)
      let database = server.dependencies.database
      try await database.transact(["analyze accounts", "analyze revisions", "analyze postings"])
      let id = ID(at: .now)
      let rows = try await database.transact([
        insert([posting(group.id, id, 0, me, 10), posting(group.id, id, 1, bob, -10)]),
        entry(group.id, id, by: me), revision(group.id, id, by: me, lines: 2),
        "select relname::text from pg_stat_xact_user_tables where seq_scan > 0",
      ])
      #expect(rows[3].map(\.columns) == [])
      let settings = try await database.read(
        """
        select proname::text from pg_proc where proname like 'refuse_%' and proconfig is not null
          and pronamespace = current_schema()::regnamespace
        """)
      #expect(settings.map(\.columns) == [], "a setting is changed at each call")
    }
  }
}
