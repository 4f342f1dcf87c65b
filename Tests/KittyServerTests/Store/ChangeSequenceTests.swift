import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Every change in a group gets a sequence number; rows from before the migration have one too.
@Suite struct ChangeSequenceTests {
  /// Generated from the route table: a new route that writes in a group fails here until it has a request.
  @Test(arguments: Backend.available) func everyWritingRouteIncreasesTheSequence(backend: Backend)
    async throws
  {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await GroupFixture.run(on: backend) { books in
      let file = try await books.send("GET", "/export").text
      let empty = try await books.send("POST", "/v1/groups", #"{"name": "Empty", "currency": "EUR"}"#)
      let other = try empty.decode(Group.self).id
      let (expense, payment, dora) = (ID(at: .now), ID(at: .now), ID(at: .now))
      let (anna, category, round) = (books.anna, ID(at: .now), ID(at: .now))
      let eve = try await books.server.signUp("eve")
      let invite = try await books.server.invite(books.group.id, books.token)
      let eves = try await books.server.accept(invite.code, eve).decode(Group.self).me
      let (rule, waiting) = (ID(at: .now), ID(at: .now))
      func recurring(_ id: ID) -> String {
        #"{"id": "\#(id)", "template": {"payment": {"from": "\#(anna)", "to": "kitty", "amount": 5}}, "every": {"n": 1, "unit": "day"}, "from": "2026-01-01", "times": 2, "mode": "propose"}"#
      }
      #expect(try await books.send("POST", "/recurring", recurring(waiting)).status == 201)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let undone = try #require(try await books.importFile(ImportSamples.file(number: 1)).id)
      let writes: [Write] = [
        Write(Endpoints.undoImport.route, "/imports/\(undone)"),
        Write(Endpoints.handOver.route, "/owner", #"{"member": "\#(eves)"}"#),
        Write(Endpoints.handOver.route, "/owner", #"{"member": "\#(anna)"}"#, token: eve),
        Write(Endpoints.leaveGroup.route, "/leave", token: eve),
        Write(Endpoints.addMember.route, "/members", #"{"id": "\#(dora)", "name": "Dora"}"#),
        Write(Endpoints.changeMember.route, "/members/\(dora)", #"{"weight": 2}"#),
        Write(Endpoints.removeMember.route, "/members/\(dora)"),
        Write(Endpoints.addCategory.route, "/categories", #"{"id": "\#(category)", "name": "Pets"}"#),
        Write(Endpoints.addStandardCategories.route, "/categories/standard"),
        Write(Endpoints.changeCategory.route, "/categories/\(category)", #"{"name": "Cats"}"#),
        Write(Endpoints.removeCategory.route, "/categories/\(category)"),
        Write(Endpoints.makeRecurring.route, "/recurring", recurring(rule)),
        Write(Endpoints.changeRecurring.route, "/recurring/\(rule)", #"{"times": 3}"#),
        Write(Endpoints.removeRecurring.route, "/recurring/\(rule)"),
        Write(Endpoints.skipOccurrence.route, "/recurring/\(waiting)/occurrences/1/skip"),
        Write(
          Endpoints.createExpense.route, "/expenses",
          #"{"id": "\#(expense)", "description": "x", "amount": 300, "payer": "\#(anna)"}"#),
        Write(Endpoints.changeExpense.route, "/expenses/\(expense)", #"{"amount": 400}"#),
        Write(Endpoints.createComment.route, "/entries/1/comments", #"{"text": "x"}"#),
        Write(Endpoints.setReceipt.route, "/entries/1/receipts/1"),
        Write(Endpoints.removeReceipt.route, "/entries/1/receipts/1"),
        Write(Endpoints.deleteExpense.route, "/expenses/\(expense)"),
        Write(Endpoints.restoreEntry.route, "/entries/1/restore"),
        Write(Endpoints.deleteEntry.route, "/entries/1"),
        Write(
          Endpoints.createPayment.route, "/payments",
          #"{"id": "\#(payment)", "from": "\#(anna)", "to": "kitty", "amount": 300}"#),
        Write(Endpoints.createRound.route, "/settlements", #"{"id": "\#(round)"}"#),
        Write(Endpoints.bookPayment.route, "/settlements/\(round)/payments/1"),
        Write(Endpoints.endRound.route, "/settlements/\(round)"),
        Write(Endpoints.changePayment.route, "/payments/\(payment)", #"{"amount": 400}"#),
        Write(Endpoints.deletePayment.route, "/payments/\(payment)"),
        Write(Endpoints.confirmOccurrence.route, "/recurring/\(waiting)/occurrences/0/confirm"),
        Write(Endpoints.createCount.route, "/kitty/counts", #"{"counted": 100}"#),
        Write(
          Endpoints.setTargets.route, "/kitty/targets",
          #"{"targets": [{"member": "\#(anna)", "amount": "50"}]}"#),
        Write(Endpoints.importFile.route, "/imports"),
        Write(Endpoints.setGroupPhoto.route, "/photo"),
        Write(Endpoints.removeGroupPhoto.route, "/photo"),
        Write(Endpoints.changeGroup.route, "", #"{"name": "x"}"#),
        Write(Endpoints.deleteGroup.route, "?force=true"),
        Write(Endpoints.restoreGroup.route, "/restore"),
        Write(Endpoints.importGroup.route, "/v1/groups/\(other)/import", file),
      ]
      func sequence() async throws -> Int64 {
        let rows = try await books.server.dependencies.database.read(
          "select cast(sum(sequence) as bigint) from groups")
        return try rows[0].decode(Int64.self)
      }
      for write in writes {
        let before = try await sequence()
        let answer =
          write.route.body == .bytes
          ? try await books.server.send(
            write.route.method.rawValue, "/v1/groups/\(books.group.id)\(write.path)", token: books.token,
            body: .bytes(
              write.route == Endpoints.importFile.route
                ? Array(ImportSamples.file(number: 2).utf8) : jpeg))
          : try await books.send(
            write.route.method.rawValue, write.path, write.json, headers: [("If-Match", "*")],
            token: write.token)
        #expect(answer.status == write.route.success, "\(write.route): \(answer.text)")
        let after = try await sequence()
        #expect(after > before, "\(write.route)")
      }
      let all = Endpoints.all.filter {
        guard case .member = $0.access else { return false }
        // An invite changes nothing in the group until it is accepted.
        return $0.method != .get && !$0.path.contains("/invites")
      }
      #expect(Set(writes.map(\.route)) == Set(all))
    }
  }

  /// A request that changes something.
  private struct Write {
    let route: Route
    let path: String
    let json: String?
    let token: String?

    init(_ route: Route, _ path: String, _ json: String? = nil, token: String? = nil) {
      self.route = route
      self.path = path
      self.json = json
      self.token = token
    }
  }

  /// A trigger of the database assigns the numbers, also for statements from outside of the program.
  @Test(arguments: Backend.available) func changedMemberIsInTheChangeList(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let database = books.server.dependencies.database
      let group = books.group.id
      let start = try await books.get(Group.self, "").sequence
      try await database.transact([
        "update accounts set weight = 7 where group_id = \(group) and kind = 'member' and id <> \(books.anna)"
      ])
      let page = try await books.get(Page<Member>.self, "/members?since=\(start)")
      #expect(Set(page.items.map(\.name)) == ["Bob", "Carl"] && page.sequence == start + 2)
      let rows = try await database.read("select sequence from accounts where group_id = \(group)")
      let numbers = try rows.map { try $0.decode(Int64.self) }
      #expect(Set(numbers).count == numbers.count)
    }
  }

  /// Runs `act` after the first of the statements of one read: each statement sees what was committed before it.
  private struct InterleavingDatabase: Database {
    let database: any Database
    var skippingLocked: SQL { database.skippingLocked }
    var isOverloaded: Bool { database.isOverloaded }
    let act: @Sendable () async throws -> Void

    func read(_ statements: [SQL]) async throws -> [[Row]] {
      let first = try await database.read(Array(statements.prefix(1)))
      try await act()
      return first + (try await database.read(Array(statements.dropFirst())))
    }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  @Test(arguments: Backend.available) func writeDuringListIsInTheNextChanges(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (database, group) = (books.server.dependencies.database, books.group.id)
      let interleaving = InterleavingDatabase(database: database) {
        _ = try await books.enter(
          "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
        let member = try await books.send("POST", "/members", #"{"name": "\#(ID(at: .now))"}"#)
        #expect(member.status == 201)
      }
      let (entries, members) = (EntryStore(database: database), MemberStore(database: database))
      let listed = try await EntryStore(database: interleaving).list(
        in: group, EntryFilter(), limit: 50, before: nil
      ).page
      var then = try await entries.changes(in: group, [], since: listed.sequence, limit: 50)
      #expect(then.items.map(\.item.number) == [1])
      let changed = try await EntryStore(database: interleaving).changes(
        in: group, [], since: then.sequence, limit: 50)
      then = try await entries.changes(in: group, [], since: changed.sequence, limit: 50)
      #expect(then.items.map(\.item.number) == [2])
      let people = try await MemberStore(database: interleaving).list(
        in: group, removed: false, limit: 50, after: nil)
      var came = try await members.changes(in: group, since: people.sequence, limit: 50)
      #expect(came.items.count == 1)
      let moved = try await MemberStore(database: interleaving).changes(
        in: group, since: came.sequence, limit: 50)
      came = try await members.changes(in: group, since: moved.sequence, limit: 50)
      #expect(came.items.count == 1)
    }
  }

  @Test(arguments: Backend.available) func checkFindsWrongSequence(backend: Backend) async throws {
    try await TestServer.run(on: backend) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": 3, "payer": "\#(books.anna)"}"#)
      let audit = Audit(database: server.dependencies.database, photos: server.dependencies.photos)
      #expect(try await audit.findings() == [])
      try await server.dependencies.database.transact(["update groups set sequence = 1"])
      #expect(try await audit.findings().contains { $0.contains("the change sequence is at 1") })
    }
  }

  @Test(arguments: Backend.available) func migratedRowsHaveSequenceNumbers(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let older = Migration.all.filter { $0.version < Migration.changeSequence.version }
    let database = try location.openDatabase()
    _ = try await database.migrate(older)
    let (group, anna) = (ID(at: .now), ID(at: .now))
    try await database.transact([
      "insert into groups (id, name, currency, created_at, last_number) values (\(group), 'x', 'EUR', 0, 9)",
      """
      insert into accounts (group_id, id, kind, name, name_key, role, created_at) values
        (\(group), \(group), 'kitty', 'Kitty', 'kitty', 'kitty', 0),
        (\(group), \(anna), 'member', 'Anna', 'anna', 'guest', 0)
      """,
    ])
    for number in [7, 9] {
      let id = ID(at: .now)
      try await database.transact([
        """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at)
        values (\(group), \(id), \(number), 'count', 'x', 0, 'EUR', '2026-01-01', \(anna), 0, 0)
        """,
        """
        insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
        values (\(group), \(id), 1, 'created', \(anna), 0, 0, '{}')
        """,
      ])
    }
    #expect(try await database.migrate(Migration.all).contains(Migration.changeSequence.version))
    func numbers(_ statement: SQL) async throws -> [Int64] {
      try await database.read(statement).map { try $0.decode(Int64.self) }
    }
    #expect(try await numbers("select sequence from entries order by number") == [7, 9])
    #expect(try await numbers("select sequence from accounts order by sequence") == [1, 2])
    #expect(try await numbers("select sequence from groups") == [11])
    await database.close()
  }
}
