import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// What docs/query.md asks the database, asked of one in which the answers are known.
@Suite struct QueryDocumentTests {
  /// The questions by their titles, in the words of a database.
  private static func questions(for backend: Backend) throws -> [String: SQL] {
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

  /// A database about which is asked.
  private struct Desk {
    let books: GroupFixture
    let questions: [String: SQL]

    /// The rows that answer a question, each column as text.
    func ask(_ title: String) async throws -> [[String]] {
      let question = try #require(questions[title], "docs/query.md has no “\(title)”")
      let text = question.text.replacing("GROUP'", with: "\(books.group.id)'")
      return try await books.server.dependencies.database.read(SQL(stringLiteral: text)).map { row in
        row.columns.map { value in
          switch value {
          case .text(let text): text
          case .integer(let number): String(number)
          case .bool(let flag): String(flag)
          case .null: ""
          }
        }
      }
    }

    /// Writes past every rule of the program.
    func write(_ statements: SQL...) async throws {
      try await books.server.dependencies.database.transact(statements)
    }
  }

  private func run(on backend: Backend, _ body: (Desk) async throws -> Void) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      try await body(Desk(books: books, questions: try Self.questions(for: backend)))
    }
  }

  @Test(arguments: Backend.available) func everyQueryRuns(backend: Backend) async throws {
    #expect(try Self.questions(for: .postgres).count >= 25)
    try await run(on: backend) { desk in
      for title in desk.questions.keys { _ = try await desk.ask(title) }
    }
  }

  @Test(arguments: Backend.available) func ledgerQueriesReturnKnownAnswers(backend: Backend) async throws {
    try await run(on: backend) { desk in
      let books = desk.books
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
      let told = try await desk.ask("Balances of a group")
      #expect(told.map { $0[1...] } == balances.map { $0[1...] }, "\(told)")
      #expect(try await desk.ask("Balances of the kitties") == [["Flat", "EUR", "2000"]])
      #expect(
        try await desk.ask("Entries of a month, by kind and payer") == [
          ["contribution", "Bob", "EUR", "1", "2000"], ["expense", "anna", "EUR", "1", "150000"],
        ])
      #expect(
        try await desk.ask("Large entries") == [
          ["Flat", "1", "2025-03-15", "expense", "Rent", "150000", "EUR"]
        ])
      #expect(try await desk.ask("Largest debts") == [])
      let history = try await desk.ask("History of an entry")
      #expect(history.map { Array($0[..<3]) } == [["1", "created", "anna"]])
      #expect(history[0][3].hasPrefix("20") && history[0][4].contains(#""Rent""#), "\(history)")
      let size = try await desk.ask("Groups by size and activity")
      #expect(size.count == 1 && size[0][2...3] == ["3", "2"] && size[0][4].hasPrefix("20"), "\(size)")

      // Right books have no answer here; wrong ones have.
      let sums = ["Postings that do not add up to zero", "Running balances that differ from the postings"]
      for title in sums { #expect(try await desk.ask(title) == [], "\(title)") }
      try await desk.write("update balances set share = share + 7 where account_id = \(books.bob)")
      let wrong = try await desk.ask(sums[1])
      #expect(wrong == [["\(books.group.id)", "\(books.bob)", "EUR", "-48007", "-48000"]])
      if backend == .postgres {
        try await desk.write("drop trigger postings_immutable on postings")
      } else {
        try await desk.write("drop trigger postings_immutable")
      }
      try await desk.write(
        "update postings set amount = amount + 3 where account_id = \(books.carl) and revision = 1")
      #expect(try await desk.ask(sums[0]).map { $0[2...] } == [["1", "EUR", "3"], ["1", "EUR", "3"]])
    }
  }

  @Test(arguments: Backend.available) func userAndGroupQueriesReturnKnownAnswers(backend: Backend)
    async throws
  {
    try await run(on: backend) { desk in
      let (books, server) = (desk.books, desk.books.server)
      let bob = try await server.signUp("bob")
      #expect(try await desk.ask("Users without a group").map { $0[0] } == ["bob"])
      #expect(try await desk.ask("Users with a second factor") == [["2", "0"]])
      let invite = try await books.send("POST", "/invites", #"{"role": "viewer"}"#).decode(Invite.self)
      #expect(
        try await desk.ask("Open invites").map { $0[..<5] } == [["Flat", "viewer", "anna", "0", "1"]])
      #expect(
        try await server.send("POST", "/v1/invites/accept", token: bob, json: #"{"code": "\#(invite.code)"}"#)
          .status == 200)
      #expect(try await desk.ask("Open invites") == [])
      #expect(try await desk.ask("Users without a group") == [])
      _ = try await books.enter(
        "/expenses", #"{"description": "Rent", "amount": "80", "payer": "\#(books.anna)"}"#)
      #expect(try await desk.ask("Largest debts") == [["bob", "EUR", "-2000"]])

      let used = Instant(milliseconds: 1_000_000_000_000)
      try await desk.write(
        "update sessions set used_at = \(used), expires_at = \(used) where user_id in (select id from users where name = 'bob')"
      )
      let uses = try await desk.ask("Users by last use")
      #expect(uses.map { $0[0] } == ["anna", "bob"] && uses[1][2].hasPrefix("2001-09-09"), "\(uses)")
      let ended = try await desk.ask("Expired sessions")
      #expect(ended[0][0] == "1" && ended[0][1].hasPrefix("2001-09-09"), "\(ended)")

      #expect(try await desk.ask("Groups without an owner") == [])
      let (lost, _) = try await server.makeGroup(books.token, guests: [])
      for title in ["Archived groups", "Deleted groups and the time of their removal"] {
        #expect(try await desk.ask(title) == [], "\(title)")
      }
      try await desk.write(
        "update accounts set removed_at = 1 where group_id = \(lost.id) and role = 'owner'",
        "update groups set archived_at = 2000000000 where id = \(lost.id)")
      #expect(try await desk.ask("Groups without an owner") == [["Flat", "\(lost.id)"]])
      #expect(try await desk.ask("Archived groups").map { $0[1] } == ["\(lost.id)"])
      try await desk.write("update groups set deleted_at = 86400000 where id = \(lost.id)")
      let gone = try await desk.ask("Deleted groups and the time of their removal")
      #expect(gone.map { $0[1] } == ["\(lost.id)"] && gone[0][2].hasPrefix("1970-02-01"), "\(gone)")
      #expect(try await desk.ask("Groups without an owner") == [])
      let growth = try await desk.ask("Growth per month")
      #expect(growth.count == 1 && growth[0][1...] == ["2", "2", "1"], "\(growth)")
    }
  }

  @Test(arguments: Backend.available) func photoJobAndTokenQueriesReturnKnownAnswers(backend: Backend)
    async throws
  {
    try await run(on: backend) { desk in
      let books = desk.books
      #expect(try await desk.ask("Photos in use") == [])
      try await desk.write("update groups set photo_hash = 'ab'", "update users set photo_hash = 'ab'")
      #expect(try await desk.ask("Photos in use") == [["ab"]])
      let token = try await books.send(
        "POST", "/v1/me/tokens", #"{"name": "old", "scopes": ["read"]}"#
      ).decode(APIToken.self)
      #expect(try await desk.ask("Tokens unused for 90 days") == [])
      try await desk.write("update tokens set created_at = 1000000000000 where id = \(token.id)")
      #expect(
        try await desk.ask("Tokens unused for 90 days").map { $0[..<3] } == [
          ["anna", "old", "read"]
        ])
      let answer = try await books.send(
        "POST", "/expenses", #"{"description": "x", "amount": "3", "payer": "\#(books.anna)"}"#,
        headers: [("Idempotency-Key", "k")])
      #expect(answer.status == 201)
      let keys = try await desk.ask("Idempotency keys by day")
      #expect(keys.count == 1 && keys[0][0].count == 10 && keys[0][1] == "1", "\(keys)")
      let now = Instant(milliseconds: 1_000_000_000_000)
      for (kind, dead) in [("photo.remove", nil), ("photo.remove", nil), ("password.reset", now)]
        as [(String, Instant?)]
      {
        try await desk.write(
          """
          insert into jobs (id, kind, payload, run_at, attempts, last_error, dead_at, created_at)
          values (\(ID(at: .now)), \(kind), 'x', \(now), 8, 'no mail', \(dead), \(now))
          """)
      }
      let waiting = try await desk.ask("Waiting jobs")
      #expect(waiting.map { $0[..<2] } == [["photo.remove", "2"]] && waiting[0][2].hasPrefix("2001-09-09"))
      #expect(try await desk.ask("Dead jobs").map { $0[1..<4] } == [["password.reset", "8", "no mail"]])
      #expect(try await desk.ask("Live workers") == [])
      try await desk.write(
        "insert into schedules (kind, next_at, done_at, result) values ('books.check', 0, \(now), 3), ('a', 0, null, null)",
        "insert into workers (name, host, process, started_at, beat_at) values ('h/1', 'h', 1, 0, \(now))")
      let regular = try await desk.ask("Scheduled jobs and their last run")
      #expect(
        regular.map { $0[0] } == ["a", "books.check"] && regular.map { $0[2] } == ["", "3"], "\(regular)")
      #expect(regular[0][1] == "" && regular[1][1].hasPrefix("2001-09-09"), "\(regular)")
      let workers = try await desk.ask("Live workers")
      #expect(workers.map { $0[0] } == ["h/1"] && workers[0][2].hasPrefix("2001-09-09"), "\(workers)")
      let schema = try await desk.ask("Schema version")
      #expect(schema == Migration.all.map { ["\($0.version)", $0.name] })
    }
  }

  /// What the lines for a shell print of two photos, of which one is shown.
  private func orphans(_ place: TestServer.DataLocation) async throws -> String {
    let block = try #require(try Document("docs/query.md").blocks().first?.text)
    let script = """
      set -euo pipefail; cd "$DATA_DIR"; mkdir photos/ab photos/cd; touch photos/ab/ab.large.jpg photos/cd/cd.large.jpg
      psql -q "$DATABASE_URL" -c "update groups set photo_hash = 'ab'"; \(block)
      """
    let variables = ["DATA_DIR": place.folder, "DATABASE_URL": place.databaseURL ?? ""]
    let outcome = try await runProgram("/bin/bash", ["-c", script], variables)
    try #require(outcome.status == 0, "\(outcome.output)")
    return outcome.output
  }

  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func postgresQueriesReturnKnownAnswers() async throws {
    let place = try await TestServer.DataLocation(on: .postgres)
    defer { place.remove() }
    try await TestServer.run(at: place) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let desk = Desk(
        books: GroupFixture(server: server, token: token, group: group, members: members),
        questions: try Self.questions(for: .postgres))
      let tables = Set(try await desk.ask("Sizes of tables").map { $0[0] })
      #expect(tables.isSuperset(of: ["users", "postings", "jobs"]), "\(tables)")
      let indexes = Set(try await desk.ask("Sizes and use of indexes").map { $0[1] })
      #expect(indexes.isSuperset(of: ["users_name", "entries_by_date"]), "\(indexes)")
      #expect(try await !desk.ask("Connections").isEmpty)
      #expect(try await orphans(place) == "cd\n")
      // Somebody holds a row that a request waits for.
      _ = try await BlockingTransaction.run(
        on: server, at: place, "update users set display_name = 'x'",
        {
          try await server.send(
            "PATCH", "/v1/me", token: token, json: #"{"displayName": "y"}"#, headers: [("If-Match", "*")])
        },
        whileWaiting: {
          let waits = try await desk.ask("Lock waits")
          #expect(waits.contains { $0[1].contains("users") && $0[4].contains("users") }, "\(waits)")
        })
    }
  }
}
