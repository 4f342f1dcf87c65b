import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The numbers of what users and groups have. Each limit holds also for requests at the same time.
@Suite struct CountLimitTests {
  /// Sends requests at once.
  /// - Returns: The number of answers for each status and code.
  private static func storm(
    _ count: Int, _ send: @escaping @Sendable () async throws -> Answer
  ) async throws -> [String: Int] {
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<count {
        group.addTask {
          let answer = try await send()
          guard answer.status >= 400 else { return "\(answer.status)" }
          return "\(answer.status) \(try answer.problem().code)"
        }
      }
      return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
  }

  @Test(arguments: Backend.available) func tokensOfManyRequestsAtOnceKeepTheLimit(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { server in
      let anna = try await server.signUp()
      let json = #"{"name": "x", "scopes": ["read"]}"#
      let outcomes = try await Self.storm(TokenStore.limit + 20) {
        try await server.send("POST", "/v1/me/tokens", token: anna, json: json)
      }
      #expect(outcomes == ["201": TokenStore.limit, "409 too_many_tokens": 20])
    }
  }

  @Test(arguments: Backend.available) func groupsOfAUserAreLimited(backend: Backend) async throws {
    try await TestServer.run(on: backend, adjust: { $0.groupLimits.groupsOfUser = 10 }) { server in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("bob"))
      let (group, _) = try await server.makeGroup(bob, guests: ["Carl"])
      let open = try await server.invite(group.id, bob, #"{"maxUses": 10}"#).code
      let json = #"{"name": "Flat", "currency": "EUR"}"#
      let outcomes = try await Self.storm(30) {
        try await server.send("POST", "/v1/groups", token: anna, json: json)
      }
      #expect(outcomes == ["201": 10, "409 too_many_groups": 20])
      let groups = try await server.send("GET", "/v1/groups", token: anna).decode(Page<Group>.self).items
      #expect(groups.count == 10)
      try expectProblem(
        try await server.accept(open, anna), 409, "too_many_groups", "You are in 10 groups")
      let guest = try #require(
        try await server.send("GET", "/v1/groups/\(group.id)/members", token: bob).decode(Page<Member>.self)
          .items.last)
      let seat = try await server.invite(group.id, bob, #"{"guest": "\#(guest.id)"}"#).code
      try expectProblem(try await server.accept(seat, anna), 409, "too_many_groups")
      // The id of another group is taken, whatever the number of groups.
      let taken = #"{"id": "\#(group.id)", "name": "x", "currency": "EUR"}"#
      #expect(try await server.send("POST", "/v1/groups", token: anna, json: taken).status == 409)
      #expect(try await server.send("GET", "/v1/groups/\(group.id)", token: anna).status == 404)
      // A group that can be restored counts; without one there is room for one.
      let last = try #require(groups.last?.id)
      #expect(try await server.send("DELETE", "/v1/groups/\(last)", token: anna).status == 204)
      #expect(try await server.accept(open, anna).status == 409)
      try await server.dependencies.database.transact(
        ["update accounts set removed_at = 1 where group_id = \(last) and role = 'owner'"])
      let joined = try await Self.storm(10) { try await server.accept(open, anna) }
      #expect(joined == ["200": 10])
      #expect(try await server.send("POST", "/v1/groups", token: anna, json: json).status == 409)
    }
  }

  @Test(arguments: Backend.available) func joiningManyGroupsAtOnceKeepsTheLimit(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend, adjust: { $0.groupLimits.groupsOfUser = 3 }) { server in
      let anna = try await server.signUp()
      var codes: [String] = []
      for number in 0..<4 {
        let owner = try await server.signUp("owner\(number)")
        for _ in 0..<2 {
          let (group, _) = try await server.makeGroup(owner, guests: [])
          codes.append(try await server.invite(group.id, owner).code)
        }
      }
      let outcomes = try await withThrowingTaskGroup(of: Int.self) { group in
        for code in codes { group.addTask { try await server.accept(code, anna).status } }
        return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(outcomes == [200: 3, 409: 5])
    }
  }

  @Test(arguments: Backend.available) func openInvitesOfAGroupAreLimited(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let limit = GroupLimits().invites
      let outcomes = try await Self.storm(limit + 20) { try await books.send("POST", "/invites", "{}") }
      #expect(outcomes == ["201": limit, "409 too_many_invites": 20])
      let first = try #require(try await books.get(Page<Invite>.self, "/invites?limit=1").items.first)
      // An invite that was used up counts no more.
      let joiner = try await books.server.signUp("joiner")
      #expect(try await books.server.accept(first.code, joiner).status == 200)
      #expect(try await books.send("POST", "/invites", "{}").status == 201)
      try expectProblem(
        try await books.send("POST", "/invites", "{}"), 409, "too_many_invites", "\(limit) open invites")
      let next = try #require(try await books.get(Page<Invite>.self, "/invites?limit=1").items.first)
      #expect(try await books.send("DELETE", "/invites/\(next.id)").status == 204)
      #expect(try await books.send("POST", "/invites", "{}").status == 201)
    }
  }

  @Test(arguments: Backend.available) func commentsOnAnEntryAreLimited(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let entry = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 3, "payer": "kitty"}"#)
      let limit = GroupLimits().comments
      let rows = (1...(limit - 10)).map { _ in
        "(\(books.group.id), \(entry.id), \(ID(at: .now)), 'x', \(books.anna), 1)" as SQL
      }
      try await books.server.dependencies.database.transact([
        "insert into comments (group_id, entry_id, id, text, created_by, created_at) values \(list: rows)",
        "insert into comment_texts (group_id, entry_id, comment_id, text) select group_id, entry_id, id, 'x' from comments",
        "update groups set bytes = bytes + \(Int64(rows.count) * 201) where id = \(books.group.id)",
      ])
      let outcomes = try await Self.storm(30) {
        try await books.send("POST", "/entries/1/comments", #"{"text": "y"}"#)
      }
      #expect(outcomes == ["201": 10, "409 too_many_comments": 20])
      #expect(try await books.get(Entry.self, "/entries/1").commentCount == limit)
      #expect(try await books.send("POST", "/entries/2/comments", #"{"text": "y"}"#).status == 404)
    }
  }

  @Test(arguments: Backend.available) func revisionsOfAnEntryAreLimited(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": 3, "payer": "kitty"}"#)
      var file = try await books.get(GroupFile.self, "/export")
      let limit = GroupLimits().revisions
      var revision = try #require(file.entries[0].revisions.first)
      revision.action = .changed
      file.entries[0].revisions += Array(repeating: revision, count: limit - 4)
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try copy.decode(Group.self).id)"
      #expect(try await books.send("POST", "\(path)/import", try file.json()).status == 200)
      let any = [("If-Match", "*")]
      let outcomes = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<12 {
          group.addTask {
            try await books.send(
              "PATCH", "\(path)/expenses/1", #"{"description": "\#(number)"}"#, headers: any
            ).status
          }
        }
        return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(outcomes == [200: 3, 409: 9])
      for dry in ["", "?dryRun=true"] {
        try expectProblem(
          try await books.send(
            "PATCH", "\(path)/expenses/1\(dry)", #"{"description": "z"}"#, headers: any), 409,
          "too_many_revisions", "This entry has \(limit) revisions")
      }
      // It can be deleted, once and for all; and a file of it is taken.
      #expect(try await books.send("DELETE", "\(path)/entries/1").status == 204)
      try expectProblem(
        try await books.send("POST", "\(path)/entries/1/restore"), 409, "too_many_revisions")
      let text = try await books.send("GET", "\(path)/export").text
      #expect(try await books.send("POST", "/v1/groups/\(books.group.id)/import", text).status == 409)
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let second = "/v1/groups/\(try other.decode(Group.self).id)"
      #expect(try await books.send("POST", "\(second)/import", text).status == 200)
      #expect(try await books.send("GET", "\(second)/export").text == text)
    }
  }

  /// One session more than the limit ends the one that was used longest ago, also in the caches.
  @Test(arguments: Backend.available) func oldestSessionEndsForOneTooMany(backend: Backend) async throws {
    try await TestServer.run(on: backend) { server in
      let first = try await server.signUp()
      let other = try await server.signUp("bob")
      let user = try await server.send("GET", "/v1/me", token: first).decode(User.self).id
      let store = server.dependencies.sessions.store
      let password = try #require(
        try await server.dependencies.database.read("select password_hash from users where id = \(user)")
          .first?.decode(String.self))
      let ended = try await withThrowingTaskGroup(of: [String]?.self) { group in
        for number in 0..<SessionStore.limit + 20 {
          group.addTask {
            try await store.insert(
              id: ID(at: .now), tokenHash: "\(number)", user: user, device: nil, passwordHash: password,
              renewedHash: nil, deviceTokenHash: "device \(number)", at: .now,
              expires: Instant.now.advanced(by: .seconds(60)), WriteContext())
          }
        }
        return try await group.reduce(into: [String]()) { $0 += $1 ?? [] }
      }
      #expect(Set(ended).count == 21 && ended.count == 21)
      let count = try await server.dependencies.database.read(
        "select count(*) from sessions where user_id = \(user)"
      ).first?.decode(Int.self)
      #expect(count == SessionStore.limit)
      #expect(try await server.send("GET", "/v1/me", token: other).status == 200)
      // Where another process writes, the first session may be cached for a moment; the sign-in itself drops it.
      let second = try await server.signIn()
      #expect(try await server.send("GET", "/v1/me", token: second).status == 200)
      for _ in 0..<SessionStore.limit - 1 {
        _ = try await store.insert(
          id: ID(at: .now), tokenHash: ID(at: .now).description, user: user, device: nil,
          passwordHash: password, renewedHash: nil, deviceTokenHash: ID(at: .now).description,
          at: .now.advanced(by: .seconds(5)),
          expires: Instant.now.advanced(by: .seconds(60)), WriteContext())
      }
      let last = try await server.signIn()
      #expect(try await server.send("GET", "/v1/me", token: second).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: last).status == 200)
      // A sign-in with a password that was changed meanwhile ends none.
      let none = try await store.insert(
        id: ID(at: .now), tokenHash: "none", user: user, device: nil, passwordHash: "old", renewedHash: nil,
        deviceTokenHash: "none", at: .now, expires: .now, WriteContext())
      #expect(none == nil)
      #expect(try await server.send("GET", "/v1/me", token: last).status == 200)
    }
  }
}
