import KittyShared
import Testing

@testable import KittyServer

/// A group's view of a user who has left, and the return of former members.
@Suite struct FormerMemberTests {
  /// Everything of the account that a user can change after they left: the photo, the display name, the address.
  @Test(arguments: Backend.available) func groupSeesNothingNewOfAFormerMember(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (server, token) = (roles.server, roles.tokens[.member])
      func setPhoto(shade: UInt8) async throws {
        let picture = PNG.encode(32, 32) { x, _ in (UInt8(x * 7), shade, 90) }
        let put = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(picture))
        try #require(put.status == 200, "\(put.text)")
      }
      let photo = roles.path(.member) + "/photo"
      try await setPhoto(shade: 10)
      #expect(try await roles.send(.owner, "GET", photo).status == 200)
      #expect(try await roles.send(.owner, "GET", roles.path(.member)).decode(Member.self).photo != nil)
      #expect(try await roles.send(.member, "POST", "/leave").status == 204)
      let left = try await roles.send(.owner, "GET", roles.path(.member))
      #expect(try left.decode(Member.self).photo == nil)
      try await setPhoto(shade: 200)
      let change = #"{"displayName": "New Name", "email": "new@example.org", "password": "a long password"}"#
      let changed = try await server.send(
        "PATCH", "/v1/me", token: token, json: change, headers: [("If-Match", "*")])
      #expect(changed.status == 200, "\(changed.text)")
      for query in ["", "?size=small", "?size=preview"] {
        try expectProblem(try await roles.send(.owner, "GET", photo + query), 404, "not_found")
      }
      // The member is as they were, in the member itself, in the list and in the changes.
      #expect(try await roles.send(.owner, "GET", roles.path(.member)).text == left.text)
      for path in ["/members?removed=true", "/members?since=0"] {
        let members = try await roles.send(.owner, "GET", path).decode(Page<Member>.self).items
        let member = try #require(members.first { $0.id == roles.members[.member] })
        #expect(member.photo == nil && member.name == "member", "\(path)")
      }
      // Back in the group, they show it again.
      _ = try await server.join(
        roles.group, try #require(token), invitedBy: try #require(roles.tokens[.owner]))
      #expect(try await roles.send(.owner, "GET", photo).status == 200)
    }
  }

  /// Codes that a member may know from before do not let them in again, in any role, nor as a guest.
  @Test(arguments: Backend.available) func formerMemberNeedsAnInviteOfLater(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (server, owner) = (roles.server, try #require(roles.tokens[.owner]))
      let codes = try await [
        server.invite(roles.group, owner, #"{"maxUses": 9}"#).code,
        server.invite(roles.group, owner, #"{"guest": "\#(roles.guests[0])"}"#).code,
      ]
      let token = try #require(roles.tokens[.viewer])
      #expect(try await roles.send(.owner, "DELETE", roles.path(.viewer)).status == 204)
      for code in codes {
        for verb in ["lookup", "accept"] {
          try expectProblem(try await server.accept(code, token, verb), 409, "invite_too_old", "owner")
        }
      }
      // The invites stay open for others.
      let other = try await server.signUp("other")
      #expect(try await server.accept(codes[0], other).status == 200)
      let back = try await server.join(roles.group, token, as: .viewer, invitedBy: owner)
      #expect(back.me == roles.members[.viewer])
    }
  }

  /// An admin knows the codes of all invites, and may have given them to another account of theirs.
  @Test(arguments: Backend.available) func invitesEndWithAnAdmin(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (server, owner) = (roles.server, try #require(roles.tokens[.owner]))
      let (admin, other) = (try #require(roles.tokens[.admin]), try await server.signUp("other"))
      func codes() async throws -> [String] {
        try await [owner, admin].mapAsync {
          try await server.invite(roles.group, $0, #"{"role": "admin"}"#).code
        }
      }
      func expectEnded(_ codes: [String]) async throws {
        for code in codes {
          for token in [admin, other] {
            try expectProblem(try await server.accept(code, token), 404, "not_found")
          }
        }
        #expect(try await roles.send(.owner, "GET", "/invites").decode(Page<Invite>.self).items.isEmpty)
      }
      // A new name ends nothing.
      let kept = try await codes()
      #expect(try await roles.send(.owner, "PATCH", roles.path(.admin), #"{"name": "A"}"#).status == 200)
      #expect(try await server.accept(kept[0], other, "lookup").status == 200)
      // Neither does a change that is refused.
      let stale = try await roles.send(
        .owner, "PATCH", roles.path(.admin), #"{"role": "viewer"}"#, headers: [("If-Match", "\"1\"")])
      #expect(stale.status == 412)
      #expect(try await server.accept(kept[0], other, "lookup").status == 200)
      #expect(try await roles.send(.owner, "PATCH", roles.path(.admin), #"{"role": "viewer"}"#).status == 200)
      try await expectEnded(kept)
      // They do not come back with the role.
      #expect(try await roles.send(.owner, "PATCH", roles.path(.admin), #"{"role": "admin"}"#).status == 200)
      try await expectEnded(kept)
      let again = try await codes()
      #expect(try await roles.send(.admin, "POST", "/leave").status == 204)
      try await expectEnded(again)
      _ = try await server.join(roles.group, admin, as: .admin, invitedBy: owner)
      let last = try await codes()
      let deletion = #"{"password": "a long password"}"#
      #expect(try await server.send("DELETE", "/v1/me", token: admin, json: deletion).status == 204)
      for code in last { try expectProblem(try await server.accept(code, other), 404, "not_found") }
    }
  }

  /// However the removal of an admin and the acceptance of an invite meet, the admin is not an admin afterwards.
  @Test(arguments: Backend.available) func removedAdminDoesNotComeBackInARace(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { roles in
      let (server, owner) = (roles.server, try #require(roles.tokens[.owner]))
      let admin = try #require(roles.tokens[.admin])
      for _ in 0..<5 {
        let code = try await server.invite(roles.group, owner, #"{"role": "admin", "maxUses": 9}"#).code
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          tasks.addTask { _ = try await roles.send(.owner, "DELETE", roles.path(.admin)) }
          for _ in 0..<6 { tasks.addTask { _ = try await server.accept(code, admin) } }
          try await tasks.waitForAll()
        }
        #expect(try await roles.send(.admin, "GET", "").status == 404)
        _ = try await server.join(roles.group, admin, as: .admin, invitedBy: owner)
      }
    }
  }
}

extension Array {
  fileprivate func mapAsync<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
