import KittyShared
import Testing

@testable import KittyServer

/// Queries of lists and checks of triggers use indexes, whatever the size of the tables.
@Suite struct QueryPlanTests {
  /// Forwards statements and records those that read.
  private actor RecordingDatabase: Database {
    let database: any Database
    nonisolated var skippingLocked: SQL { database.skippingLocked }
    nonisolated var isOverloaded: Bool { database.isOverloaded }
    private(set) var statements: [SQL] = []

    init(_ database: any Database) { self.database = database }
    func read(_ statements: [SQL]) async throws -> [[Row]] {
      self.statements += statements
      return try await database.read(statements)
    }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  /// The tables that grow with use.
  private static let growing = [
    "entries", "postings", "revisions", "comments", "sessions", "idempotency_keys", "users",
    "password_resets", "invites", "tokens",
  ]

  /// Every statement that a read request sends.
  private func statements(_ database: any Database, _ group: Group, user: ID) async throws -> [SQL] {
    let recorder = RecordingDatabase(database)
    let entries = EntryStore(database: recorder)
    let balances = BalanceStore(database: recorder)
    let id = group.id
    var filter = EntryFilter(kinds: [.expense], account: group.me, from: .first, to: .last)
    _ = try await entries.list(in: id, EntryFilter(), limit: 50, before: nil)
    _ = try await entries.list(in: id, filter, limit: 50, before: (.last, 7))
    filter.deleted = true
    _ = try await entries.list(in: id, filter, limit: 50, before: nil)
    _ = try await entries.changes(in: id, [], since: 1, limit: 50)
    _ = try await entries.changes(in: id, [.payment], since: 0, limit: 50)
    let first = try await entries.find(.number(1), in: id)
    if let entry = first?.id {
      _ = try await entries.find(.id(entry), in: id)
      _ = try await entries.revisions(of: entry, in: id, after: 1, limit: 50)
      _ = try await entries.comments(on: entry, in: id, limit: 50, after: nil)
    }
    _ = try await balances.balances(in: id, currency: group.currency)
    _ = try await balances.balances(in: id, currency: group.currency, at: .last)
    _ = try await balances.balances(of: user, limit: 50, after: (id, group.currency))
    _ = try await balances.nets(in: id)
    _ = try await balances.debts(in: id)
    _ = try await balances.kitty(in: id, limit: 50)
    _ = try await balances.statement(
      of: group.me, in: id, currency: group.currency, from: nil, to: nil, limit: 50, after: nil)
    let exports = GroupExportStore(database: recorder)
    let head = try await exports.head(of: id, withRange: true)
    _ = try await exports.entries(of: id, upTo: head.moment, after: 0)
    _ = try await GroupStore(database: recorder).list(for: user, .inUse, limit: 50, before: nil)
    let (sessions, tokens) = (SessionStore(database: recorder), TokenStore(database: recorder))
    for secret in ["kitty_x", "kittypat_x"] {
      _ = try await sessions.find(BearerToken(secret), in: id, at: .now)
    }
    _ = try await sessions.list(of: user, current: id, at: .now, limit: 50, before: nil)
    _ = try await tokens.list(of: user, limit: 50, before: nil)
    _ = try await tokens.find(id, of: user)
    _ = try await SecondFactorStore(database: recorder).find(of: user)
    _ = try await GroupStore(database: recorder).list(for: user, .inUse, only: id, limit: 50, before: nil)
    _ = try await balances.balances(of: user, only: id, limit: 50)
    _ = try await IdempotencyStore(database: recorder).find("x", of: user)
    let users = UserStore(database: recorder)
    _ = try await users.find(name: "anna")
    _ = try await users.find(id: user)
    _ = try await users.list(after: "anna", limit: 50)
    _ = try await users.ownedGroupsWithOthers(user)
    let resets = PasswordResetStore(database: recorder)
    try await resets.enqueueMails(to: "anna@example.org", limit: 3, at: .now, WriteContext())
    _ = try await resets.recipient(user, limit: 3, at: .now)
    let confirmations = EmailConfirmationStore(database: recorder)
    _ = try await confirmations.recipient(user)
    _ = try await confirmations.counts(user: user, emailHash: "x", at: .now)
    _ = try await resets.user(tokenHash: "x", at: .now)
    _ = try await DeviceTokenStore(database: recorder).isKnown(tokenHash: "x", of: "anna", at: .now)
    _ = try await GroupStore(database: recorder).overview(after: id, limit: 50)
    let invites = InviteStore(database: recorder)
    _ = try await invites.list(in: id, at: .now, limit: 50, after: nil)
    _ = try await invites.find(id, in: id)
    _ = try await invites.details(of: InviteKey(group: id), for: user)
    _ = try await invites.state(InviteKey(group: id), at: .now)
    return await recorder.statements
  }

  /// Copies one entry into many groups, so that the planner does not choose a plan for small tables.
  private func fill(_ database: any Database, like group: Group, user: ID) async throws {
    for number in 0..<40 {
      let id = ID(at: Instant(milliseconds: Int64(number)))
      var rows: (entries: [SQL], revisions: [SQL], postings: [SQL], comments: [SQL]) = ([], [], [], [])
      var others: (sessions: [SQL], tokens: [SQL], keys: [SQL], balances: [SQL], invites: [SQL]) =
        ([], [], [], [], [])
      var users: (users: [SQL], resets: [SQL]) = ([], [])
      for entry in 1...250 {
        let own = ID(at: .now)
        rows.postings.append("(\(id), \(own), 1, 0, \(group.me), 'sent', 'EUR', 5)")
        rows.postings.append("(\(id), \(own), 1, 1, \(id), 'received', 'EUR', -5)")
        rows.revisions.append("(\(id), \(own), 1, 'created', \(group.me), 0, 2, '{}')")
        rows.comments.append("(\(id), \(own), \(own), 'x', \(group.me), 0)")
        others.sessions.append("(\(own), \(own.description), \(user), 0, \(Int64.max))")
        others.tokens.append("(\(own), \(own.description), \(user), 'x', 'read', 0)")
        others.keys.append("(\(user), \(own.description), 'x', \(own), 0)")
        others.invites.append(
          "(\(id), \(own), \(own.description), 'member', 1, \(group.me), 0, \(Int64.max))")
        others.balances.append("(\(id), \(group.me), \("C\(entry)"), 1, 0, 0, 0)")
        users.users.append("(\(own), \(own.description), 'x', 'x', \(own.description), 0)")
        users.resets.append("(\(own.description), \(own), 0)")
        rows.entries.append(
          "(\(id), \(own), \(entry), \(entry % 100 == 0 ? "contribution" : "expense"), 'x', 5, 'EUR', '2026-01-01', \(group.me), 0, 0, \(entry))"
        )
      }
      try await database.transact([
        "insert into groups (id, name, currency, created_at) values (\(id), 'x', 'EUR', 0)",
        """
        insert into accounts (group_id, id, kind, name, name_key, role, created_at)
        values (\(id), \(group.me), 'member', 'x', 'x', 'guest', 0), (\(id), \(id), 'kitty', 'x', 'x', 'kitty', 0)
        """,
        """
        insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
        values \(list: rows.postings)
        """,
        """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at, sequence)
        values \(list: rows.entries)
        """,
        """
        insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
        values \(list: rows.revisions)
        """,
        "insert into comments (group_id, entry_id, id, text, created_by, created_at) values \(list: rows.comments)",
        "insert into users (id, name, display_name, password_hash, email, created_at) values \(list: users.users)",
        "insert into password_resets (token_hash, user_id, expires_at) values \(list: users.resets)",
        "insert into sessions (id, token_hash, user_id, created_at, expires_at) values \(list: others.sessions)",
        "insert into tokens (id, token_hash, user_id, name, scopes, created_at) values \(list: others.tokens)",
        "insert into idempotency_keys (user_id, key, fingerprint, made, created_at) values \(list: others.keys)",
        """
        insert into balances (group_id, account_id, currency, paid, share, sent, received)
        values \(list: others.balances)
        """,
        """
        insert into invites (group_id, id, secret, role, max_uses, created_by, created_at, expires_at)
        values \(list: others.invites)
        """,
      ])
    }
    // By name: otherwise PostgreSQL analyzes the tables of all other tests too.
    let tables = Self.growing + ["groups", "accounts", "balances"]
    try await database.transact(tables.map { SQL(stringLiteral: "analyze \($0)") })
  }

  @Test(arguments: Backend.available) func listsUseIndexes(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let made = try await server.send(
        "POST", "/v1/groups/\(group.id)/expenses", token: token,
        json: #"{"description": "x", "amount": 300, "payer": "\#(group.me)"}"#)
      #expect(made.status == 201)
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let database = server.dependencies.database
      try await fill(database, like: group, user: user)
      let statements = try await statements(database, group, user: user)
      #expect(statements.count > 25)
      for statement in statements {
        let explain: SQL =
          backend == .sqlite
          ? "explain query plan \(part: statement)" : "explain (costs off) \(part: statement)"
        let plan = try await database.read(explain).flatMap(\.columns).compactMap { column -> String? in
          guard case .text(let text) = column else { return nil }
          return text
        }
        for line in plan {
          let words = line.split(separator: " ").map(String.init)
          // SQLite: "SCAN e" without an index behind it; PostgreSQL: "->  Seq Scan on entries e".
          let scanned: String? =
            backend == .sqlite
            ? line.hasPrefix("SCAN ") && !line.contains(" USING ") ? words[1] : nil
            : line.contains("Seq Scan on ") ? words[(words.firstIndex(of: "on") ?? 0) + 1] : nil
          // Intermediate results of the statement itself may be scanned.
          let isOwn = plan.contains {
            $0 == "MATERIALIZE \(scanned ?? "")" || $0 == "CO-ROUTINE \(scanned ?? "")"
          }
          guard let scanned, !isOwn else { continue }
          let isOfATable = Self.growing.contains(scanned) || (backend == .sqlite && scanned.count == 1)
          #expect(!isOfATable, "\(line) in \(statement.text)")
        }
      }
    }
  }

  @Test(arguments: Backend.available) func listOfPaymentsUsesItsIndex(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let database = server.dependencies.database
      try await fill(database, like: group, user: user)
      let recorder = RecordingDatabase(database)
      let entries = EntryStore(database: recorder)
      let filter = EntryFilter(kinds: [.payment, .contribution])
      _ = try await entries.list(in: group.id, filter, limit: 50, before: nil)
      _ = try await entries.changes(in: group.id, [.contribution], since: 0, limit: 50)
      let lists = await recorder.statements.filter { $0.text.contains("e.kind in") }
      #expect(lists.count == 2)
      for (statement, index) in zip(lists, ["entries_others_by_date", "entries_others_by_sequence"]) {
        let explain: SQL =
          backend == .sqlite
          ? "explain query plan \(part: statement)" : "explain (costs off) \(part: statement)"
        let plan = try await database.read(explain).map { "\($0.columns)" }.joined(separator: "\n")
        #expect(plan.contains(index), "\(plan)")
      }
    }
  }

  /// The plan of a statement does not include the plans of its triggers, so this test counts sequential scans.
  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func triggersUseIndexes() async throws {
    try await TestServer.run(on: .postgres) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let database = server.dependencies.database
      try await fill(database, like: group, user: user)
      // With this number of rows one index lookup is cheaper than a sequential scan, and four are more expensive.
      let accounts: [SQL] = (0..<330).map {
        "(\(group.id), \(ID(at: .now)), 'member', 'x', \("x\($0)"), 'guest', 0)"
      }
      try await database.transact([
        """
        insert into accounts (group_id, id, kind, name, name_key, role, created_at) values \(list: accounts)
        """,
        "analyze accounts",
      ])
      var statements: [SQL] = []
      for _ in 0..<20 {
        let (id, payer) = (ID(at: .now), group.me)
        let lines: [SQL] = [
          (payer, "sent", 5), (group.id, "received", -5), (payer, "sent", 2), (group.id, "received", -2),
        ].enumerated().map { (line, posting) in
          let (account, kind, amount) = posting
          return "(\(group.id), \(id), 1, \(line), \(account), \(kind), 'EUR', \(amount))"
        }
        statements += [
          """
          insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
          values \(list: lines)
          """,
          """
          insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
          values (\(group.id), \(id), 1, 'created', \(payer), 0, 4, '{}')
          """,
        ]
      }
      // In one transaction, because the view counts per transaction.
      let count: SQL = """
        select relname, seq_scan from pg_stat_xact_user_tables where schemaname = current_schema()
        """
      let results = try await database.transact([count] + statements + [count])
      let (before, after) = (try Self.scans(results.first), try Self.scans(results.last))
      #expect(after.count > 10)
      for table in Self.growing + ["accounts", "groups"] {
        #expect(after[table] == before[table], "\(table) was scanned")
      }
    }
  }

  private static func scans(_ rows: [Row]?) throws -> [String: Int64] {
    Dictionary(uniqueKeysWithValues: try #require(rows).map { try $0.decode(String.self, Int64.self) })
  }
}
