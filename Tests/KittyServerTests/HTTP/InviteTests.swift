import KittyShared
import Testing

@testable import KittyServer

/// Invites: created, looked up, accepted, revoked.
@Suite struct InviteTests {
  /// Runs `body` with a group of Anna's with the guests Bob and Carl, and the tokens of three users outside of it.
  private func run(
    on backend: Backend,
    _ body: (GroupFixture, _ bob: String, _ dora: String, _ emil: String) async throws -> Void
  ) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await body(
        books, try await books.server.signUp("bob"), try await books.server.signUp("dora"),
        try await books.server.signUp("emil"))
    }
  }

  private func members(_ books: GroupFixture) async throws -> [Member] {
    try await books.get(Page<Member>.self, "/members").items
  }

  private func invites(_ books: GroupFixture) async throws -> [Invite] {
    try await books.get(Page<Invite>.self, "/invites").items
  }

  @Test(arguments: Backend.available) func inviteIsShownAndAccepted(backend: Backend) async throws {
    try await run(on: backend) { books, _, dora, emil in
      let invite = try await books.server.invite(
        books.group.id, books.token, #"{"role": "viewer", "maxUses": 1, "days": 2}"#)
      #expect(invite.code.utf8.count == 44 && invite.uses == 0 && invite.createdBy == books.anna)
      #expect(invite.expiresAt == invite.createdAt.advanced(by: .seconds(2 * 86_400)))
      #expect(try await invites(books) == [invite])
      // A lookup does not join.
      let seen = try await books.server.accept(invite.code, dora, "lookup").decode(Invitation.self)
      #expect(
        seen
          == Invitation(
            group: "Flat", memberCount: 3, invitedBy: "anna", role: .viewer, guest: nil,
            expiresAt: invite.expiresAt))
      #expect(try await books.server.send("GET", "/v1/groups/\(books.group.id)", token: dora).status == 404)
      #expect(try await books.server.balances(books.group.id, books.token).count == 3)
      // The same user can repeat it; white space around the code is ignored.
      for code in [invite.code, invite.code, " \(invite.code) "] {
        let group = try await books.server.accept(code, dora).decode(Group.self)
        #expect(group.id == books.group.id && group.role == .viewer && group.memberCount == 4)
      }
      #expect(try await books.server.accept(invite.code, dora, "lookup").status == 200)
      #expect(try await books.server.balances(books.group.id, books.token).count == 4)
      #expect(try await members(books).filter { $0.role == .viewer }.map(\.name) == ["dora"])
      #expect(try await books.server.send("GET", "/v1/groups/\(books.group.id)", token: dora).status == 200)
      // A used invite is refused and not listed.
      for verb in ["accept", "lookup"] {
        try expectProblem(
          try await books.server.accept(invite.code, emil, verb), 409, "invite_used_up", "anna")
      }
      #expect(try await invites(books).isEmpty)
      // An invite never lowers a role.
      let lesser = try await books.server.invite(books.group.id, books.token, #"{"role": "viewer"}"#)
      #expect(try await books.server.accept(lesser.code, books.token).decode(Group.self).role == .owner)
      #expect(try await invites(books).map(\.uses) == [0])
    }
  }

  @Test(arguments: Backend.available) func guestIsClaimedWithBalance(backend: Backend) async throws {
    try await run(on: backend) { books, bob, dora, emil in
      let server = books.server
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "30", "payer": "\#(books.anna)"}"#)
      let both = try await [
        server.invite(books.group.id, books.token, #"{"guest": "\#(books.bob)"}"#),
        server.invite(books.group.id, books.token, #"{"guest": "\#(books.bob)", "role": "admin"}"#),
      ]
      #expect(try await server.accept(both[0].code, bob, "lookup").decode(Invitation.self).guest == "Bob")
      // A member cannot claim a guest too.
      try expectProblem(try await server.accept(both[0].code, books.token), 409, "already_member", "Bob")
      for _ in 0..<2 {
        let group = try await server.accept(both[0].code, bob).decode(Group.self)
        #expect(group.me == books.bob && group.balances.map(\.amount) == [-1000] && group.memberCount == 3)
      }
      let claimed = try await books.get(Member.self, "/members/\(books.bob)")
      #expect(claimed.name == "Bob" && claimed.role == .member && claimed.user != nil && claimed.version == 2)
      // No other user can claim the guest.
      for invite in both {
        try expectProblem(try await server.accept(invite.code, dora), 409, "guest_taken", "Bob")
      }
      #expect(try await invites(books).isEmpty)
      let again = try await books.send("POST", "/invites", #"{"guest": "\#(books.bob)"}"#)
      try expectProblem(again, 409, "guest_taken", "Bob")
      // A removed guest cannot be claimed, by older or newer invites.
      let carl = try await server.invite(books.group.id, books.token, #"{"guest": "\#(books.carl)"}"#)
      #expect(try await books.send("DELETE", "/members/\(books.carl)?force=true").status == 204)
      try expectProblem(try await server.accept(carl.code, emil), 409, "guest_taken", "Carl")
      for unknown in [books.carl, ID(at: .now)] {
        try expectProblem(
          try await books.send("POST", "/invites", #"{"guest": "\#(unknown)"}"#), 422, "not_a_member")
      }
      #expect(try await books.send("GET", "/members/\(books.carl)").decode(Member.self).user == nil)
      for (json, code) in [
        (#"{"guest": "\#(books.bob)", "maxUses": 2}"#, "one_guest"), (#"{"role": "owner"}"#, "not_to_give"),
        (#"{"role": "guest"}"#, "not_to_give"), (#"{"maxUses": 0}"#, "out_of_range"),
        (#"{"days": 366}"#, "out_of_range"), (#"{"role": "king"}"#, "out_of_range"),
      ] {
        try expectProblem(try await books.send("POST", "/invites", json), 422, code)
      }
    }
  }

  @Test(arguments: Backend.available) func unknownCodeIsNotFound(backend: Backend) async throws {
    try await run(on: backend) { books, bob, dora, emil in
      let server = books.server
      let invite = try await server.invite(books.group.id, books.token, #"{"maxUses": 9}"#)
      let other = try await server.makeGroup(dora).group
      let foreign = try await server.invite(other.id, dora)
      // The group of one code with the secret of the other is invalid.
      let (mine, theirs) = (invite.code, foreign.code)
      let codes: [String] = [
        "\(mine.prefix(22))\(theirs.suffix(22))", "\(theirs.prefix(22))\(mine.suffix(22))",
        "\(mine.dropLast())", "\(mine)A", "x", "\(invite.id)", String(repeating: "A", count: 44),
        String(repeating: "é", count: 22), String(repeating: "-", count: 44),
      ]
      for code in codes {
        for verb in ["accept", "lookup"] {
          try expectProblem(try await server.accept(code, bob, verb), 404, "not_found", "revoked")
        }
      }
      try expectProblem(try await server.accept("", bob), 422, "not_a_code")
      #expect(try await server.send("GET", "/v1/groups", token: bob).decode(Page<Group>.self).items.isEmpty)
      // An invite can be revoked in its own group only.
      let elsewhere = try await server.send(
        "DELETE", "/v1/groups/\(other.id)/invites/\(invite.id)", token: dora)
      #expect(elsewhere.status == 404)
      #expect(try await server.accept(invite.code, emil, "lookup").status == 200)
      #expect(try await books.send("DELETE", "/invites/\(invite.id)").status == 204)
      #expect(try await books.send("DELETE", "/invites/\(invite.id)").status == 404)
      try expectProblem(try await server.accept(invite.code, bob), 404, "not_found")
    }
  }

  @Test(arguments: Backend.available) func inviteEndsWithTimeCreatorAndGroup(backend: Backend) async throws {
    try await run(on: backend) { books, bob, dora, emil in
      let (server, database) = (books.server, books.server.dependencies.database)
      let expired = try await server.invite(books.group.id, books.token)
      try await database.transact(["update invites set expires_at = 1 where id = \(expired.id)"])
      try expectProblem(try await server.accept(expired.code, bob), 409, "invite_expired", "1970-01-01")
      #expect(try await invites(books).isEmpty)
      try await InviteStore(database: database).deleteExpired(at: .now, WriteContext())
      try expectProblem(try await server.accept(expired.code, bob), 404, "not_found")
      // It does not work while its creator cannot sign in.
      _ = try await server.join(books.group.id, dora, as: .admin, invitedBy: books.token)
      let invite = try await server.invite(books.group.id, dora)
      try await database.transact(["update users set disabled_at = 1 where name = 'dora'"])
      try expectProblem(try await server.accept(invite.code, bob), 409, "invite_withdrawn", "dora")
      #expect(try await invites(books).isEmpty)
      let any = [("If-Match", "*")]
      // It does not work for archived and deleted groups.
      let last = try await server.invite(books.group.id, books.token)
      #expect(try await books.send("PATCH", "", #"{"archived": true}"#, headers: any).status == 200)
      try expectProblem(try await server.accept(last.code, bob), 409, "archived")
      #expect(try await books.send("DELETE", "").status == 204)
      try expectProblem(try await server.accept(last.code, bob), 404, "not_found")
      #expect(try await books.send("POST", "/restore").status == 200)
      #expect(try await books.send("PATCH", "", #"{"archived": false}"#, headers: any).status == 200)
      #expect(try await server.accept(last.code, bob).status == 200)
      // The purge of a group deletes its invites.
      #expect(try await books.send("DELETE", "").status == 204)
      #expect(
        try await GroupPurge(database: database).run(
          at: .now.advanced(by: .seconds(31 * 86_400)), WriteContext()))
      #expect(try await database.read("select count(*) from invites")[0].decode(Int.self) == 0)
    }
  }

  @Test(arguments: Backend.available) func concurrentAcceptsUseInviteAtMostMaxUses(backend: Backend)
    async throws
  {
    try await run(on: backend) { books, bob, dora, emil in
      let server = books.server
      let tokens = try await [
        bob, dora, emil, server.signUp("finn"), server.signUp("gina"), server.signUp("hugo"),
      ]
      let invite = try await server.invite(books.group.id, books.token, #"{"maxUses": 3}"#)
      // All at the same time, each user three times.
      let statuses = try await withThrowingTaskGroup(of: (Int, Int).self) { tasks in
        for index in 0..<tokens.count * 3 {
          tasks.addTask {
            let person = index % tokens.count
            return (person, try await server.accept(invite.code, tokens[person]).status)
          }
        }
        return try await tasks.reduce(into: [:] as [Int: Set<Int>]) { $0[$1.0, default: []].insert($1.1) }
      }
      #expect(statuses.values.filter { $0 == [200] }.count == 3, "\(statuses)")
      #expect(statuses.values.filter { $0 == [409] }.count == 3, "\(statuses)")
      #expect(try await members(books).filter { $0.user != nil }.count == 4)
      let uses = try await server.dependencies.database.read(
        "select uses from invites where id = \(invite.id)")
      #expect(try uses[0].decode(Int.self) == 3)
    }
  }

  @Test(arguments: Backend.available) func guestIsClaimedOnce(backend: Backend) async throws {
    try await run(on: backend) { books, bob, dora, emil in
      let codes = try await [
        books.server.invite(books.group.id, books.token, #"{"guest": "\#(books.bob)"}"#).code,
        books.server.invite(books.group.id, books.token, #"{"guest": "\#(books.bob)"}"#).code,
      ]
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for (index, token) in [bob, dora, emil, bob, dora, emil].enumerated() {
          tasks.addTask { try await books.server.accept(codes[index % 2], token).status }
        }
        return try await tasks.reduce(into: [] as [Int]) { $0.append($1) }
      }
      #expect(Set(statuses) == [200, 409], "\(statuses)")
      let rows = try await books.server.dependencies.database.read("select sum(uses) from invites")
      #expect(try rows[0].decode(Int.self) == 1)
      #expect(try await members(books).count == 3)
    }
  }

  @Test(arguments: Backend.available) func returningMemberKeepsIdentityAndBalance(backend: Backend)
    async throws
  {
    try await run(on: backend) { books, bob, dora, _ in
      let server = books.server
      let path = "/v1/groups/\(books.group.id)"
      // The name Bob is taken by the guest.
      let me = try await server.join(books.group.id, bob, as: .admin, invitedBy: books.token).me
      #expect(try await books.get(Member.self, "/members/\(me)").name == "bob 2")
      let json = #"{"description": "x", "amount": 3, "payer": "\#(me)", "participants": ["\#(me)"]}"#
      #expect(try await server.send("POST", path + "/expenses", token: bob, json: json).status == 201)
      #expect(try await server.send("POST", path + "/leave", token: bob).status == 204)
      // Another member takes the name.
      #expect(try await books.send("POST", "/members", #"{"name": "BOB 2"}"#).status == 201)
      let group = try await server.join(books.group.id, bob, as: .viewer, invitedBy: books.token)
      #expect(group.me == me && group.role == .viewer)
      let back = try await books.get(Member.self, "/members/\(me)")
      #expect(back.name == "bob 2 2" && back.removedAt == nil)
      #expect(try await books.get(Entry.self, "/entries/1").createdBy == me)
      // A member removed with a balance returns with it.
      _ = try await books.enter(
        "/expenses",
        #"{"description": "y", "amount": 900, "payer": "\#(books.anna)", "participants": ["\#(me)"]}"#)
      #expect(try await books.send("DELETE", "/members/\(me)?force=true").status == 204)
      #expect(
        try await server.join(books.group.id, bob, invitedBy: books.token).balances.map(\.amount) == [-900])
      // Concurrent returns count as one use.
      #expect(try await books.send("DELETE", "/members/\(me)?force=true").status == 204)
      let invite = try await server.invite(books.group.id, books.token, #"{"maxUses": 9}"#)
      let seats = try await withThrowingTaskGroup(of: ID.self) { tasks in
        for _ in 0..<6 {
          tasks.addTask { try await server.accept(invite.code, bob).decode(Group.self).me }
        }
        return try await tasks.reduce(into: [] as Set<ID>) { $0.insert($1) }
      }
      #expect(seats == [me])
      #expect(try await invites(books).first { $0.id == invite.id }?.uses == 1)
      // A former member can claim a guest.
      #expect(try await books.send("DELETE", "/members/\(me)?force=true").status == 204)
      let claim = try await server.invite(books.group.id, books.token, #"{"guest": "\#(books.bob)"}"#)
      #expect(try await server.accept(claim.code, bob).decode(Group.self).me == books.bob)
      #expect(try await server.join(books.group.id, dora, invitedBy: books.token).role == .member)
    }
  }

  @Test(arguments: Backend.available) func inviteIsCreatedOncePerKey(backend: Backend) async throws {
    try await run(on: backend) { books, _, _, _ in
      let key = [("Idempotency-Key", "invite-1")]
      let first = try await books.send("POST", "/invites", #"{"maxUses": 5}"#, headers: key)
      let second = try await books.send("POST", "/invites", #"{"maxUses": 5}"#, headers: key)
      #expect(first.status == 201 && first.text == second.text)
      let id = try first.decode(Invite.self).id
      try expectProblem(try await books.send("POST", "/invites", #"{"id": "\#(id)"}"#), 409, "id_taken")
      for _ in 0..<4 { _ = try await books.server.invite(books.group.id, books.token) }
      // In pages, oldest first.
      var found: [ID] = []
      var query = "?limit=2"
      while true {
        let page = try await books.get(Page<Invite>.self, "/invites\(query)")
        found += page.items.map(\.id)
        guard let next = page.next else { break }
        query = "?limit=2&cursor=\(next)"
      }
      #expect(found.count == 5 && found == found.sorted() && found.first == id)
    }
  }

  @Test func codeIsReadAsWritten() throws {
    for _ in 0..<100 {
      let key = try InviteKey(group: ID(at: .now))
      #expect(InviteKey(code: key.code) == key)
      #expect(key.code.utf8.count == 44)
    }
    #expect(InviteKey(code: "") == nil)
    #expect(InviteKey(code: String(repeating: "!", count: 44)) == nil)
  }
}
