import KittyShared
import Testing

@testable import KittyServer

/// Who is what in a group, and who goes.
@Suite struct MembershipTests {
  private func run(on backend: Backend, _ body: (Roles) async throws -> Void) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      try await body(try await Roles(on: server))
      try await Books.expectClean(server)
    }
  }

  private func path(_ roles: Roles, _ role: Member.Role) -> String {
    "/members/\(roles.members[role] ?? .first)"
  }

  private func owners(_ roles: Roles) async throws -> [ID] {
    try await roles.server.dependencies.database.read(
      "select id from accounts where group_id = \(roles.group) and role = 'owner' and removed_at is null"
    ).map { try $0.decode(ID.self) }
  }

  @Test(arguments: Backend.available) func rolesAreGiven(backend: Backend) async throws {
    try await run(on: backend) { roles in
      for role in Roles.withAccount {
        let group = try await roles.send(role, "GET", "").decode(Group.self)
        #expect(group.role == role && group.me == roles.members[role])
      }
      // At once: what was refused before is allowed after.
      let guest = #"{"name": "New"}"#
      try expectProblem(
        try await roles.send(.viewer, "POST", "/members", guest), 403, "not_allowed", "viewer")
      let viewer = path(roles, .viewer)
      let before = try await roles.send(.admin, "GET", viewer).decode(Member.self)
      let given = try await roles.send(
        .admin, "PATCH", viewer, #"{"role": "member"}"#, headers: [("If-Match", "\"\(before.version)\"")])
      #expect(try given.decode(Member.self).role == .member)
      #expect(given.header("ETag") == "\"\(before.version + 1)\"")
      #expect(try await roles.send(.viewer, "POST", "/members", guest).status == 201)
      try expectProblem(
        try await roles.send(
          .admin, "PATCH", viewer, #"{"role": "viewer"}"#, headers: [("If-Match", "\"\(before.version)\"")]),
        412, "stale")
      #expect(try await roles.send(.admin, "PATCH", viewer, #"{"role": "viewer"}"#).status == 200)
      #expect(try await roles.send(.viewer, "POST", "/members", guest).status == 403)
      // An admin is no match for the owner, and nobody becomes the owner by a change of role.
      for json in [#"{"role": "member"}"#, #"{"name": "x"}"#] {
        try expectProblem(
          try await roles.send(.admin, "PATCH", path(roles, .owner), json), 403, "not_allowed")
      }
      try expectProblem(try await roles.send(.admin, "DELETE", path(roles, .owner)), 409, "is_owner")
      try expectProblem(
        try await roles.send(.owner, "PATCH", path(roles, .owner), #"{"role": "admin"}"#), 409, "is_owner")
      for role in ["owner", "guest"] {
        try expectProblem(
          try await roles.send(.owner, "PATCH", viewer, #"{"role": "\#(role)"}"#), 422, "not_to_give")
      }
      try expectProblem(
        try await roles.send(.owner, "PATCH", "/members/\(roles.guests[0])", #"{"role": "member"}"#), 409,
        "is_guest", "Guest")
      // Members say who they themselves are called, and what guests are.
      #expect(try await roles.send(.member, "PATCH", path(roles, .member), #"{"name": "M"}"#).status == 200)
      #expect(
        try await roles.send(.member, "PATCH", "/members/\(roles.guests[0])", #"{"name": "G"}"#).status == 200
      )
      for (target, json) in [(viewer, #"{"name": "V"}"#), (path(roles, .member), #"{"role": "admin"}"#)] {
        try expectProblem(try await roles.send(.member, "PATCH", target, json), 403, "not_allowed")
      }
    }
  }

  @Test(arguments: Backend.available) func aGroupIsHandedOver(backend: Backend) async throws {
    try await run(on: backend) { roles in
      func handOver(_ role: Member.Role, to member: ID) async throws -> Answer {
        try await roles.send(role, "PUT", "/owner", #"{"member": "\#(member)"}"#)
      }
      let viewer = try #require(roles.members[.viewer])
      let owner = try #require(roles.members[.owner])
      try expectProblem(try await handOver(.owner, to: roles.guests[0]), 409, "is_guest", "Guest")
      try expectProblem(try await handOver(.owner, to: ID(at: .now)), 422, "not_a_member")
      #expect(try await roles.send(.member, "POST", "/leave").status == 204)
      try expectProblem(
        try await handOver(.owner, to: try #require(roles.members[.member])), 422, "not_a_member")
      #expect(try await handOver(.owner, to: owner).decode(Group.self).role == .owner)
      let after = try await handOver(.owner, to: viewer)
      #expect(after.status == 200)
      #expect(try after.decode(Group.self).role == .admin)
      #expect(try await owners(roles) == [viewer])
      try expectProblem(try await handOver(.owner, to: owner), 403, "not_allowed")
      #expect(try await roles.send(.viewer, "GET", "").decode(Group.self).role == .owner)
      #expect(try await roles.send(.viewer, "DELETE", "").status == 204)
      #expect(try await roles.send(.viewer, "POST", "/restore").status == 200)
    }
  }

  @Test(arguments: Backend.available) func thereIsOneOwnerWhoeverIsFaster(backend: Backend) async throws {
    try await run(on: backend) { roles in
      let store = MemberStore(database: roles.server.dependencies.database)
      let owner = try #require(roles.members[.owner])
      let before = try await store.list(in: roles.group, removed: false, limit: 20, after: nil).items
      let done = try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for role in [Member.Role.admin, .member, .viewer, .admin] {
          let member = try #require(roles.members[role])
          tasks.addTask { try await store.handOver(roles.group, from: owner, to: member) }
        }
        return try await tasks.reduce(into: [] as [Bool]) { $0.append($1) }
      }
      #expect(done.filter { $0 }.count == 1)
      let now = try await owners(roles)
      #expect(now.count == 1)
      // Whoever was looked at before that cannot be changed as if they were still what they were.
      let seen = try #require(before.first { $0.id == now.first })
      let late = try await store.change(seen, in: roles.group, MemberChange(role: .viewer), version: nil)
      #expect(late.isDone == false && late.now?.role == .owner)
      // The schema has the last word.
      await #expect(throws: DatabaseFailure.self) {
        try await roles.server.dependencies.database.transact([
          "update accounts set role = 'owner' where group_id = \(roles.group) and user_id is not null"
        ])
      }
      for wrong: SQL in [
        "update accounts set role = 'guest' where user_id is not null",
        "update accounts set role = 'member' where user_id is null and kind = 'member'",
        "update accounts set role = 'king' where user_id is not null",
      ] {
        await #expect(throws: DatabaseFailure.self) {
          try await roles.server.dependencies.database.transact([wrong])
        }
      }
    }
  }

  @Test(arguments: Backend.available) func whoLeavesOwesNothing(backend: Backend) async throws {
    try await run(on: backend) { roles in
      let (member, owner) = (try #require(roles.members[.member]), try #require(roles.members[.owner]))
      let json =
        #"{"description": "x", "amount": "12", "payer": "\#(owner)", "participants": ["\#(member)"]}"#
      #expect(try await roles.send(.member, "POST", "/expenses", json).status == 201)
      try expectProblem(
        try await roles.send(.member, "POST", "/leave"), 409, "balance_not_zero", "-12.00 EUR")
      try expectProblem(
        try await roles.send(.admin, "DELETE", path(roles, .member)), 409, "balance_not_zero", "-12.00 EUR")
      #expect(try await roles.send(.member, "GET", "").status == 200)
      let payment = #"{"from": "\#(member)", "to": "\#(owner)", "amount": "12"}"#
      #expect(try await roles.send(.member, "POST", "/payments", payment).status == 201)
      #expect(try await roles.send(.member, "POST", "/leave").status == 204)
      #expect(try await roles.send(.member, "GET", "").status == 404)
      let groups = try await roles.server.send("GET", "/v1/groups", token: roles.tokens[.member])
      #expect(try groups.decode(Page<Group>.self).items.isEmpty)
      // An archived group can be left.
      #expect(try await roles.send(.admin, "PATCH", "", #"{"archived": true}"#).status == 200)
      #expect(try await roles.send(.viewer, "POST", "/leave").status == 204)
    }
  }

  /// Removed with a debt: it stays in the books and in the plan, and can be settled.
  @Test(arguments: Backend.available) func aDebtOutlastsItsMember(backend: Backend) async throws {
    try await run(on: backend) { roles in
      let (member, owner) = (try #require(roles.members[.member]), try #require(roles.members[.owner]))
      let expense =
        #"{"description": "x", "amount": "12", "payer": "\#(owner)", "participants": ["\#(member)"]}"#
      #expect(try await roles.send(.member, "POST", "/expenses", expense).status == 201)
      let target = #"{"targets": [{"member": "\#(member)", "amount": "50"}]}"#
      #expect(try await roles.send(.member, "PUT", "/kitty/targets", target).status == 200)
      #expect(try await roles.send(.admin, "DELETE", path(roles, .member) + "?force=true").status == 204)
      #expect(try await roles.send(.member, "GET", "").status == 404)
      let balances = try await roles.send(.owner, "GET", "/balances").decode(Balances.self).balances
      #expect(balances.first { $0.member == member }?.net == -1200)
      #expect(balances.map(\.net).reduce(0, +) == 0)
      #expect(try await roles.send(.owner, "GET", "/kitty").decode(Kitty.self).targets.isEmpty)
      let plan = try await roles.send(.owner, "GET", "/settlement").decode(SettlementPlan.self).payments
      #expect(plan.map(\.from) == [.member(member)] && plan.map(\.to) == [.member(owner)])
      #expect(plan.map(\.amount) == [1200])
      // In what is new they take no part.
      let everybody = #"{"description": "y", "amount": "5", "payer": "\#(owner)"}"#
      let shared = try await roles.send(.owner, "POST", "/expenses", everybody).decode(Entry.self)
      #expect(shared.shares?.contains { $0.member == member } == false)
      #expect(try await roles.send(.owner, "DELETE", "/entries/\(shared.id)").status == 204)
      let payment = #"{"from": "\#(member)", "to": "\#(owner)", "amount": "12"}"#
      #expect(try await roles.send(.owner, "POST", "/payments", payment).status == 201)
      let after = try await roles.send(.owner, "GET", "/balances").decode(Balances.self).balances
      #expect(after.allSatisfy { $0.net == 0 && $0.member != member })
    }
  }

  @Test(arguments: Backend.available) func theLastOneDeletesTheGroup(backend: Backend) async throws {
    try await run(on: backend) { roles in
      let (guest, owner) = (roles.guests[0], try #require(roles.members[.owner]))
      try expectProblem(try await roles.send(.owner, "POST", "/leave"), 409, "is_owner", "owner")
      for role in [Member.Role.admin, .member, .viewer] {
        #expect(try await roles.send(role, "POST", "/leave").status == 204)
      }
      let json = #"{"description": "x", "amount": "12", "payer": "\#(owner)", "participants": ["\#(guest)"]}"#
      #expect(try await roles.send(.owner, "POST", "/expenses", json).status == 201)
      try expectProblem(try await roles.send(.owner, "POST", "/leave"), 409, "not_settled", "force=true")
      #expect(try await roles.send(.owner, "DELETE", "/entries/1").status == 204)
      #expect(try await roles.send(.owner, "POST", "/leave").status == 204)
      #expect(try await roles.send(.owner, "GET", "").status == 404)
      #expect(try await roles.send(.owner, "POST", "/restore").decode(Group.self).role == .owner)
    }
  }

  @Test(arguments: Backend.available) func membersChangeTheirOwnEntriesWhereTheGroupSaysSo(backend: Backend)
    async throws
  {
    try await run(on: backend) { roles in
      let json = #"{"description": "x", "amount": 300, "payer": "kitty"}"#
      let own = try await roles.send(.member, "POST", "/expenses", json).decode(Entry.self).id
      let others = try await roles.send(.admin, "POST", "/expenses", json).decode(Entry.self).id
      let change = #"{"amount": 600}"#
      #expect(try await roles.send(.member, "PATCH", "/expenses/\(others)", change).status == 200)
      #expect(try await roles.send(.member, "PATCH", "", #"{"ownEntriesOnly": true}"#).status == 403)
      let set = try await roles.send(.admin, "PATCH", "", #"{"ownEntriesOnly": true}"#).decode(Group.self)
      #expect(set.ownEntriesOnly)
      #expect(try await roles.send(.member, "GET", "").decode(Group.self).ownEntriesOnly)
      for (method, path, json) in [
        ("PATCH", "/expenses/\(others)", change), ("PATCH", "/expenses/\(others)?dryRun=true", change),
        ("DELETE", "/expenses/\(others)", nil), ("DELETE", "/entries/\(others)", nil),
        ("POST", "/entries/\(others)/restore", nil),
      ] {
        try expectProblem(try await roles.send(.member, method, path, json), 403, "not_your_entry")
      }
      #expect(try await roles.send(.member, "PATCH", "/expenses/\(own)", change).status == 200)
      #expect(try await roles.send(.member, "DELETE", "/entries/\(own)").status == 204)
      #expect(try await roles.send(.admin, "POST", "/entries/\(own)/restore").status == 200)
      #expect(try await roles.send(.owner, "PATCH", "/expenses/\(own)", #"{"amount": 900}"#).status == 200)
      // Whatever others did to it since, whoever entered it may change it.
      #expect(try await roles.send(.member, "DELETE", "/expenses/\(own)").status == 204)
      #expect(
        try await roles.send(.admin, "PATCH", "", #"{"name": "Renamed"}"#).decode(Group.self).ownEntriesOnly)
      // The file carries it; it carries nobody's role.
      let first = try await roles.send(.owner, "GET", "/export").text
      let made = try await roles.server.send(
        "POST", "/v1/groups", token: roles.tokens[.owner], json: #"{"name": "Copy", "currency": "USD"}"#)
      let copy = "/v1/groups/\(try made.decode(Group.self).id)"
      _ = try await roles.server.invite(try made.decode(Group.self).id, roles.tokens[.owner] ?? "")
      let taken = try await roles.server.send(
        "POST", "\(copy)/import", token: roles.tokens[.owner], json: first)
      #expect(try taken.decode(Group.self).ownEntriesOnly)
      #expect(try await roles.server.send("GET", "\(copy)/export", token: roles.tokens[.owner]).text == first)
      let members = try await roles.server.send("GET", "\(copy)/members", token: roles.tokens[.owner])
      #expect(
        try members.decode(Page<Member>.self).items.map(\.role) == [
          .owner, .guest, .guest, .guest, .guest, .guest,
        ])
      // Off again, and then the file is silent about it.
      let off = try await roles.send(.owner, "PATCH", "", #"{"ownEntriesOnly": false}"#)
      #expect(try off.decode(Group.self).ownEntriesOnly == false)
      #expect(try await roles.send(.owner, "GET", "/export").text.contains("ownEntriesOnly") == false)
    }
  }

  /// An import replaces the members; it throws nobody out.
  @Test(arguments: Backend.available) func noImportWhereOthersAre(backend: Backend) async throws {
    try await run(on: backend) { roles in
      let file = try await roles.send(.owner, "GET", "/export").text
      try expectProblem(try await roles.send(.owner, "POST", "/import", file), 409, "not_empty", "joined")
      for role in [Member.Role.admin, .member, .viewer] {
        #expect(try await roles.send(role, "GET", "").status == 200)
        #expect(try await roles.send(role, "POST", "/leave").status == 204)
      }
      #expect(try await roles.send(.owner, "POST", "/import", file).status == 200)
    }
  }
}
