import KittyShared
import Testing

@testable import KittyServer

/// Sign-up by the setting SIGN_UP.
@Suite struct SignUpTests {
  private func signUp(_ server: TestServer, _ name: String, invite: String? = nil) async throws -> Answer {
    let field = invite.map { #", "invite": "\#($0)""# } ?? ""
    return try await server.send(
      "POST", "/v1/users", json: #"{"name": "\#(name)", "password": "a long password"\#(field)}"#)
  }

  private func invite(_ server: TestServer, expires: Duration = .seconds(60)) async throws -> String {
    try await server.dependencies.signUpPolicy.invite(
      at: .now, expires: Instant.now.advanced(by: expires), WriteContext())
  }

  private func expect(_ answer: Answer, _ code: String) throws {
    #expect(answer.status == 403)
    #expect(try answer.problem().code == code)
  }

  @Test(arguments: Backend.available) func openSignUpNeedsNoInvite(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let answer = try await signUp(server, "anna")
      #expect(answer.status == 201 && answer.header("ETag") == "\"1\"")
      // A code is accepted but not used up.
      let code = try await invite(server)
      #expect(try await signUp(server, "bob", invite: code).status == 201)
      let rows = try await server.dependencies.database.read(
        "select count(*) from sign_up_invites where used_by is null")
      #expect(try rows[0].decode(Int.self) == 1)
    }
  }

  @Test(arguments: Backend.available) func closedSignUpIsRefused(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["SIGN_UP": "closed"]) { (server) async throws in
      try expect(await signUp(server, "anna"), "sign_up_closed")
      try expect(await signUp(server, "anna", invite: await invite(server)), "sign_up_closed")
    }
  }

  @Test(arguments: Backend.available) func inviteAllowsOneSignUp(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["SIGN_UP": "invite"]) { (server) async throws in
      let code = try await invite(server)
      let missing = try await signUp(server, "anna")
      try expect(missing, "invite_needed")
      #expect(try missing.problem().errors?.map(\.field) == ["invite"])
      try expect(await signUp(server, "anna", invite: "wrong"), "invite_unknown")
      try expect(
        await signUp(server, "anna", invite: await invite(server, expires: .seconds(-1))), "invite_expired")
      // Failed sign-ups do not use the code up.
      #expect(try await signUp(server, "a", invite: code).status == 422)
      #expect(try await signUp(server, "anna", invite: code).status == 201)
      try expect(await signUp(server, "bob", invite: code), "invite_used")
      let other = try await invite(server)
      #expect(try await signUp(server, "anna", invite: other).problem().code == "name_taken")
      #expect(try await signUp(server, "carl", invite: other).status == 201)
      let rows = try await server.dependencies.database.read("select count(*) from users")
      #expect(try rows[0].decode(Int.self) == 2)
    }
  }

  @Test(arguments: Backend.available) func concurrentSignUpsUseInviteOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["SIGN_UP": "invite"]) { (server) async throws in
      let code = try await invite(server)
      let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
        for number in 0..<6 { group.addTask { try await signUp(server, "user\(number)", invite: code) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter { $0.status == 201 }.count == 1)
      for answer in answers where answer.status != 201 { try expect(answer, "invite_used") }
      let rows = try await server.dependencies.database.read("select count(*) from users")
      #expect(try rows[0].decode(Int.self) == 1)
    }
  }

  @Test(arguments: Backend.available) func oldInvitesAreDeleted(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await invite(server)
      let store = SignUpInviteStore(database: server.dependencies.database)
      func count() async throws -> Int {
        try await server.dependencies.database.read("select count(*) from sign_up_invites")[0].decode(
          Int.self)
      }
      try await store.deleteOld(at: Instant.now.advanced(by: .seconds(29 * 86_400)), WriteContext())
      #expect(try await count() == 1)
      try await store.deleteOld(at: Instant.now.advanced(by: .seconds(31 * 86_400)), WriteContext())
      #expect(try await count() == 0)
    }
  }

  @Test(arguments: Backend.available) func groupInviteAllowsSignUp(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["SIGN_UP": "invite"]) { (server) async throws in
      #expect(try await signUp(server, "anna", invite: await invite(server)).status == 201)
      let token = try await server.signIn("anna")
      let (group, _) = try await server.makeGroup(token)
      let code = try await server.invite(group.id, token, #"{"maxUses": 1}"#).code
      #expect(try await signUp(server, "bob", invite: code).status == 201)
      #expect(try await server.accept(code, try await server.signIn("bob")).status == 200)
      // A used invite, or one whose creator was disabled, allows no sign-up.
      try expect(await signUp(server, "carl", invite: code), "invite_used")
      let others = try await server.invite(group.id, token, #"{"maxUses": 5}"#).code
      try await server.dependencies.database.transact(["update users set disabled_at = 1 where name = 'anna'"]
      )
      try expect(await signUp(server, "carl", invite: others), "invite_expired")
      let unknown = String(others.dropLast()) + (others.hasSuffix("A") ? "B" : "A")
      try expect(await signUp(server, "carl", invite: unknown), "invite_unknown")
    }
  }

  /// Each use of an invite to a group is one sign-up, whose user alone accepts it.
  @Test(arguments: Backend.available) func groupInviteAdmitsOneSignUpForEachUse(backend: Backend) async throws
  {
    try await TestServer.run(on: backend, settings: ["SIGN_UP": "invite"]) { (server) async throws in
      #expect(try await signUp(server, "anna", invite: await invite(server)).status == 201)
      let token = try await server.signIn("anna")
      let group = try await server.makeGroup(token).group.id
      for uses in [1, 3] {
        let code = try await server.invite(group, token, #"{"maxUses": \#(uses)}"#).code
        let answers = try await withThrowingTaskGroup(of: (String, Answer).self) { tasks in
          for number in 0..<8 {
            tasks.addTask {
              let name = "user\(uses)\(number)"
              return (name, try await signUp(server, name, invite: code))
            }
          }
          return try await tasks.reduce(into: [] as [(String, Answer)]) { $0.append($1) }
        }
        let admitted = answers.filter { $0.1.status == 201 }.map { $0.0 }
        #expect(admitted.count == uses, "\(answers.map { $0.1.status })")
        for (_, answer) in answers where answer.status != 201 { try expect(answer, "invite_used") }
        // It is used up for all others: also for a user who has an account already.
        let other = try await invite(server)
        #expect(try await signUp(server, "other\(uses)", invite: other).status == 201)
        try expectProblem(
          try await server.accept(code, server.signIn("other\(uses)")), 409, "invite_used_up")
        for name in admitted {
          let user = try await server.signIn(name)
          for verb in ["lookup", "accept", "accept"] {
            #expect(try await server.accept(code, user, verb).status == 200, "\(name)")
          }
        }
        let rows = try await server.dependencies.database.read(
          "select uses from invites where max_uses = \(uses)")
        #expect(try rows[0].decode(Int.self) == uses)
        // Who leaves has used their place.
        let user = try await server.signIn(try #require(admitted.first))
        #expect(try await server.send("POST", "/v1/groups/\(group)/leave", token: user).status == 204)
        try expectProblem(try await server.accept(code, user), 409, "invite_too_old")
      }
      // A sign-up that fails uses nothing.
      let code = try await server.invite(group, token).code
      #expect(try await signUp(server, "anna", invite: code).problem().code == "name_taken")
      #expect(try await signUp(server, "zoe", invite: code).status == 201)
    }
  }
}
