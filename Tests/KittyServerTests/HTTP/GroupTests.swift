import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Groups: renaming, archiving, handing over, deleting.
@Suite struct GroupTests {
  @Test(arguments: Backend.available) func groupIsRenamedArchivedAndUnarchived(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      #expect(try await server.send("PATCH", path, token: token, json: #"{"name": "New"}"#).status == 428)
      let old = [("If-Match", "\"99\"")]
      #expect(
        try await server.send("PATCH", path, token: token, json: #"{"name": "New"}"#, headers: old).status
          == 412)
      let version = [("If-Match", "\"\(group.version)\"")]
      let renamed = try await server.send(
        "PATCH", path, token: token, json: #"{"name": "New"}"#, headers: version)
      #expect(try renamed.decode(Group.self).name == "New")
      #expect(renamed.header("ETag") == "\"\(group.version + 1)\"")
      // The version from before is stale.
      #expect(
        try await server.send("PATCH", path, token: token, json: #"{"name": "B"}"#, headers: version).status
          == 412)
      let any = [("If-Match", "*")]
      let archived = try await server.send(
        "PATCH", path, token: token, json: #"{"archived": true}"#, headers: any)
      #expect(try archived.decode(Group.self).archivedAt != nil)
      for (method, route, json) in [
        ("POST", "/members", #"{"name": "Dora"}"#),
        ("POST", "/expenses", #"{"description": "x", "amount": 1, "payer": "\#(group.me)"}"#),
      ] {
        let refused = try await server.send(method, path + route, token: token, json: json)
        #expect(try refused.problem().code == "archived")
      }
      #expect(try await server.send("DELETE", "\(path)/members/\(members[1].id)", token: token).status == 409)
      #expect(try await server.send("GET", "\(path)/balances", token: token).status == 200)
      #expect(try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self).items.isEmpty)
      let list = try await server.send("GET", "/v1/groups?archived=true", token: token).decode(
        Page<Group>.self)
      #expect(list.items.map(\.id) == [group.id])
      let back = try await server.send(
        "PATCH", path, token: token, json: #"{"archived": false}"#, headers: any)
      #expect(try back.decode(Group.self).archivedAt == nil)
    }
  }

  @Test(arguments: Backend.available) func unsettledGroupIsDeletedOnlyByForce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      #expect(try await books.send("DELETE", "").status == 409)
      #expect(try await books.send("DELETE", "?force=true").status == 204)
      #expect(try await books.send("GET", "").status == 404)
      #expect(try await books.get(Page<Group>.self, "/v1/groups?deleted=true").items.count == 1)
      #expect(try await books.get(MyBalances.self, "/v1/me/balances").groups.isEmpty)
      #expect(try await books.send("POST", "/restore").status == 200)
      #expect(try await books.send("GET", "").status == 200)
      #expect(try await books.send("DELETE", "?force=true").status == 204)
      // The group is purged after 30 days, not before.
      let purge = GroupPurge(database: books.server.dependencies.database)
      #expect(try await !purge.run(at: Instant.now.advanced(by: .seconds(29 * 86_400)), WriteContext()))
      #expect(try await purge.run(at: Instant.now.advanced(by: .seconds(31 * 86_400)), WriteContext()))
      let rows = try await books.server.dependencies.database.read(
        "select (select count(*) from postings) + (select count(*) from accounts) + (select count(*) from groups)"
      )
      #expect(try rows[0].decode(Int.self) == 0)
    }
  }

  @Test(arguments: Backend.available) func ownerHandsGroupOver(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
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
      #expect(try await roles.owners() == [viewer])
      try expectProblem(try await handOver(.owner, to: owner), 403, "not_allowed")
      #expect(try await roles.send(.viewer, "GET", "").decode(Group.self).role == .owner)
      #expect(try await roles.send(.viewer, "DELETE", "").status == 204)
      #expect(try await roles.send(.viewer, "POST", "/restore").status == 200)
    }
  }

  @Test(arguments: Backend.available) func concurrentHandoversLeaveOneOwner(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let store = MemberStore(database: roles.server.dependencies.database)
      let owner = try #require(roles.members[.owner])
      let before = try await store.list(in: roles.group, removed: false, limit: 20, after: nil).items
      let done = try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for role in [Member.Role.admin, .member, .viewer, .admin] {
          let member = try #require(roles.members[role])
          tasks.addTask { try await store.handOver(roles.group, from: owner, to: member, WriteContext()) }
        }
        return try await tasks.reduce(into: [] as [Bool]) { $0.append($1) }
      }
      #expect(done.filter { $0 }.count == 1)
      let now = try await roles.owners()
      #expect(now.count == 1)
      // A change that was decided on the old role is refused.
      let seen = try #require(before.first { $0.id == now.first })
      let late = try await store.change(
        seen, in: roles.group, MemberChange(role: .viewer), version: nil, WriteContext())
      #expect(late.isDone == false && late.current?.role == .owner)
      // The schema refuses a second owner too.
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

  @Test(arguments: Backend.available) func lastMemberToLeaveDeletesTheGroup(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
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
}
