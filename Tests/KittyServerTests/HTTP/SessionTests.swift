import ArgumentParser
import FoundationEssentials
import KittyShared
import OpenAPIDocument
import Redis
import Testing

@testable import KittyServer

/// The sessions of a user: listed, and ended one by one or all at once.
@Suite struct SessionTests {
  private func sessions(_ server: TestServer, _ token: String) async throws -> [OpenSession] {
    try await server.send("GET", "/v1/me/sessions", token: token).decode(Page<OpenSession>.self).items
  }

  private func signIn(
    _ server: TestServer, device: String? = nil, agent: String? = nil
  ) async throws -> Answer {
    let field = device.map { #", "device": "\#($0)""# } ?? ""
    return try await server.send(
      "POST", "/v1/sessions", json: #"{"name": "anna", "password": "a long password"\#(field)}"#,
      headers: agent.map { [("User-Agent", $0)] } ?? [])
  }

  @Test(arguments: Backend.available) func sessionsAreListedWithTheirDevice(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      let bob = try await server.signUp("bob")
      let before = Instant.now
      for (device, agent) in [
        ("Anna's laptop", "curl/8.1"), (nil, "curl/8.1  \u{202E}(x)  "), (nil, "\u{200F}"),
        (nil, String(repeating: "a", count: 300)),
      ] {
        #expect(try await signIn(server, device: device, agent: agent).status == 201)
      }
      let last = try await signIn(server, device: "Telephone").decode(Session.self)
      let all = try await sessions(server, last.token)
      #expect(
        all.map(\.device).dropLast() == [
          "Telephone", String(repeating: "a", count: 128), nil, "curl/8.1 (x)", "Anna's laptop",
        ])
      #expect(all.count == 6)
      #expect(all.map(\.current) == [true, false, false, false, false, false])
      #expect(all[0].id == last.id && all[0].expiresAt == last.expiresAt)
      for session in all.dropLast() {
        #expect(session.createdAt >= before && session.createdAt <= .now)
        #expect(session.lastUsedAt == session.createdAt)
      }
      #expect(try await sessions(server, bob).count == 1)
    }
  }

  @Test(arguments: Backend.available) func invalidDeviceNameIsRefused(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      for (device, code) in [
        (String(repeating: "a", count: 129), "too_long"), ("", "blank"), (#"a\u202eb"#, "control_character"),
      ] {
        let problem = try await signIn(server, device: device).problem()
        #expect(problem.status == 422)
        #expect(problem.errors?.map(\.field) == ["device"] && problem.errors?.map(\.code) == [code])
      }
    }
  }

  @Test(arguments: Backend.available) func sessionListHasPages(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      for _ in 0..<4 { _ = try await server.signIn() }
      let all = try await sessions(server, token).map(\.id)
      #expect(all.count == 5 && all == all.sorted(by: >))
      var (found, path): ([ID], String?) = ([], "/v1/me/sessions?limit=2")
      while let next = path {
        let answer = try await server.send("GET", next, token: token)
        let page = try answer.decode(Page<OpenSession>.self)
        found += page.items.map(\.id)
        path = page.next.map { "/v1/me/sessions?limit=2&cursor=\($0)" }
        #expect((answer.header("Link") != nil) == (page.next != nil))
      }
      #expect(found == all)
      let wrong = try await server.send("GET", "/v1/me/sessions?cursor=x", token: token)
      #expect(try wrong.problem().errors?.first?.field == "cursor")
    }
  }

  @Test(arguments: Backend.available) func ownSessionIsEndedAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let lost = try await server.signIn()
      let bob = try await server.signUp("bob")
      for token in [token, lost, bob] {
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
      let id = try await sessions(server, lost).first { $0.current }?.id
      let path = "/v1/me/sessions/\(try #require(id))"
      // The session of another user is not found, and stays.
      #expect(try await server.send("DELETE", path, token: bob).problem().code == "not_found")
      #expect(try await server.send("GET", "/v1/me", token: lost).status == 200)
      #expect(try await server.send("DELETE", path, token: token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: lost).status == 401)
      #expect(try await sessions(server, token).map(\.current) == [true])
      for path in [path, "/v1/me/sessions/\(ID(at: .now))", "/v1/me/sessions/x"] {
        #expect(try await server.send("DELETE", path, token: token).problem().code == "not_found")
      }
      // The current session can be ended by its id too.
      let own = try await sessions(server, token)[0].id
      #expect(try await server.send("DELETE", "/v1/me/sessions/\(own)", token: token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: token).status == 401)
    }
  }

  @Test(arguments: Backend.available) func otherSessionsAreEndedAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      var others: [String] = []
      for _ in 0..<3 { others.append(try await server.signIn()) }
      let bob = try await server.signUp("bob")
      for token in others + [token, bob] {
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
      for _ in 0..<2 {
        #expect(try await server.send("DELETE", "/v1/me/sessions", token: token).status == 204)
        for token in others { #expect(try await server.send("GET", "/v1/me", token: token).status == 401) }
        for token in [token, bob] {
          #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
        }
      }
      #expect(try await sessions(server, token).count == 1)
    }
  }

  @Test(arguments: Backend.available) func expiredSessionIsNotListed(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      try await server.dependencies.database.transact([
        """
        insert into sessions (id, token_hash, user_id, created_at, used_at, expires_at)
        values (\(ID(at: .now)), 'x', \(user), \(Instant.now), \(Instant.now), \(Instant.now))
        """
      ])
      #expect(try await sessions(server, token).count == 1)
    }
  }

  @Test(arguments: Backend.available) func lastUseIsWrittenInTheBackground(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let database = server.dependencies.database
      let lastUse = { try await database.read("select used_at from sessions")[0].decode(Int64.self) }
      try await database.transact(["update sessions set used_at = 0"])
      #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      #expect(try await lastUse() == 0)
      try await server.dependencies.uses.write()
      #expect(try await lastUse() > 0)
      #expect(try await sessions(server, token)[0].lastUsedAt.milliseconds == lastUse())
      // Not written again within five minutes.
      try await database.transact(["update sessions set used_at = 0"])
      #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      try await server.dependencies.uses.write()
      #expect(try await lastUse() == 0)
    }
  }

  @Test(arguments: Backend.available) func signOutTakesEffectAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend, redis: backend == .postgres ? Backend.redisURL : nil) {
      (server) async throws in
      let token = try await server.signUp()
      let second = try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "ANNA", "password": "a long password"}"#
      ).decode(Session.self).token
      for _ in 0..<3 { #expect(try await server.send("GET", "/v1/me", token: token).status == 200) }
      #expect(try await server.send("DELETE", "/v1/sessions/current", token: token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: token).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: second).status == 200)
    }
  }

  @Test(arguments: Backend.available) func expiredSessionIsNotValid(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let later: @Sendable () -> Instant = { Instant.now.advanced(by: Sessions.lifetime + .seconds(1)) }
      let store = SessionStore(database: server.dependencies.database)
      let secret = BearerToken(token)
      #expect(try await store.find(secret, in: nil, at: .now).principal != nil)
      #expect(try await store.find(secret, in: nil, at: later()).principal == nil)
      try await store.deleteExpired(at: later(), WriteContext())
      let rows = try await server.dependencies.database.read("select count(*) from sessions")
      #expect(try rows[0].decode(Int.self) == 0)
    }
  }
}
