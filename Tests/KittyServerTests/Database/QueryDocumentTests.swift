import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The queries of docs/query.md on a database with known answers.
@Suite struct QueryDocumentTests {
  /// The queries by their titles, in the dialect of a database.
  private static func queries(for backend: Backend) throws -> [String: SQL] {
    let document = try Document("docs/query.md")
    let portable = try document.part(after: "\n## Queries\n", before: "\n## PostgreSQL itself\n").blocks([
      "sql"
    ])
    let own = try document.part(after: "\n## PostgreSQL itself\n", before: "\u{0}").blocks(["sql"])
    let blocks = backend == .postgres ? portable + own : portable
    return Dictionary(uniqueKeysWithValues: blocks.map { ($0.title, $0.text) }).mapValues { text in
      guard backend == .sqlite else { return SQL(stringLiteral: text) }
      return SQL(
        stringLiteral: text.replacing("extract(epoch from now())", with: "unixepoch()")
          .replacing("to_timestamp(", with: "datetime(").replacing(" / 1000)", with: " / 1000, 'unixepoch')"))
    }
  }

  /// A group and the queries about it.
  private struct QueryFixture {
    let books: GroupFixture
    let queries: [String: SQL]

    /// The rows that a query returns, each column as text.
    func rows(_ title: String) async throws -> [[String]] {
      let query = try #require(queries[title], "docs/query.md has no “\(title)”")
      let text = query.text.replacing("GROUP'", with: "\(books.group.id)'")
      return try await books.server.dependencies.database.read(SQL(stringLiteral: text)).map { row in
        row.columns.map { value in
          switch value {
          case .text(let text): text
          case .id(let id): id.description
          case .integer(let number): String(number)
          case .bool(let flag): String(flag)
          case .null: ""
          }
        }
      }
    }

    /// Writes without the checks of the program.
    func write(_ statements: SQL...) async throws {
      try await books.server.dependencies.database.transact(statements)
    }
  }

  private func run(on backend: Backend, _ body: (QueryFixture) async throws -> Void) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      try await body(QueryFixture(books: books, queries: try Self.queries(for: backend)))
    }
  }

  @Test(arguments: Backend.available) func everyQueryRuns(backend: Backend) async throws {
    #expect(try Self.queries(for: .postgres).count >= 25)
    try await run(on: backend) { fixture in
      for title in fixture.queries.keys { _ = try await fixture.rows(title) }
    }
  }

  @Test(arguments: Backend.available) func ledgerQueriesReturnKnownAnswers(backend: Backend) async throws {
    try await run(on: backend) { fixture in
      let books = fixture.books
      let day = #""date": "2025-03-15""#
      _ = try await books.enter(
        "/expenses", #"{"description": "Rent", "amount": "1500", "payer": "\#(books.anna)", \#(day)}"#)
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.bob)", "to": "kitty", "amount": "20", \#(day)}"#)
      _ = try await books.enter(
        "/expenses", #"{"description": "Old", "amount": "9", "payer": "\#(books.bob)"}"#)
      #expect(try await books.send("DELETE", "/entries/3").status == 204)

      let balances = [
        ["Anna", "member", "EUR", "100000"], ["kitty", "kitty", "EUR", "-2000"],
        ["Bob", "member", "EUR", "-48000"], ["Carl", "member", "EUR", "-50000"],
      ]
      let rows = try await fixture.rows("Balances of a group")
      #expect(rows.map { $0[1...] } == balances.map { $0[1...] }, "\(rows)")
      #expect(try await fixture.rows("Balances of the kitties") == [["Flat", "EUR", "2000"]])
      #expect(
        try await fixture.rows("Entries of a month, by kind and payer") == [
          ["contribution", "Bob", "EUR", "1", "2000"], ["expense", "anna", "EUR", "1", "150000"],
        ])
      #expect(
        try await fixture.rows("Large entries") == [
          ["Flat", "1", "2025-03-15", "expense", "Rent", "150000", "EUR"]
        ])
      #expect(try await fixture.rows("Largest debts") == [])
      let history = try await fixture.rows("History of an entry")
      #expect(history.map { Array($0[..<3]) } == [["1", "created", "anna"]])
      #expect(history[0][3].hasPrefix("20") && history[0][4].contains(#""Rent""#), "\(history)")
      let size = try await fixture.rows("Groups by size and activity")
      #expect(size.count == 1 && size[0][2...3] == ["3", "2"] && size[0][4].hasPrefix("20"), "\(size)")

      // Correct books return no rows here; incorrect ones do.
      let sums = ["Postings that do not add up to zero", "Running balances that differ from the postings"]
      for title in sums { #expect(try await fixture.rows(title) == [], "\(title)") }
      try await fixture.write("update balances set share = share + 7 where account_id = \(books.bob)")
      let wrong = try await fixture.rows(sums[1])
      #expect(wrong == [["\(books.group.id)", "\(books.bob)", "EUR", "-48007", "-48000"]])
      if backend == .postgres {
        try await fixture.write("drop trigger postings_immutable on postings")
      } else {
        try await fixture.write("drop trigger postings_immutable")
      }
      try await fixture.write(
        "update postings set amount = amount + 3 where account_id = \(books.carl) and revision = 1")
      #expect(try await fixture.rows(sums[0]).map { $0[2...] } == [["1", "EUR", "3"], ["1", "EUR", "3"]])
    }
  }

  @Test(arguments: Backend.available) func userAndGroupQueriesReturnKnownAnswers(backend: Backend)
    async throws
  {
    try await run(on: backend) { fixture in
      let (books, server) = (fixture.books, fixture.books.server)
      let bob = try await server.signUp("bob")
      #expect(try await fixture.rows("Users without a group").map { $0[0] } == ["bob"])
      #expect(try await fixture.rows("Users with a second factor") == [["2", "0"]])
      let invite = try await books.send("POST", "/invites", #"{"role": "viewer"}"#).decode(Invite.self)
      #expect(
        try await fixture.rows("Open invites").map { $0[..<5] } == [["Flat", "viewer", "anna", "0", "1"]])
      #expect(
        try await server.send("POST", "/v1/invites/accept", token: bob, json: #"{"code": "\#(invite.code)"}"#)
          .status == 200)
      #expect(try await fixture.rows("Open invites") == [])
      #expect(try await fixture.rows("Users without a group") == [])
      _ = try await books.enter(
        "/expenses", #"{"description": "Rent", "amount": "80", "payer": "\#(books.anna)"}"#)
      #expect(try await fixture.rows("Largest debts") == [["bob", "EUR", "-2000"]])

      let used = Instant(milliseconds: 1_000_000_000_000)
      try await fixture.write(
        "update sessions set used_at = \(used), expires_at = \(used) where user_id in (select id from users where name = 'bob')"
      )
      let uses = try await fixture.rows("Users by last use")
      #expect(uses.map { $0[0] } == ["anna", "bob"] && uses[1][2].hasPrefix("2001-09-09"), "\(uses)")
      let ended = try await fixture.rows("Expired sessions")
      #expect(ended[0][0] == "1" && ended[0][1].hasPrefix("2001-09-09"), "\(ended)")

      #expect(try await fixture.rows("Groups without an owner") == [])
      let (lost, _) = try await server.makeGroup(books.token, guests: [])
      for title in ["Archived groups", "Deleted groups and the time of their removal"] {
        #expect(try await fixture.rows(title) == [], "\(title)")
      }
      try await fixture.write(
        "update accounts set removed_at = 1 where group_id = \(lost.id) and role = 'owner'",
        "update groups set archived_at = 2000000000 where id = \(lost.id)")
      #expect(try await fixture.rows("Groups without an owner") == [["Flat", "\(lost.id)"]])
      #expect(try await fixture.rows("Archived groups").map { $0[1] } == ["\(lost.id)"])
      try await fixture.write("update groups set deleted_at = 86400000 where id = \(lost.id)")
      let gone = try await fixture.rows("Deleted groups and the time of their removal")
      #expect(gone.map { $0[1] } == ["\(lost.id)"] && gone[0][2].hasPrefix("1970-02-01"), "\(gone)")
      #expect(try await fixture.rows("Groups without an owner") == [])
      let growth = try await fixture.rows("Growth per month")
      #expect(growth.count == 1 && growth[0][1...] == ["2", "2", "1"], "\(growth)")
    }
  }

  @Test(arguments: Backend.available) func photoJobAndTokenQueriesReturnKnownAnswers(backend: Backend)
    async throws
  {
    try await run(on: backend) { fixture in
      let books = fixture.books
      #expect(try await fixture.rows("Photos in use") == [])
      try await fixture.write("update groups set photo_hash = 'ab'", "update users set photo_hash = 'ab'")
      #expect(try await fixture.rows("Photos in use") == [["ab"]])
      let token = try await books.send(
        "POST", "/v1/me/tokens", #"{"name": "old", "scopes": ["read"]}"#
      ).decode(APIToken.self)
      #expect(try await fixture.rows("Tokens unused for 90 days") == [])
      try await fixture.write("update tokens set created_at = 1000000000000 where id = \(token.id)")
      #expect(
        try await fixture.rows("Tokens unused for 90 days").map { $0[..<3] } == [
          ["anna", "old", "read"]
        ])
      let answer = try await books.send(
        "POST", "/expenses", #"{"description": "x", "amount": "3", "payer": "\#(books.anna)"}"#,
        headers: [("Idempotency-Key", "k")])
      #expect(answer.status == 201)
      let keys = try await fixture.rows("Idempotency keys by day")
      #expect(keys.count == 1 && keys[0][0].count == 10 && keys[0][1] == "1", "\(keys)")
      let now = Instant(milliseconds: 1_000_000_000_000)
      for (kind, dead) in [("photo.remove", nil), ("photo.remove", nil), ("password.reset", now)]
        as [(String, Instant?)]
      {
        try await fixture.write(
          """
          insert into jobs (id, kind, payload, run_at, attempts, last_error, dead_at, created_at)
          values (\(ID(at: .now)), \(kind), 'x', \(now), 8, 'no mail', \(dead), \(now))
          """)
      }
      let waiting = try await fixture.rows("Waiting jobs")
      #expect(waiting.map { $0[..<2] } == [["photo.remove", "2"]] && waiting[0][2].hasPrefix("2001-09-09"))
      #expect(try await fixture.rows("Dead jobs").map { $0[1..<4] } == [["password.reset", "8", "no mail"]])
      #expect(try await fixture.rows("Live workers") == [])
      try await fixture.write(
        "insert into schedules (kind, next_at, done_at, result) values ('books.check', 0, \(now), 3), ('a', 0, null, null)",
        "insert into workers (name, host, process, started_at, beat_at) values ('h/1', 'h', 1, 0, \(now))")
      let regular = try await fixture.rows("Scheduled jobs and their last run")
      #expect(
        regular.map { $0[0] } == ["a", "books.check"] && regular.map { $0[2] } == ["", "3"], "\(regular)")
      #expect(regular[0][1] == "" && regular[1][1].hasPrefix("2001-09-09"), "\(regular)")
      let workers = try await fixture.rows("Live workers")
      #expect(workers.map { $0[0] } == ["h/1"] && workers[0][2].hasPrefix("2001-09-09"), "\(workers)")
      let schema = try await fixture.rows("Schema version")
      #expect(schema == Migration.all.map { ["\($0.version)", $0.name] })
    }
  }

  /// The output of the shell lines for two photos, of which one is in use.
  private func orphans(_ location: TestServer.DataLocation) async throws -> String {
    let block = try #require(try Document("docs/query.md").blocks().first?.text)
    let script = """
      set -euo pipefail; cd "$DATA_DIR"; mkdir photos/ab photos/cd; touch photos/ab/ab.large.jpg photos/cd/cd.large.jpg
      psql -q "$DATABASE_URL" -c "update groups set photo_hash = 'ab'"; \(block)
      """
    let variables = ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? ""]
    let outcome = try await runProgram("/bin/bash", ["-c", script], variables)
    try #require(outcome.status == 0, "\(outcome.output)")
    return outcome.output
  }

  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func postgresQueriesReturnKnownAnswers() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let fixture = QueryFixture(
        books: GroupFixture(server: server, token: token, group: group, members: members),
        queries: try Self.queries(for: .postgres))
      let tables = Set(try await fixture.rows("Sizes of tables").map { $0[0] })
      #expect(tables.isSuperset(of: ["users", "postings", "jobs"]), "\(tables)")
      let indexes = Set(try await fixture.rows("Sizes and use of indexes").map { $0[1] })
      #expect(indexes.isSuperset(of: ["users_name", "entries_by_date"]), "\(indexes)")
      #expect(try await !fixture.rows("Connections").isEmpty)
      #expect(try await orphans(location) == "cd\n")
      // Another transaction locks a row that a request waits for.
      _ = try await BlockingTransaction.run(
        on: server, at: location, "update users set display_name = 'x'",
        {
          try await server.send(
            "PATCH", "/v1/me", token: token, json: #"{"displayName": "y"}"#, headers: [("If-Match", "*")])
        },
        whileWaiting: {
          let waits = try await fixture.rows("Lock waits")
          #expect(waits.contains { $0[1].contains("users") && $0[4].contains("users") }, "\(waits)")
        })
    }
  }
}
