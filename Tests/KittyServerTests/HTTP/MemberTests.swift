import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Members: roles, leaving, removal.
@Suite struct MemberTests {
  @Test(arguments: Backend.available) func memberWithOpenBalanceIsNotRemoved(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      let json =
        #"{"description": "x", "amount": 300, "payer": "\#(group.me)", "participants": ["\#(group.me)", "\#(members[1].id)"]}"#
      #expect(try await server.send("POST", "\(path)/expenses", token: token, json: json).status == 201)
      let owes = try await server.send("DELETE", "\(path)/members/\(members[1].id)", token: token)
      #expect(try owes.problem().code == "balance_not_zero")
      #expect(try owes.problem().detail.contains("-1.50 EUR"))
      let owner = try await server.send("DELETE", "\(path)/members/\(group.me)", token: token)
      #expect(try owner.problem().code == "is_owner")
      #expect(try await server.send("DELETE", "\(path)/members/\(members[2].id)", token: token).status == 204)
      #expect(try await server.send("DELETE", "\(path)/members/\(members[2].id)", token: token).status == 404)
      // The name is free again, and `removed=true` lists the former member.
      #expect(
        try await server.send("POST", "\(path)/members", token: token, json: #"{"name": "CARL"}"#).status
          == 201)
      let all = try await server.send("GET", "\(path)/members?removed=true", token: token).decode(
        Page<Member>.self)
      #expect(all.items.map(\.name) == ["anna", "Bob", "Carl", "CARL"])
      // A former member cannot take part in a new expense.
      let gone = #"{"description": "x", "amount": 1, "payer": "\#(members[2].id)"}"#
      let refused = try await server.send("POST", "\(path)/expenses", token: token, json: gone)
      #expect(try refused.problem().errors?.first?.field == "payer")
    }
  }

  @Test(arguments: Backend.available) func rolesAreChangedByAdminsOnly(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      for role in RoleFixture.withAccount {
        let group = try await roles.send(role, "GET", "").decode(Group.self)
        #expect(group.role == role && group.me == roles.members[role])
      }
      // A changed role takes effect at once.
      let guest = #"{"name": "New"}"#
      try expectProblem(
        try await roles.send(.viewer, "POST", "/members", guest), 403, "not_allowed", "viewer")
      let viewer = roles.path(.viewer)
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
      // An admin cannot change the owner, and no member becomes the owner by a change of role.
      for json in [#"{"role": "member"}"#, #"{"name": "x"}"#] {
        try expectProblem(
          try await roles.send(.admin, "PATCH", roles.path(.owner), json), 403, "not_allowed")
      }
      try expectProblem(try await roles.send(.admin, "DELETE", roles.path(.owner)), 409, "is_owner")
      try expectProblem(
        try await roles.send(.owner, "PATCH", roles.path(.owner), #"{"role": "admin"}"#), 409, "is_owner")
      for role in ["owner", "guest"] {
        try expectProblem(
          try await roles.send(.owner, "PATCH", viewer, #"{"role": "\#(role)"}"#), 422, "not_to_give")
      }
      try expectProblem(
        try await roles.send(.owner, "PATCH", "/members/\(roles.guests[0])", #"{"role": "member"}"#), 409,
        "is_guest", "Guest")
      // Members can rename themselves and guests.
      #expect(try await roles.send(.member, "PATCH", roles.path(.member), #"{"name": "M"}"#).status == 200)
      #expect(
        try await roles.send(.member, "PATCH", "/members/\(roles.guests[0])", #"{"name": "G"}"#).status == 200
      )
      for (target, json) in [(viewer, #"{"name": "V"}"#), (roles.path(.member), #"{"role": "admin"}"#)] {
        try expectProblem(try await roles.send(.member, "PATCH", target, json), 403, "not_allowed")
      }
    }
  }

  @Test(arguments: Backend.available) func memberWithOpenBalanceCannotLeave(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (member, owner) = (try #require(roles.members[.member]), try #require(roles.members[.owner]))
      let json =
        #"{"description": "x", "amount": "12", "payer": "\#(owner)", "participants": ["\#(member)"]}"#
      #expect(try await roles.send(.member, "POST", "/expenses", json).status == 201)
      try expectProblem(
        try await roles.send(.member, "POST", "/leave"), 409, "balance_not_zero", "-12.00 EUR")
      try expectProblem(
        try await roles.send(.admin, "DELETE", roles.path(.member)), 409, "balance_not_zero", "-12.00 EUR")
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

  /// The debt of a removed member stays in the balances and the settlement, and can be paid.
  @Test(arguments: Backend.available) func debtOfRemovedMemberCanBeSettled(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (member, owner) = (try #require(roles.members[.member]), try #require(roles.members[.owner]))
      let expense =
        #"{"description": "x", "amount": "12", "payer": "\#(owner)", "participants": ["\#(member)"]}"#
      #expect(try await roles.send(.member, "POST", "/expenses", expense).status == 201)
      let target = #"{"targets": [{"member": "\#(member)", "amount": "50"}]}"#
      #expect(try await roles.send(.member, "PUT", "/kitty/targets", target).status == 200)
      #expect(try await roles.send(.admin, "DELETE", roles.path(.member) + "?force=true").status == 204)
      #expect(try await roles.send(.member, "GET", "").status == 404)
      let balances = try await roles.send(.owner, "GET", "/balances").decode(Balances.self).balances
      #expect(balances.first { $0.member == member }?.net == -1200)
      #expect(balances.map(\.net).reduce(0, +) == 0)
      #expect(try await roles.send(.owner, "GET", "/kitty").decode(Kitty.self).targets.isEmpty)
      let plan = try await roles.send(.owner, "GET", "/settlement").decode(SettlementPlan.self).payments
      #expect(plan.map(\.from) == [.member(member)] && plan.map(\.to) == [.member(owner)])
      #expect(plan.map(\.amount) == [1200])
      // New expenses do not include the removed member.
      let expenseForAll = #"{"description": "y", "amount": "5", "payer": "\#(owner)"}"#
      let shared = try await roles.send(.owner, "POST", "/expenses", expenseForAll).decode(Entry.self)
      #expect(shared.shares?.contains { $0.member == member } == false)
      #expect(try await roles.send(.owner, "DELETE", "/entries/\(shared.id)").status == 204)
      let payment = #"{"from": "\#(member)", "to": "\#(owner)", "amount": "12"}"#
      #expect(try await roles.send(.owner, "POST", "/payments", payment).status == 201)
      let after = try await roles.send(.owner, "GET", "/balances").decode(Balances.self).balances
      #expect(after.allSatisfy { $0.net == 0 && $0.member != member })
    }
  }
}
