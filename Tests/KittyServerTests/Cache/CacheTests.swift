import Foundation
import KittyShared
import Testing

@testable import KittyServer

struct CacheTests {
  private let group = ID(at: .now)

  @Test func aVersionStaysUntilItIsOutdated() async throws {
    let cache = InProcessInvalidation()
    let (group, books) = (CacheTag.group(group), CacheTag.books(group))
    let before = try #require(cache.versions(of: [group, books]))
    #expect(cache.versions(of: [group, books]) == before)
    await cache.invalidate([books])
    let after = try #require(cache.versions(of: [group, books]))
    #expect(after[0] == before[0] && after[1] != before[1])
  }

  @Test func versionsAreNeverUsedTwiceHoweverManyScopesThereAre() {
    let table = TagVersions(capacity: 10)
    var seen: Set<Int> = []
    for number in 0..<100 {
      #expect(seen.insert(table.versions(of: [.session("\(number)")])[0]).inserted)
    }
    table.invalidateAll()
    #expect(seen.insert(table.versions(of: [.session("99")])[0]).inserted)
  }

  @Test func whatIsRememberedIsFoundUnderItsVersionAndNotForLong() {
    let remembered = VersionedCache<String, Int>(capacity: 2)
    let soon = ContinuousClock.now + .seconds(60)
    remembered.insert(1, for: "a", at: CacheVersion(7, until: soon))
    #expect(remembered.value(for: "a", at: CacheVersion(7, until: soon)) == 1)
    #expect(remembered.value(for: "a", at: CacheVersion(8, until: soon)) == nil)
    #expect(remembered.value(for: "a", at: nil) == nil)
    remembered.insert(2, for: "b", at: CacheVersion(7, until: .now - .seconds(1)))
    #expect(remembered.value(for: "b", at: CacheVersion(7, until: soon)) == nil)
    for number in 0..<100 { remembered.insert(number, for: "\(number)", at: CacheVersion(7, until: soon)) }
    let kept = (0..<100).filter { remembered.value(for: "\($0)", at: CacheVersion(7, until: soon)) != nil }
    #expect((1...2).contains(kept.count))
  }

  @Test func aScopeIsKnownByItsName() {
    for tag in [CacheTag.session("ab12"), .group(group), .books(group), .all] {
      #expect(CacheTag(key: Substring(tag.key)) == tag)
    }
    #expect(CacheTag(key: "something:else") == nil)
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func whatOneCopyOutdatesIsOutdatedOnTheOther() async throws {
    let url = try #require(Backend.redisURL)
    let copies = [try RedisInvalidation(url: url), try RedisInvalidation(url: url)]
    let tags = [CacheTag.group(group), .books(group)]
    for copy in copies { try await until { copy.versions(of: tags) != nil } }
    let before = try copies.map { try #require($0.versions(of: tags)) }
    #expect(copies.map { $0.versions(of: tags) } == before)
    await copies[0].invalidate([.books(group)])
    #expect(copies[0].versions(of: tags)?[0] == before[0][0])
    #expect(copies[0].versions(of: tags)?[1] != before[0][1])
    try await until { copies[1].versions(of: tags)?[1] != before[1][1] }
    #expect(copies[1].versions(of: tags)?[0] == before[1][0])
    #expect(await copies[0].healthProblem() == nil)
    for copy in copies { await copy.close() }
    #expect(copies[0].versions(of: tags) == nil)
    #expect(await copies[0].healthProblem() != nil)
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func nothingIsRememberedWhileRedisIsAway() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let copies = [try RedisInvalidation(url: redis.url), try RedisInvalidation(url: redis.url)]
    let tags = [CacheTag.books(group)]
    for copy in copies { try await until { copy.versions(of: tags) != nil } }
    let before = try copies.map { try #require($0.versions(of: tags)) }
    redis.kill()
    for copy in copies { try await until { copy.versions(of: tags) == nil } }
    // Told while nobody hears it: it must not be lost, however much it is.
    await copies[0].invalidate(tags)
    await copies[0].invalidate((0..<2000).map { .session("\($0)") })
    try redis.start()
    for (copy, old) in zip(copies, before) {
      try await until { copy.versions(of: tags) != nil }
      #expect(copy.versions(of: tags) != old)
    }
    let between = try #require(copies[1].versions(of: tags))
    // What the first copy owes goes out once it reaches Redis, whether it has more to say or not.
    try await until { copies[1].versions(of: tags) != between }
    for copy in copies { await copy.close() }
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func aFrozenRedisIsNotBelievedForLong() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let cache = try RedisInvalidation(url: redis.url)
    try await until { cache.versions(of: [.books(group)]) != nil }
    redis.signal(SIGSTOP)
    try await until { cache.versions(of: [.books(group)]) == nil }
    redis.signal(SIGCONT)
    try await until { cache.versions(of: [.books(group)]) != nil }
    await cache.close()
  }
}

/// Two servers on one database and one Redis.
@Suite(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
struct CopiesTests {
  private func run(_ body: ([TestServer]) async throws -> Void) async throws {
    let place = try await TestServer.Place(on: .postgres)
    let beside = TestServer.Place(databaseURL: place.databaseURL)
    defer { for place in [place, beside] { place.remove() } }
    try await TestServer.run(at: place, redis: Backend.redisURL) { (one) async throws in
      try await TestServer.run(at: beside, redis: Backend.redisURL) { (other) async throws in
        for server in [one, other] {
          try await until { server.dependencies.cache?.versions(of: []) != nil }
        }
        try await body([one, other])
      }
    }
  }

  @Test func whatOneDoesTheOtherKnows() async throws {
    try await run { servers in
      let token = try await servers[0].signUp()
      let (group, members) = try await servers[0].makeGroup(token)
      let path = "/v1/groups/\(group.id)"
      for number in 1...20 {
        // Both remember the balances; an expense on either is seen on both.
        for server in servers { _ = try await server.balances(group.id, token) }
        let made = try await servers[number % 2].send(
          "POST", path + "/expenses", token: token,
          json: #"{"description": "Dinner", "amount": 300, "payer": "\#(members[0].id)"}"#)
        #expect(made.status == 201)
        let expected = Int64(number) * 200
        #expect(try await servers[number % 2].balances(group.id, token)[0].net == expected)
        try await until { try await servers[(number + 1) % 2].balances(group.id, token)[0].net == expected }
      }
      // A new name, and an archived group.
      let renamed = try await servers[0].send(
        "PATCH", path + "/members/\(members[1].id)", token: token, json: #"{"name": "Bert"}"#,
        headers: [("If-Match", "*")])
      #expect(renamed.status == 200, "\(renamed.text)")
      for server in servers {
        try await until { try await server.balances(group.id, token).contains { $0.name == "Bert" } }
      }
      let archived = try await servers[1].send(
        "PATCH", path, token: token, json: #"{"archived": true}"#, headers: [("If-Match", "*")])
      #expect(archived.status == 200, "\(archived.text)")
      for server in servers {
        try await until {
          try await server.send(
            "POST", path + "/members", token: token, json: #"{"name": "Dora\#(Int.random(in: 0...999_999))"}"#
          ).status == 409
        }
      }
    }
  }

  @Test func whatSomebodyMayIsTheSameOnBoth() async throws {
    try await run { servers in
      let owner = try await servers[0].signUp()
      let bob = try await servers[0].signUp("bob")
      let group = try await servers[0].makeGroup(owner).group.id
      let path = "/v1/groups/\(group)"
      // Who joins on one is a member on the other.
      for server in servers { #expect(try await server.send("GET", path, token: bob).status == 404) }
      let invite = try await servers[0].invite(group, owner)
      for server in servers { try await until { try await server.balances(group, owner).count == 3 } }
      let tags = [CacheTag.group(group)]
      let before = try #require(servers[1].dependencies.cache?.versions(of: tags))
      let me = try await servers[0].accept(invite.code, bob).decode(Group.self).me
      #expect(try await servers[0].balances(group, owner).count == 4)
      try await until { servers[1].dependencies.cache?.versions(of: tags) != before }
      #expect(try await servers[1].balances(group, owner).count == 4)
      try await until { try await servers[1].send("GET", path, token: bob).status == 200 }
      func enter(_ server: TestServer) async throws -> Int {
        try await server.send("POST", path + "/members", token: bob, json: #"{"name": "\#(ID(at: .now))"}"#)
          .status
      }
      for server in servers { #expect(try await enter(server) == 201) }
      for (role, status) in [("viewer", 403), ("admin", 201), ("viewer", 403)] {
        let changed = try await servers[0].send(
          "PATCH", path + "/members/\(me)", token: owner, json: #"{"role": "\#(role)"}"#,
          headers: [("If-Match", "*")])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(try await enter(servers[0]) == status)
        try await until { try await enter(servers[1]) == status }
      }
      #expect(try await servers[0].send("DELETE", path + "/members/\(me)", token: owner).status == 204)
      #expect(try await servers[0].send("GET", path, token: bob).status == 404)
      try await until { try await servers[1].send("GET", path, token: bob).status == 404 }
    }
  }

  @Test func whoSignsOutOnOneIsSignedOutOnBoth() async throws {
    try await run { servers in
      let token = try await servers[0].signUp()
      for server in servers { #expect(try await server.send("GET", "/v1/me", token: token).status == 200) }
      #expect(try await servers[0].send("DELETE", "/v1/sessions/current", token: token).status == 204)
      #expect(try await servers[0].send("GET", "/v1/me", token: token).status == 401)
      try await until { try await servers[1].send("GET", "/v1/me", token: token).status == 401 }
    }
  }

  @Test func whatEndsSessionsEndsThemOnBoth() async throws {
    try await run { servers in
      func begin(_ name: String) async throws -> String {
        let json = #"{"name": "\#(name)", "password": "a long password"}"#
        return try await servers[0].send("POST", "/v1/sessions", json: json).decode(Session.self).token
      }
      func status(_ number: Int, _ token: String) async throws -> Int {
        try await servers[number].send("GET", "/v1/me", token: token).status
      }
      let anna = [try await servers[0].signUp("anna"), try await begin("anna")]
      let bob = try await servers[0].signUp("bob")
      for token in anna + [bob] { for number in 0...1 { #expect(try await status(number, token) == 200) } }
      let changed = try await servers[0].send(
        "PUT", "/v1/me/password", token: anna[0],
        json: #"{"current": "a long password", "new": "another password"}"#)
      #expect(changed.status == 200)
      #expect(try await status(0, anna[1]) == 401)
      try await until { try await status(1, anna[1]) == 401 }
      for number in 0...1 { #expect(try await status(number, anna[0]) == 200) }
      let deleted = try await servers[1].send(
        "DELETE", "/v1/me", token: bob, json: #"{"password": "a long password"}"#)
      #expect(deleted.status == 204)
      #expect(try await status(1, bob) == 401)
      try await until { try await status(0, bob) == 401 }
    }
  }

  /// What is ended on one copy is refused on the other within a second. What is remembered is believed for ten
  /// without a word, so a word must have come; the median of three, since a busy machine may stop for a moment.
  @Test(arguments: ["a session", "all others", "a token"])
  func whatIsRevokedOnOneIsRefusedOnBoth(what: String) async throws {
    try await run { servers in
      let own = try await servers[0].signUp()
      var times: [Duration] = []
      for _ in 0..<3 {
        let (lost, path): (String, String)
        switch what {
        case "a token":
          let token = try await servers[0].makeToken(own)
          (lost, path) = (try #require(token.token), "/v1/me/tokens/\(token.id)")
        default:
          lost = try await servers[0].signIn()
          let list = try await servers[0].send("GET", "/v1/me/sessions", token: lost)
          let id = try list.decode(Page<OpenSession>.self).items.first { $0.current }?.id
          path = what == "all others" ? "/v1/me/sessions" : "/v1/me/sessions/\(try #require(id))"
        }
        for server in servers {
          for secret in [lost, own] {
            #expect(try await server.send("GET", "/v1/me", token: secret).status == 200)
          }
        }
        #expect(try await servers[0].send("DELETE", path, token: own).status == 204)
        let start = ContinuousClock.now
        #expect(try await servers[0].send("GET", "/v1/me", token: lost).status == 401)
        try await until { try await servers[1].send("GET", "/v1/me", token: lost).status == 401 }
        times.append(.now - start)
        #expect(try await servers[1].send("GET", "/v1/me", token: own).status == 200)
      }
      #expect(times.sorted()[1] < .seconds(1), "\(times)")
    }
  }
}
