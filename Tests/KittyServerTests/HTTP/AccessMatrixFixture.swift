import Curl
import KittyShared
import Testing

@testable import KittyServer

extension AccessMatrixTests {
  /// A group with a user in each role, which is reset after every request that changed it.
  struct AccessMatrixFixture: Sendable {
    let roles: RoleFixture
    let file: String
    let expense: ID
    let payment: ID
    var entries: [Key: ID] = [:]
    var invites: [Member.Role: ID] = [:]
    /// A category that stays, and one for each role to remove.
    var category = ID.first
    var categories: [Member.Role: ID] = [:]
    /// A rule for recurring entries with two proposals.
    var rule = ID.first
    /// A settling round with one payment between the guests.
    let round = ID(at: .now)
    private let photo: Photo
    /// A receipt whose file is stored.
    private let receipt: Receipt
    private static let picture = HTTPRequest.Body.bytes(
      PNG.encode(16, 16) { x, y in (UInt8(x), UInt8(y), 9) })

    /// The cells that use an entry.
    struct Key: Hashable {
      let route: Route
      let role: Member.Role
      let subject: Subject
    }

    var server: TestServer { roles.server }

    func id(_ role: Member.Role) -> ID { roles.members[role] ?? .first }

    init(on server: TestServer) async throws {
      roles = try await RoleFixture(on: server)
      for path in ["/v1/me/photo", "/v1/groups/\(roles.group)/photo"] {
        let put = try await server.send("PUT", path, token: roles.tokens[.owner], body: Self.picture)
        try #require(put.status == 200, "\(put.text)")
      }
      photo = try #require(try await roles.send(.owner, "GET", "").decode(Group.self).photo)
      file = try await roles.send(.owner, "GET", "/export").text
      receipt = try await ReceiptSamples.store(in: server)
      (expense, payment) = (.first, .first)
    }

    private init(_ fixture: AccessMatrixFixture, expense: ID, payment: ID) {
      (roles, file, photo, receipt) = (fixture.roles, fixture.file, fixture.photo, fixture.receipt)
      (self.expense, self.payment) = (expense, payment)
    }

    /// Returns a fixture with the entries and invites that the cells of a state need, created while the group is
    /// open.
    func prepared(_ state: State, ownOnly: Bool) async throws -> AccessMatrixFixture {
      try await reset(.open, ownOnly: false)
      var fixture = AccessMatrixFixture(
        self, expense: try await enter(for: Endpoints.expense.route, by: .owner),
        payment: try await enter(for: Endpoints.payment.route, by: .owner))
      for (route, rule) in AccessMatrixTests.rules
      where rule.hasSubject && route != Endpoints.changeMember.route {
        for role in RoleFixture.withAccount {
          for subject in Subject.allCases {
            let author: Member.Role = subject == .own ? role : role == .owner ? .admin : .owner
            fixture.entries[.init(route: route, role: role, subject: subject)] =
              try await route.path.contains("recurring")
              ? makeRule(by: author) : enter(for: route, by: author)
          }
        }
      }
      for role in RoleFixture.withAccount {
        fixture.categories[role] = try await addCategory()
        fixture.invites[role] = try await server.invite(roles.group, roles.tokens[.owner] ?? "").id
      }
      fixture.category = try await addCategory()
      fixture.rule = try await makeRule(by: .owner, proposals: 2)
      try await fixture.reset(state, ownOnly: ownOnly)
      return fixture
    }

    /// Makes a rule for a payment between the guests directly in the store.
    private func makeRule(by author: Member.Role, proposals: Int64 = 0) async throws -> ID {
      let store = RecurringStore(database: server.dependencies.database)
      let (id, now) = (ID(at: .now), Instant.now)
      let payment = NewPayment(
        from: .member(roles.guests[0]), to: .member(roles.guests[1]), amount: .minorUnits(3))
      let days = Recurrence(from: now.day, step: 1, unit: .month)
      let rule = Recurring(
        id: id, template: RecurringTemplate(payment: payment), recurrence: days, zone: "UTC", mode: .propose,
        next: 0, held: nil, proposed: 0, createdBy: self.id(author), createdAt: now, removedAt: nil,
        version: 1)
      try await store.insert(rule, isDue: false, in: roles.group, WriteContext())
      for k in 0..<proposals {
        let due = DueOccurrence(
          rule: id, k: k, date: try #require(days.day(k)), version: k + 1, isConfirmation: false,
          nextDay: days.day(k + 1))
        #expect(try await store.record(due, .proposed, in: roles.group, at: now, WriteContext()))
      }
      return id
    }

    private func addCategory() async throws -> ID {
      let answer = try await roles.send(.owner, "POST", "/categories", #"{"name": "\#(ID(at: .now))"}"#)
      return try answer.decode(KittyShared.Category.self).id
    }

    /// Writes an entry between the guests directly to the store, so that no user has a balance.
    private func enter(for route: Route, by author: Member.Role) async throws -> ID {
      let people = Participants(present: roles.guests.map { (id: $0, weight: 1) })
      let (id, now) = (ID(at: .now), Instant.now)
      let currency = try #require(Currency(code: "EUR"))
      let (one, two) = (LedgerAccount.member(roles.guests[0]), LedgerAccount.member(roles.guests[1]))
      var content =
        route.path.contains("payment")
        ? try Ledger.content(
          for: NewPayment(from: one, to: two, amount: .minorUnits(3)), currency: currency, people: people,
          today: now.day)
        : try Ledger.content(
          for: NewExpense(description: "x", amount: .minorUnits(4), payer: one), seed: id, currency: currency,
          people: people, today: now.day)
      if [Endpoints.expense.route, Endpoints.removeReceipt.route].contains(route) {
        content.receipts = [receipt]
      }
      let store = EntryStore(database: server.dependencies.database)
      let entry = try await store.insert(
        EntryRevision(creating: content, id: id, in: roles.group, by: self.id(author), at: now),
        WriteContext())
      if route == Endpoints.restoreEntry.route {
        _ = try await store.revise(
          entry,
          EntryRevision(.deleted, entry, to: content, in: roles.group, by: self.id(author), at: now),
          WriteContext())
      }
      return id
    }

    /// Resets the roles of all members and the invites, which end with an admin, and puts the group into a state.
    func reset(_ state: State, ownOnly: Bool) async throws {
      let now = Instant.now
      let tomorrow = Day(daysSince1970: now.day.daysSince1970 + 1)
      let group = roles.group
      var statements: [SQL] = [
        "update accounts set role = 'admin' where group_id = \(group) and role = 'owner'",
        """
        update accounts set removed_at = null
        where group_id = \(group) and (user_id is not null or id = \(roles.guests[1]))
        """,
        """
        update groups set archived_at = \(state == .archived ? now : nil),
          closed_until = \(state == .closed ? tomorrow : nil), deleted_at = \(state == .deleted ? now : nil),
          own_entries_only = \(ownOnly ? 1 : 0), photo_hash = \(photo.hash), photo_width = \(photo.width),
          photo_height = \(photo.height)
        where id = \(group)
        """,
      ]
      statements += roles.members.map { role, id in
        "update accounts set role = \(role.rawValue) where group_id = \(group) and id = \(id)"
      }
      statements += [
        "delete from settlement_payments where group_id = \(group)",
        "delete from settlements where group_id = \(group)",
        """
        insert into settlements (group_id, id, created_by, created_at, kept, methods, sequence)
        values (\(group), \(round), \(self.id(.owner)), \(now), 'null', '[]', 1)
        """,
        """
        insert into settlement_payments (
          group_id, settlement_id, number, from_id, to_id, currency, amount, entry_id)
        values (\(group), \(round), 1, \(roles.guests[0]), \(roles.guests[1]), 'EUR', 1, \(ID(at: now)))
        """,
      ]
      let expires = now.advanced(by: .seconds(86_400))
      statements += invites.values.map { id in
        """
        insert into invites (group_id, id, secret, role, max_uses, created_by, created_at, expires_at)
        values (\(group), \(id), \(String(id.description.filter { $0 != "-" }.suffix(22))), 'member', 1, \(self.id(.owner)), \(now), \(expires))
        on conflict (group_id, id) do nothing
        """
      }
      try await server.dependencies.database.transact(statements)
      await server.dependencies.cache?.invalidate([.group(group), .books(group)])
    }

    /// Sends the request of a cell to this group, or to another one.
    func send(_ route: Route, _ rule: Rule, _ cell: Cell, token: String?, group: ID? = nil) async throws
      -> Answer
    {
      let path = route.path([group ?? roles.group] + rule.path(self, cell)) + rule.query
      var headers = [("If-Match", "*")]
      if route == Endpoints.importFile.route {
        return try await server.send(
          route.method.rawValue, path, token: token,
          body: .bytes(Array(ImportSamples.file(on: Instant.now.day).utf8)))
      }
      if route.body == .bytes {
        return try await server.send(route.method.rawValue, path, token: token, body: Self.picture)
      }
      guard let json = rule.json(self, cell) else {
        return try await server.send(route.method.rawValue, path, token: token, headers: headers)
      }
      headers.append(("Content-Type", "application/json"))
      return try await server.send(
        route.method.rawValue, path, token: token, body: .bytes(Array(json.utf8)), headers: headers)
    }
  }
}
