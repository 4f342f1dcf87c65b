import KittyShared
import Testing

@testable import KittyServer

/// Rights of an API token. Generated from the route table, which includes new routes.
@Suite struct TokenRightsTests {
  private static let refusals: Set<String> = ["session_needed", "scope_missing", "token_of_one_group"]

  /// Sends a request to a route of a group; its body is invalid, so that it changes nothing.
  private func ask(_ route: Route, _ server: TestServer, _ token: String, in group: ID) async throws -> Answer
  {
    let path = route.path([group, ID(at: .now)])
    guard route.method != .get else { return try await server.send("GET", path, token: token) }
    return try await server.send(route.method.rawValue, path, token: token, json: #"{"nothing": 1}"#)
  }

  private func refusal(_ answer: Answer) -> String? {
    guard answer.status == 403, let code = try? answer.problem().code else { return nil }
    return Self.refusals.contains(code) ? code : nil
  }

  private static let all: [Route] = Endpoints.all.filter { $0.access != .anyone }

  @Test(arguments: Backend.available) func scopeAllowsOnlyItsMethods(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (group, _) = try await server.makeGroup(session)
      for scopes in [[.read], [.write], [.read, .write]] as [[TokenScope]] {
        let token = try #require(try await server.makeToken(session, scopes: scopes).token)
        // The deletion of the group would succeed.
        for route in Self.all where route != Endpoints.deleteGroup.route || !scopes.contains(.write) {
          let answer = try await ask(route, server, token, in: group.id)
          let needed: TokenScope = route.method == .get ? .read : .write
          let expected: String? =
            route.access == .session ? "session_needed" : scopes.contains(needed) ? nil : "scope_missing"
          #expect(refusal(answer) == expected, "\(scopes) \(route.method.rawValue) \(route.path)")
          if expected == "scope_missing" {
            #expect(try answer.problem().detail.contains("\"\(needed.rawValue)\""))
          }
        }
        #expect(
          try await server.send("HEAD", "/v1/me", token: token).status == (scopes == [.write] ? 403 : 200))
      }
      // A session needs no scope.
      for route in Self.all where route.method == .get {
        #expect(refusal(try await ask(route, server, session, in: group.id)) == nil)
      }
    }
  }

  @Test(arguments: Backend.available) func tokenCannotManageTheAccount(
    backend: Backend
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let made = try await server.makeToken(session)
      let token = try #require(made.token)
      let json = #"{"name": "x", "scopes": ["read"]}"#
      for (method, path) in [
        ("DELETE", "/v1/sessions/current"), ("GET", "/v1/me/sessions"), ("DELETE", "/v1/me/sessions"),
        ("GET", "/v1/me/tokens"), ("DELETE", "/v1/me/tokens/\(made.id)"), ("GET", "/v1/me/second-factor"),
        ("PUT", "/v1/me/photo"), ("DELETE", "/v1/me/photo"),
      ] {
        #expect(try await server.send(method, path, token: token).problem().code == "session_needed")
      }
      let another = try await server.send("POST", "/v1/me/tokens", token: token, json: json)
      #expect(try another.problem().code == "session_needed")
      // The token and the session are still valid.
      for token in [token, session] {
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
    }
  }

  @Test(arguments: Backend.available) func tokenOfOneGroupSeesNoOtherGroup(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (own, members) = try await server.makeGroup(session)
      let (other, _) = try await server.makeGroup(session)
      for group in [own, other] {
        let made = try await server.send(
          "POST", "/v1/groups/\(group.id)/expenses", token: session,
          json: #"{"description": "x", "amount": 300, "payer": "\#(group.me)"}"#)
        #expect(made.status == 201)
      }
      let token = try #require(try await server.makeToken(session, group: own.id).token)
      for route in Self.all {
        let answer = try await ask(route, server, token, in: other.id)
        let label = "\(route.method.rawValue) \(route.path): \(answer.text)"
        switch route.access {
        case .member: #expect(try answer.status == 404 && answer.problem().code == "not_found", "\(label)")
        case .session: #expect(refusal(answer) == "session_needed", "\(label)")
        default:
          let isOpen = [
            Endpoints.me.route, Endpoints.myPhoto.route, Endpoints.groups.route, Endpoints.myBalances.route,
            Endpoints.myEntries.route,
          ].contains(route)
          #expect(refusal(answer) == (isOpen ? nil : "token_of_one_group"), "\(label)")
        }
        // No response contains anything of another group.
        if route.method == .get, route.access == .user { #expect(!answer.text.contains("\(other.id)")) }
      }
      let groups = try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self)
      #expect(groups.items.map(\.id) == [own.id])
      let balances = try await server.send("GET", "/v1/me/balances", token: token).decode(MyBalances.self)
      #expect(balances.groups.map(\.group) == [own.id] && balances.totals.map(\.amount) == [200])
      let all = try await server.send("GET", "/v1/me/balances", token: session).decode(MyBalances.self)
      #expect(all.groups.count == 2 && all.totals.map(\.amount) == [400])
      // In its own group it has the rights of its user.
      #expect(try await server.balances(own.id, token).count == 3)
      let entered = try await server.send(
        "POST", "/v1/groups/\(own.id)/payments", token: token,
        json: #"{"from": "\#(members[1].id)", "to": "\#(own.me)", "amount": 100}"#)
      #expect(entered.status == 201, "\(entered.text)")
      // It does not exceed its scope.
      let reader = try #require(
        try await server.makeToken(session, scopes: [.read], group: own.id).token)
      #expect(try await server.balances(own.id, reader).count == 3)
      let refused = try await server.send("DELETE", "/v1/groups/\(own.id)", token: reader)
      #expect(try refused.problem().code == "scope_missing")
    }
  }

  /// Counts the round trips to the database.
  private actor CountingDatabase: Database {
    let database: any Database
    nonisolated var skippingLocked: SQL { database.skippingLocked }
    nonisolated var isOverloaded: Bool { database.isOverloaded }
    private(set) var trips = 0

    init(_ database: any Database) { self.database = database }
    func read(_ statements: [SQL]) async throws -> [[Row]] {
      trips += 1
      return try await database.read(statements)
    }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      trips += 1
      return try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  @Test(arguments: Backend.available) func principalAndMembershipAreReadInOneRoundTrip(
    backend: Backend
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let (group, _) = try await server.makeGroup(session)
      let token = try #require(try await server.makeToken(session, scopes: [.write], group: group.id).token)
      let counter = CountingDatabase(server.dependencies.database)
      for secret in [session, token] {
        let found = try await SessionStore(database: counter).find(
          BearerToken(secret), in: group.id, at: .now)
        #expect(found.principal != nil && found.membership?.member == group.me)
        let rights = secret == token ? TokenRights(scopes: [.write], group: group.id) : nil
        #expect(found.principal?.rights == rights)
      }
      #expect(await counter.trips == 2)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
  func cachedPrincipalIsNotReadAgain() async throws {
    // Its own: the sign-ins of other tests would hold the sessions.
    let redis = try RedisProcess()
    defer { redis.kill() }
    try await TestServer.run(on: .postgres, redis: redis.url) { (server) async throws in
      try await until { server.dependencies.cache?.versions(of: []) != nil }
      let session = try await server.signUp()
      let (group, _) = try await server.makeGroup(session)
      let token = try #require(try await server.makeToken(session).token)
      for secret in [session, token] { _ = try await server.balances(group.id, secret) }
      // Deletes the rows without an invalidation: the server accepts both because it does not read them.
      try await server.dependencies.database.transact(["delete from tokens", "delete from sessions"])
      for secret in [session, token] {
        #expect(try await server.send("GET", "/v1/groups/\(group.id)/balances", token: secret).status == 200)
      }
    }
  }
}
