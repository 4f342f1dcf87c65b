import KittyShared
import Testing

@testable import KittyServer

/// API tokens: created, listed, revoked. `TokenRightsTests` has their rights.
@Suite struct TokenTests {
  @Test(arguments: Backend.available) func secretIsShownOnceAndStoredAsHash(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (group, _) = try await server.makeGroup(session)
      let expires = Instant.now.advanced(by: .seconds(3600))
      let json =
        #"{"name": " nightly export ", "scopes": ["write", "read"], "group": "\#(group.id)", "expiresAt": "\#(expires)"}"#
      let answer = try await server.send("POST", "/v1/me/tokens", token: session, json: json)
      #expect(answer.status == 201)
      var made = try answer.decode(APIToken.self)
      let secret = try #require(made.token)
      #expect(secret.hasPrefix("kittypat_") && secret.utf8.count == 9 + 43)
      #expect(made.name == "nightly export" && made.scopes == [.read, .write] && made.group == group.id)
      #expect(made.expiresAt == expires && made.lastUsedAt == nil)
      #expect(answer.header("Location") == "/v1/me/tokens/\(made.id)")

      made.token = nil
      let path = "/v1/me/tokens/\(made.id)"
      #expect(try await server.send("GET", path, token: session).decode(APIToken.self) == made)
      let list = try await server.send("GET", "/v1/me/tokens", token: session)
      #expect(try list.decode(Page<APIToken>.self).items == [made])
      #expect(!list.text.contains("kittypat_"))
      let row = try await server.dependencies.database.read("select * from tokens")[0]
      #expect(!"\(row)".contains(secret.dropFirst(9)))

      #expect(try await server.send("GET", "/v1/me", token: secret).status == 200)
      try await server.dependencies.uses.write()
      let used = try await server.send("GET", path, token: session).decode(APIToken.self).lastUsedAt
      #expect(try #require(used) >= made.createdAt)
    }
  }

  @Test(arguments: Backend.available) func everyFieldOfNewTokenIsChecked(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (other, _) = try await server.makeGroup(try await server.signUp("dora"))
      let (gone, _) = try await server.makeGroup(session)
      #expect(try await server.send("DELETE", "/v1/groups/\(gone.id)", token: session).status == 204)
      let long = String(repeating: "a", count: 65)
      let cases: [(json: String, field: String, code: String)] = [
        (#"{"scopes": ["read"]}"#, "name", "missing"),
        (#"{"name": " ", "scopes": ["read"]}"#, "name", "blank"),
        (#"{"name": "\#(long)", "scopes": ["read"]}"#, "name", "too_long"),
        (#"{"name": "x"}"#, "scopes", "missing"),
        (#"{"name": "x", "scopes": []}"#, "scopes", "empty"),
        (#"{"name": "x", "scopes": ["read", "read"]}"#, "scopes", "twice"),
        (#"{"name": "x", "scopes": ["read", "admin"]}"#, "scopes.1", "unknown_scope"),
        (#"{"name": "x", "scopes": "read"}"#, "scopes", "wrong_type"),
        (#"{"name": "x", "scopes": ["read"], "group": "x"}"#, "group", "not_an_id"),
        (#"{"name": "x", "scopes": ["read"], "group": "\#(ID(at: .now))"}"#, "group", "not_a_member"),
        (#"{"name": "x", "scopes": ["read"], "group": "\#(other.id)"}"#, "group", "not_a_member"),
        (#"{"name": "x", "scopes": ["read"], "group": "\#(gone.id)"}"#, "group", "not_a_member"),
        (#"{"name": "x", "scopes": ["read"], "expiresAt": "tomorrow"}"#, "expiresAt", "not_an_instant"),
        (#"{"name": "x", "scopes": ["read"], "expiresAt": "\#(Instant.now)"}"#, "expiresAt", "in_the_past"),
        (
          #"{"name": "x", "scopes": ["read"], "id": "\#(ID(at: .now).description.dropLast())"}"#, "id",
          "not_an_id"
        ),
        (#"{"name": "x", "scopes": ["read"], "token": "kittypat_x"}"#, "token", "unknown_field"),
      ]
      for (json, field, code) in cases {
        let problem = try await server.send("POST", "/v1/me/tokens", token: session, json: json).problem()
        #expect(problem.status == 422, "\(json)")
        #expect(problem.errors?.map(\.field) == [field] && problem.errors?.map(\.code) == [code], "\(json)")
      }
      let id = ID(at: .now)
      let json = #"{"id": "\#(id)", "name": "x", "scopes": ["read"]}"#
      #expect(
        try await server.send("POST", "/v1/me/tokens", token: session, json: json).decode(APIToken.self).id
          == id)
      let again = try await server.send("POST", "/v1/me/tokens", token: session, json: json)
      #expect(try again.problem().code == "id_taken")
    }
  }

  @Test(arguments: Backend.available) func tokenListHasPagesOfOwnTokens(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("dora"))
      var made: [ID] = []
      for number in 0..<5 { made.insert(try await server.makeToken(anna, name: "\(number)").id, at: 0) }
      let first = try await server.send("GET", "/v1/me/tokens?limit=3", token: anna)
      let page = try first.decode(Page<APIToken>.self)
      let next = try #require(page.next)
      #expect(first.header("Link") == "</v1/me/tokens?cursor=\(next)&limit=3>; rel=\"next\"")
      let rest = try await server.send("GET", "/v1/me/tokens?limit=3&cursor=\(next)", token: anna)
        .decode(Page<APIToken>.self)
      #expect((page.items + rest.items).map(\.id) == made && rest.next == nil)

      #expect(
        try await server.send("GET", "/v1/me/tokens", token: bob).decode(Page<APIToken>.self).items.isEmpty)
      for method in ["GET", "DELETE"] {
        let answer = try await server.send(method, "/v1/me/tokens/\(made[0])", token: bob)
        #expect(try answer.problem().code == "not_found")
      }
      #expect(try await server.send("GET", "/v1/me/tokens/\(made[0])", token: anna).status == 200)
    }
  }

  @Test(arguments: Backend.available) func revokedTokenIsRefusedAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (revoked, kept) = (try await server.makeToken(session), try await server.makeToken(session))
      for token in [revoked, kept] {
        #expect(try await server.send("GET", "/v1/me", token: token.token).status == 200)
      }
      let path = "/v1/me/tokens/\(revoked.id)"
      #expect(try await server.send("DELETE", path, token: session).status == 204)
      let answer = try await server.send("GET", "/v1/me", token: revoked.token)
      #expect(try answer.problem().code == "sign_in_needed")
      #expect(try await server.send("GET", "/v1/me", token: kept.token).status == 200)
      for path in [path, "/v1/me/tokens/x"] {
        #expect(try await server.send("DELETE", path, token: session).status == 404)
        #expect(try await server.send("GET", path, token: session).status == 404)
      }
    }
  }

  @Test(arguments: Backend.available) func expiredTokenIsRefusedAndListedFor30Days(
    backend: Backend
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let token = try await server.makeToken(
        session, expires: Instant.now.advanced(by: .seconds(3600)))
      let lasting = try await server.makeToken(session)
      #expect(try await server.send("GET", "/v1/me", token: token.token).status == 200)
      let store = SessionStore(database: server.dependencies.database)
      let expires = try #require(token.expiresAt)
      let secrets = [try #require(token.token), try #require(lasting.token)].map { BearerToken($0) }
      #expect(
        try await store.find(secrets[0], in: nil, at: expires.advanced(by: .milliseconds(-1))).principal
          != nil)
      #expect(try await store.find(secrets[0], in: nil, at: expires).principal == nil)
      #expect(try await store.find(secrets[1], in: nil, at: expires).principal != nil)

      let tokens = TokenStore(database: server.dependencies.database)
      try await tokens.deleteExpired(at: expires.advanced(by: .seconds(29 * 86_400)), WriteContext())
      #expect(try await server.send("GET", "/v1/me/tokens/\(token.id)", token: session).status == 200)
      try await tokens.deleteExpired(at: expires.advanced(by: .seconds(31 * 86_400)), WriteContext())
      #expect(try await server.send("GET", "/v1/me/tokens/\(token.id)", token: session).status == 404)
      #expect(try await server.send("GET", "/v1/me/tokens/\(lasting.id)", token: session).status == 200)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
  func cachedTokenExpires() async throws {
    try await TestServer.run(on: .postgres, redis: Backend.redisURL) { (server) async throws in
      try await until { server.dependencies.cache?.versions(of: []) != nil }
      let session = try await server.signUp()
      let token = try await server.makeToken(session, expires: Instant.now.advanced(by: .seconds(2)))
      #expect(try await server.send("GET", "/v1/me", token: token.token).status == 200)
      try await until { try await server.send("GET", "/v1/me", token: token.token).status == 401 }
      // Cached values live until they are invalidated, but not longer than the token.
      let expires = try #require(token.expiresAt)
      #expect(expires <= .now && .now < expires.advanced(by: .seconds(5)))
    }
  }

  @Test(arguments: Backend.available) func tokensPerUserAreLimited(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("dora"))
      let user = try await server.send("GET", "/v1/me", token: anna).decode(User.self).id
      let store = TokenStore(database: server.dependencies.database)
      for number in 1..<TokenStore.limit {
        let token = APIToken(
          id: ID(at: .now), name: "x", scopes: [.read], group: nil, createdAt: .now, expiresAt: nil)
        #expect(try await store.insert(token, secretHash: "\(number)", user: user, WriteContext()))
      }
      let last = try await server.makeToken(anna)
      let json = #"{"name": "x", "scopes": ["read"]}"#
      let refused = try await server.send("POST", "/v1/me/tokens", token: anna, json: json)
      #expect(try refused.problem().code == "too_many_tokens" && refused.status == 409)
      _ = try await server.makeToken(bob)
      #expect(try await server.send("DELETE", "/v1/me/tokens/\(last.id)", token: anna).status == 204)
      _ = try await server.makeToken(anna)
    }
  }

  @Test(arguments: Backend.available) func allTokensAreRevokedAtOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("bob"))
      var secrets: [String] = []
      for _ in 0..<3 { secrets.append(try #require(try await server.makeToken(anna).token)) }
      let other = try #require(try await server.makeToken(bob).token)
      for secret in secrets { #expect(try await server.send("GET", "/v1/me", token: secret).status == 200) }
      // A token cannot revoke tokens.
      #expect(try await server.send("DELETE", "/v1/me/tokens", token: secrets[0]).status == 403)
      let answer = try await server.send("DELETE", "/v1/me/tokens", token: anna)
      #expect(answer.status == 204 && answer.text.isEmpty)
      for secret in secrets { #expect(try await server.send("GET", "/v1/me", token: secret).status == 401) }
      for token in [anna, bob, other] {
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
      #expect(try await server.send("DELETE", "/v1/me/tokens", token: anna).status == 204)
    }
  }
}
