import Foundation
import GRDB
import KittyShared
import Testing

@testable import KittyServer

/// Findings of `kittycash-server check` in a damaged file. The triggers are dropped before the damage, as by a person
/// who writes to the file by hand.
@Suite struct AuditTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  /// Runs `body` with a group that has every kind of entry, and three versions of #1.
  private func run(_ body: (GroupFixture, TestServer.DataLocation) async throws -> Void) async throws {
    let location = try await TestServer.DataLocation(on: .sqlite)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let dinner = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "30", "payer": "\#(books.anna)"}"#)
      for amount in [60, 90] {
        let answer = try await books.send(
          "PATCH", "/expenses/\(dinner.id)", #"{"amount": "\#(amount)"}"#, headers: [("If-Match", "*")])
        #expect(answer.status == 200)
      }
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "50"}"#)
      _ = try await books.enter("/expenses", #"{"description": "y", "amount": "9", "payer": "kitty"}"#)
      _ = try await books.enter("/expenses", #"{"description": "z", "amount": "8", "payer": "kitty"}"#)
      #expect(try await books.send("DELETE", "/entries/4").status == 204)
      try await body(books, location)
    }
  }

  /// Drops all triggers and writes to the file.
  private func damage(_ location: TestServer.DataLocation, _ statements: [String]) throws {
    var configuration = GRDB.Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: location.folder + "/kittycash.sqlite", configuration: configuration)
    try queue.write { database in
      for name in try String.fetchAll(database, sql: "select name from sqlite_master where type = 'trigger'")
      {
        try database.execute(sql: "drop trigger \(name)")
      }
      for statement in statements { try database.execute(sql: statement) }
    }
    try queue.close()
  }

  private func findings(_ books: GroupFixture) async throws -> [String] {
    let dependencies = books.server.dependencies
    return try await Audit(database: dependencies.database, photos: dependencies.photos).findings()
  }

  private static let one = "(select id from entries where number = 1)"
  private static let three = "(select id from entries where number = 3)"

  @Test(arguments: [
    (["update entries set date = '2001-01-01' where number = 1"], ["entry #1 has another date"]),
    (
      [
        "update entries set amount = 1, currency = 'JPY', kind = 'payment', description = 'evil' where number = 1"
      ], ["entry #1 has another kind, description, amount, currency than"]
    ),
    (
      ["insert into entry_categories select group_id, id, id from entries where number = 1"],
      [
        "has a category that is lost or removed",
        "entry #1 is found by other categories than its latest version says",
      ]
    ),
    (
      ["update spending set amount = amount + 1 where entry_id = \(one)"],
      ["entry #1 is in the statistics with other amounts than its latest version says"]
    ),
    (["delete from spending where entry_id = \(one)"], ["is missing in the statistics"]),
    (["update entries set deleted_at = 5 where number = 1"], ["entry #1 has another deleted_at"]),
    (["update entries set deleted_at = null where number = 4"], ["entry #4 has another deleted_at"]),
    (
      ["update postings set amount = amount + 1 where entry_id = \(one) and revision = 1 and line = 0"],
      [
        "the postings of version 1 of entry #1 do not sum to zero",
        "version 1 of entry #1 do not match its content",
      ]
    ),
    (
      ["update revisions set lines = 99 where entry_id = \(one) and revision = 2"],
      ["version 2 of entry #1 had 99 postings, and has 4"]
    ),
    (
      ["delete from postings where entry_id = \(one) and revision = 1"],
      ["version 1 of entry #1 had 4 postings, and has 0"]
    ),
    // An unreadable revision does not hide another finding.
    (
      [
        "update revisions set content = '{' where entry_id = \(one) and revision = 3",
        "update postings set kind = 'paid', currency = '???' where entry_id = \(three)",
      ], ["the content of version 3 of entry #1 cannot be read", "the postings of version 1 of entry #3"]
    ),
    (
      ["delete from revisions where entry_id = \(one) and revision = 1"],
      ["postings of entry", "version 3, but 2"]
    ),
  ]) func damageOfRowsIsFound(statements: [String], words: [String]) async throws {
    try await run { books, location in
      #expect(try await findings(books) == [])
      try damage(location, statements)
      let findings = try await findings(books)
      for word in words {
        #expect(findings.contains { $0.contains(word) && $0.contains("\(books.group.id)") }, "\(findings)")
      }
    }
  }

  @Test(arguments: [
    (["delete from entries where number = 3"], "is lost, but 1 of its versions"),
    (
      [
        "delete from postings where entry_id = \(three)", "delete from revisions where entry_id = \(three)",
        "delete from entries where number = 3",
      ], "there is no entry #3"
    ),
    (
      ["update entries set number = 1000 where number = 2", "update groups set last_number = 1000"],
      "996 numbers"
    ),
    (
      ["delete from accounts where name = 'Carl'"], "which is lost"
    ),
    (["update postings set amount = amount * 2 where entry_id = \(three)"], "do not match its content"),
  ]) func lossOfRowsIsNotRepaired(statements: [String], word: String) async throws {
    try await run { books, location in
      let before = try await books.server.dependencies.database.read(
        "select * from balances order by 1, 2, 3")
      try damage(location, statements + ["update balances set paid = paid + 1 where share > 0"])
      let findings = try await findings(books)
      #expect(findings.contains { $0.contains(word) }, "\(findings)")
      let damaged = try await books.server.dependencies.database.read(
        "select * from balances order by 1, 2, 3")
      #expect(damaged.map(\.columns) != before.map(\.columns))
      let audit = Audit(
        database: books.server.dependencies.database, photos: books.server.dependencies.photos)
      let outcome = try await audit.repairBalances(WriteContext())
      #expect(outcome.repaired.isEmpty && !outcome.refused.isEmpty)
      let after = try await books.server.dependencies.database.read("select * from balances order by 1, 2, 3")
      #expect(after.map(\.columns) == damaged.map(\.columns))
    }
  }

  @Test func lostBalanceIsFoundAndRepaired() async throws {
    try await run { books, location in
      let dependencies = books.server.dependencies
      let before = try await books.nets()
      try damage(location, ["delete from balances where share > 0"])
      #expect(try await findings(books).contains { $0.contains("the postings say") })
      let audit = Audit(database: dependencies.database, photos: dependencies.photos)
      #expect(try await !audit.repairBalances(WriteContext()).repaired.isEmpty)
      #expect(try await findings(books) == [])
      #expect(try await books.nets() == before)
    }
  }

  @Test func wrongBytesOfAGroupAreFoundAndRepaired() async throws {
    try await run { books, location in
      let dependencies = books.server.dependencies
      _ = try await books.send("POST", "/entries/1/comments", #"{"text": "Merci für alles"}"#)
      #expect(try await findings(books) == [])
      let before = try await dependencies.database.read("select bytes from groups order by id")
      try damage(location, ["update groups set bytes = bytes + 7"])
      #expect(try await findings(books).contains { $0.contains("its quota counts") })
      let audit = Audit(database: dependencies.database, photos: dependencies.photos)
      #expect(try await !audit.repairBytes(WriteContext()).isEmpty)
      #expect(try await findings(books) == [])
      let after = try await dependencies.database.read("select bytes from groups order by id")
      #expect(after.map(\.columns) == before.map(\.columns))
    }
  }

  @Test func wrongStatisticsAreFoundAndRepaired() async throws {
    try await run { books, location in
      let before = try await books.send("GET", "/statistics?by=day,category").text
      try damage(
        location,
        [
          "delete from spending where entry_id = \(Self.one)",
          "update spending set amount = amount + 1 where entry_id = \(Self.three)",
          """
          insert into spending select group_id, month, category_id, 'USD', entry_id, date, kind, 0, tags, amount
          from spending
          """,
        ])
      #expect(try await findings(books).count >= 3)
      let dependencies = books.server.dependencies
      let audit = Audit(database: dependencies.database, photos: dependencies.photos)
      #expect(try await audit.repairSpending(WriteContext()) == [books.group.id])
      #expect(try await findings(books) == [])
      #expect(try await books.send("GET", "/statistics?by=day,category").text == before)
    }
  }

  /// Numbers that are missing in an imported file are no findings.
  @Test func missingNumbersOfImportAreNoFinding() async throws {
    try await run { books, _ in
      let text = try await books.send("GET", "/export").text
      var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      file.entries.remove(at: 1)
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "USD"}"#)
        .decode(Group.self)
      let json = String(decoding: try JSON.encode(file), as: UTF8.self)
      #expect(try await books.send("POST", "/v1/groups/\(other.id)/import", json).status == 200)
      #expect(try await findings(books) == [])
    }
  }

  @Test(arguments: Backend.available) func checkCommandPrintsFindings(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let variables = ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? ""]
    func check(_ arguments: String...) async throws -> (status: Int32, output: String) {
      try await runProgram(Self.program, ["check"] + arguments, variables)
    }
    // Without data, no data is created.
    let nothing = try await check()
    #expect(
      nothing.status == 1 && nothing.output.contains("There is no KittyCash data in"), "\(nothing.output)")
    if backend == .sqlite {
      #expect(!FileManager.default.fileExists(atPath: location.folder))
    } else {
      let database = PostgresDatabase(url: try #require(location.databaseURL))
      let tables = try await database.read(
        "select count(*) from information_schema.tables where table_schema = current_schema()")
      #expect(try tables[0].decode(Int.self) == 0)
      await database.close()
    }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "30", "payer": "\#(books.anna)"}"#)
      let clean = try await check()
      #expect(clean.status == 0 && clean.output.contains("nothing was found"), "\(clean.output)")
      try await server.dependencies.database.transact(["update balances set paid = paid + 5"])
      let found = try await check()
      #expect(found.status == 1 && found.output.contains("the postings say paid 30.00"), "\(found.output)")
      let repaired = try await check("--repair-balances")
      #expect(repaired.status == 1 && repaired.output.contains("repaired: group"), "\(repaired.output)")
      #expect(try await check().status == 0)
      // The end of an upgrade: quotas alone are set, and nothing else is looked at.
      try await server.dependencies.database.transact([
        "update groups set bytes = bytes + 7", "update balances set paid = paid + 5",
        "delete from entry_texts",
      ])
      let quotas = try await check("--repair-quotas")
      #expect(quotas.status == 0 && quotas.output.contains("repaired: group"), "\(quotas.output)")
      #expect(
        quotas.output.contains("repaired: the words of filters of group \(group.id)"), "\(quotas.output)")
      let right = try await check("--repair-quotas")
      #expect(right.status == 0 && right.output.contains("The quotas are right."), "\(right.output)")
      #expect(try await !check().output.contains("its quota counts"))
      #expect(try await check("--repair-balances").status == 1)
      // The schema of another program is not changed.
      try await server.dependencies.database.transact(["update schema_migrations set name = 'other'"])
      let other = try await check()
      #expect(other.status == 1 && other.output.contains("\"other\" as version 1"), "\(other.output)")
      try await server.dependencies.database.transact(["delete from schema_migrations"])
      #expect(try await check().output.contains("There is no KittyCash data"))
    }
  }

  @Test func olderSchemaIsRefused() async throws {
    try await run { books, _ in
      let migrations = Migration.all.map { ($0.version, $0.name) }
      #expect(throws: DatabaseNotReady.self) {
        try DatabaseNotReady.require(Array(migrations.dropLast()), of: Migration.all)
      }
      #expect(throws: Never.self) { try DatabaseNotReady.require(migrations, of: Migration.all) }
      #expect(throws: MigrationFailure.self) {
        try DatabaseNotReady.require(
          migrations.dropLast() + [(migrations.last?.0 ?? 0, "x")], of: Migration.all)
      }
      try await DatabaseNotReady.requireSchema(of: books.server.dependencies.database)
    }
  }

  @Test(arguments: Backend.available) func wrongBalancesAreFoundAndRepaired(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      try await books.fill(seed: 5, steps: 20)
      let before = try await server.balances(group.id, token)
      let database = server.dependencies.database
      let audit = Audit(database: database, photos: server.dependencies.photos)
      #expect(try await audit.findings() == [])
      try await database.transact([
        "update balances set paid = paid + 5 where account_id = \(books.anna) and currency = 'EUR'",
        "delete from balances where account_id = \(books.bob)",
        "update groups set last_number = 1 where id = \(group.id)",
        "insert into balances (group_id, account_id, currency, paid, share, sent, received) values (\(group.id), \(books.carl), 'XAF', 1, 0, 0, 0)",
        "update users set photo_hash = 'gone', photo_width = 1, photo_height = 1",
      ])
      let findings = try await audit.findings()
      for word in [
        "member \(books.anna)", "member \(books.bob)", "XAF", "the last number is 1", "its file is missing",
      ] {
        #expect(findings.contains { $0.contains(word) }, "\(word): \(findings)")
      }
      let repairs = try await audit.repairBalances(WriteContext())
      #expect(repairs.repaired.count >= 3 && repairs.refused.isEmpty)
      #expect(try await audit.wrongBalances().isEmpty)
      let after = try await server.balances(group.id, token)
      #expect(after.filter { $0.net != 0 } == before.filter { $0.net != 0 })
    }
  }
}
