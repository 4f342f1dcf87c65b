import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The migration to roles keeps all rows, and all keys, checks and triggers.
@Suite struct RolesMigrationTests {
  private static let older = Migration.all.filter { $0.version < Migration.rolesAndInvites.version }

  private let group = ID(at: .now)
  private let anna = ID(at: .now)
  private let bob = ID(at: .now)
  private let carl = ID(at: .now)
  private let entry = ID(at: .now)
  private let user = ID(at: .now)

  /// Rows as a server before roles wrote them: an owner, a guest, a former member; an entry, a target, a comment.
  private func fill(_ database: any Database) async throws {
    let names = [(anna, "Anna"), (bob, "Bob"), (carl, "Carl")]
    let content = try Ledger.content(
      for: NewExpense(description: "x", amount: .minorUnits(300), payer: .member(anna)), seed: entry,
      currency: Currency(code: "EUR")!,
      people: Participants(present: [(id: anna, weight: 1), (id: bob, weight: 1)]),
      today: Day("2026-01-01")!)
    let postings = content.postings(group: group, entry: entry)
    try await database.transact([
      "insert into users (id, name, display_name, password_hash, created_at) values (\(user), 'anna', 'Anna', 'x', 1)",
      "insert into groups (id, name, currency, created_at, last_number) values (\(group), 'Flat', 'EUR', 1, 1)",
      "insert into accounts (group_id, id, kind, name, name_key, role, created_at) values (\(group), \(group), 'kitty', 'Kitty', 'kitty', 'kitty', 1)",
    ])
    for (id, name) in names {
      try await database.transact([
        """
        insert into accounts (group_id, id, kind, name, name_key, user_id, role, weight, created_at, removed_at, version)
        values (\(group), \(id), 'member', \(name), \(name.lowercased()), \(id == anna ? user : nil),
          \(id == anna ? "owner" : "guest"), 7, 5, \(id == carl ? Instant(milliseconds: 9) : nil), 3)
        """
      ])
    }
    try await database.transact([
      """
      insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
      values \(list: EntryStore.rows(of: postings, group, entry, 1))
      """,
      BalanceStore.add(try BalanceChange.changes(from: [], to: postings), in: group),
      """
      insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at)
      values (\(group), \(entry), 1, 'expense', 'x', 300, 'EUR', '2026-01-01', \(anna), 1, 1)
      """,
      """
      insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
      values (\(group), \(entry), 1, 'created', \(anna), 1, \(postings.count), \(try content.stored()))
      """,
      "insert into targets (group_id, account_id, currency, amount) values (\(group), \(bob), 'EUR', 500)",
      "insert into comments (group_id, entry_id, id, text, created_by, created_at) values (\(group), \(entry), \(entry), 'x', \(anna), 1)",
    ])
  }

  private static let columns: SQL =
    "group_id, id, kind, name, name_key, user_id, role, weight, created_at, removed_at, version"
  private static let tables: [SQL] = [
    "select \(part: columns) from accounts order by id", "select * from revisions", "select * from entries",
    "select * from postings order by line", "select * from balances order by account_id",
    "select * from targets", "select * from comments",
  ]

  @Test(arguments: Backend.available) func rolesMigrationKeepsAllRows(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try FileManager.default.createDirectory(atPath: location.folder, withIntermediateDirectories: true)
    let database: any Database =
      if let url = location.databaseURL {
        PostgresDatabase(url: url)
      } else {
        try SQLiteDatabase(path: location.folder + "/kittycash.sqlite")
      }
    #expect(try await database.migrate(Self.older) == Self.older.map(\.version))
    try await fill(database)
    let before = try await database.read(Self.tables).map { $0.map(\.columns) }
    let schema = backend == .sqlite ? try await Self.schema(database) : []
    _ = try await database.migrate(Self.older + [.rolesAndInvites])
    #expect(try await database.read(Self.tables).map { $0.map(\.columns) } == before)
    if backend == .sqlite {
      // All triggers, indexes and tables are unchanged, except for the accounts.
      let after = Set(try await Self.schema(database))
      for line in schema where !line.hasPrefix("table accounts ") && !line.hasPrefix("table groups ") {
        #expect(after.contains(line), "\(line)")
      }
    }
    _ = try await database.migrate(Migration.all)
    try await expectGuarded(database)
    await database.close()
    try await TestServer.run(at: location) { (server) async throws in
      try await GroupFixture.expectClean(server)
      let found = try await MemberStore(database: server.dependencies.database).list(
        in: group, removed: true, limit: 9, after: nil
      ).items
      #expect(found.count == 3 && found.allSatisfy { $0.version == 3 && $0.weight == 7 })
      #expect(found.allSatisfy { $0.role == ($0.id == anna ? .owner : .guest) })
      let seen = try await GroupStore(database: server.dependencies.database).find(group, for: user)
      #expect(seen?.role == .owner && seen?.ownEntriesOnly == false)
      #expect(seen?.balances.map(\.amount) == [150])
    }
  }

  /// Checks that keys, checks and triggers still refuse invalid rows.
  private func expectGuarded(_ database: any Database) async throws {
    for wrong: SQL in [
      "delete from accounts where id = \(anna)", "delete from accounts where id = \(bob)",
      "insert into balances (group_id, account_id, currency, paid, share, sent, received) values (\(group), \(entry), 'EUR', 0, 0, 0, 0)",
      "insert into targets (group_id, account_id, currency, amount) values (\(group), \(entry), 'EUR', 1)",
      "insert into accounts (group_id, id, kind, name, name_key, role, created_at) values (\(entry), \(entry), 'member', 'x', 'x', 'guest', 1)",
      "insert into accounts (group_id, id, kind, name, name_key, role, created_at) values (\(group), \(entry), 'member', 'BOB', 'bob', 'guest', 1)",
      "insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at) values (\(group), \(entry), 'member', 'x', 'x', \(user), 'member', 1)",
      "insert into accounts (group_id, id, kind, name, name_key, role, created_at) values (\(group), \(entry), 'pet', 'x', 'x', 'guest', 1)",
      "update accounts set role = 'king' where id = \(anna)",
      "update postings set amount = amount + 1", "delete from postings", "delete from revisions",
      "update revisions set lines = 0",
      "insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount) values (\(group), \(entry), 1, 9, \(anna), 'paid', 'EUR', 1)",
    ] {
      await #expect(throws: DatabaseFailure.self, "\(wrong.text)") { try await database.transact([wrong]) }
    }
    // The new roles are allowed.
    try await database.transact([
      "update accounts set role = 'admin' where id = \(anna)",
      "update accounts set role = 'owner' where id = \(anna)",
    ])
  }

  /// The schema of the SQLite file.
  private static func schema(_ database: any Database) async throws -> [String] {
    let rows = try await database.read([
      "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_master",
      "select \"table\" from pragma_foreign_key_check", "select integrity_check from pragma_integrity_check",
    ])
    #expect(rows[1].isEmpty)
    let verdict = try rows[2].map { try $0.decode(String.self) }
    #expect(verdict == ["ok"])
    return try rows[0].map { try $0.decode(String.self) }
  }
}
