import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// What the database itself refuses, and what it keeps when many write at once.
@Suite struct BooksTests {
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

  @Test(arguments: Backend.available) func theDatabaseRefusesPostingsThatDoNotSumToZero(backend: Backend)
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
      // Postings without a revision, a revision that has lost postings, an entry without a revision.
      await #expect(throws: DatabaseFailure.brokenReference) { try await database.transact([balanced]) }
      await #expect(throws: DatabaseFailure.self) {
        try await database.transact([entry(group.id, id, by: me), written])
      }
      await #expect(throws: DatabaseFailure.brokenReference) {
        try await database.transact([entry(group.id, id, by: me)])
      }
      // All of them together are taken.
      try await database.transact([balanced, entry(group.id, id, by: me), written])
      // Nothing joins it later, and nothing of it changes.
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

  // One database after the other: together they leave nothing of a small machine to the tests beside them.
  @Test(.serialized, arguments: Backend.available) func manyWritersLoseNothing(backend: Backend) async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)/expenses"
      let writers = 32, each = 63
      let created = try await withThrowingTaskGroup(of: [Entry].self) { tasks in
        for writer in 0..<writers {
          tasks.addTask {
            var mine: [Entry] = []
            for number in 0..<each {
              let payer = members[(writer + number) % members.count].id
              let json =
                #"{"description": "x", "amount": \#(writer * 100 + number + 1), "payer": "\#(payer)"}"#
              let answer = try await server.send("POST", path, token: token, json: json)
              #expect(answer.status == 201, "\(answer.text)")
              mine.append(try answer.decode(Entry.self))
              // Some are taken back meanwhile.
              if number % 3 == 0, let last = mine.last {
                #expect(try await server.send("DELETE", "\(path)/\(last.id)", token: token).status == 204)
                mine.removeLast()
              }
            }
            return mine
          }
        }
        return try await tasks.reduce(into: []) { $0 += $1 }
      }
      let balances = try await server.balances(group.id, token)
      #expect(balances.reduce(0) { $0 + $1.net } == 0)
      for member in members {
        let paid = created.filter { $0.payers?[0].account == .member(member.id) }.reduce(0) { $0 + $1.amount }
        let share = created.flatMap { $0.shares ?? [] }.filter { $0.member == member.id }.reduce(0) {
          $0 + $1.amount
        }
        #expect(balances.first { $0.member == member.id }.map { [$0.paid, $0.share] } == [paid, share])
      }
      let rows = try await server.dependencies.database.read(
        "select count(distinct number), max(number) from entries where group_id = \(group.id)")
      let (distinct, highest) = try rows[0].decode(Int.self, Int.self)
      #expect(distinct == writers * each && highest == writers * each)
      // Everything that was acknowledged is there as it was, and nothing else.
      var listed: [ID: EntryContent] = [:]
      var next: String? = ""
      while let cursor = next {
        let query = cursor.isEmpty ? "" : "&cursor=\(cursor)"
        let page = try await server.send("GET", "\(path)?limit=200\(query)", token: token)
          .decode(Page<Entry>.self)
        for entry in page.items { listed[entry.id] = entry.content }
        next = page.next
      }
      #expect(listed == Dictionary(uniqueKeysWithValues: created.map { ($0.id, $0.content) }))
      try await Books.expectClean(server)
    }
  }

  @Test(arguments: Backend.available) func aBatchHappensWholeOrNotAtAll(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      let database = server.dependencies.database
      await #expect(throws: DatabaseFailure.notUnique("users_name")) {
        try await database.transact([
          "update users set display_name = 'changed'",
          """
          insert into users (id, name, display_name, password_hash, created_at)
          values (\(ID(at: .now)), 'anna', 'x', 'x', 0)
          """,
        ])
      }
      let rows = try await database.read("select display_name from users")
      #expect(try rows[0].decode(String.self) == "anna")
    }
  }

  @Test(arguments: Backend.available) func valuesAreBoundNotPasted(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let hostile = "'; drop table users; --\u{1F600} $1 \\"
      let rows = try await server.dependencies.database.read(
        "select cast(\(hostile) as text), cast(\(nil as String?) as text), \(7 as Int64) + 0")
      let (text, nothing, seven) = try rows[0].decode(String.self, String?.self, Int64.self)
      #expect(text == hostile && nothing == nil && seven == 7)
    }
  }

  @Test(arguments: Backend.available) func migratingTwiceDoesNothingAndANewerSchemaIsRefused(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      #expect(try await server.dependencies.migrate() == [])
      let next = Migration.all.count + 1
      let broken = Migration(version: next, name: "broken") { _ in
        "create table fine (x integer); create table broken ("
      }
      await #expect(throws: (any Error).self) {
        try await server.dependencies.database.migrate(Migration.all + [broken])
      }
      // All of a migration or nothing.
      await #expect(throws: DatabaseFailure.self) {
        try await server.dependencies.database.read("select x from fine")
      }
      let later = Migration(version: next, name: "later") { _ in "create table later (x integer)" }
      #expect(try await server.dependencies.database.migrate(Migration.all + [later]) == [next])
      await #expect(throws: MigrationFailure.self) { try await server.dependencies.migrate() }
      // Another program's steps are told from ours.
      let other = Migration(version: 1, name: "other") { _ in "" }
      let failure = await #expect(throws: MigrationFailure.self) {
        try await server.dependencies.database.migrate([other, later])
      }
      #expect(failure?.description.contains("\"books\" as version 1") == true)
    }
  }

  @Test(arguments: Backend.available) func twoServersMigrateOneAfterTheOther(backend: Backend) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/kitty-migrate-\(ID(at: .now))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let url = try await backend.freshURL()
    let databases: [any Database] = try (0..<2).map { _ in
      if let url { return PostgresDatabase(url: url) }
      return try SQLiteDatabase(path: folder + "/x.sqlite")
    }
    async let first = databases[0].migrate(Migration.all)
    async let second = databases[1].migrate(Migration.all)
    let applied = try await [first, second]
    #expect(applied.flatMap { $0 } == Migration.all.map(\.version))
    for database in databases { await database.close() }
  }
}
