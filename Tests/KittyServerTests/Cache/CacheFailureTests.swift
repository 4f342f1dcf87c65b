import Foundation
import KittyShared
import Redis
import Synchronization
import Testing

@testable import KittyServer

/// Cached values live until they are invalidated, so each failure of a writer, of Redis or of a connection must end in an
/// invalidation. docs/decisions/0048 lists them.
@Suite(
  .enabled(
    if: Backend.postgresURL != nil && RedisProcess.isInstalled,
    "`make test` starts PostgreSQL, and needs Redis"))
struct CacheFailureTests {
  /// A server with a Redis of its own, and a group whose balances it has cached.
  private struct Reader: Sendable {
    let server: TestServer
    let location: TestServer.DataLocation
    let redisURL: String
    let token: String
    let group: ID
    let payer: ID

    func net(_ server: TestServer? = nil) async throws -> Int64 {
      try await (server ?? self.server).balances(group, token)[0].net
    }

    var cache: any CacheInvalidation {
      get throws { try #require(server.dependencies.cache) }
    }

    /// Waits until the cache is in use, and fills it.
    func fill() async throws {
      let cache = try cache
      try await until { cache.versions(of: []) != nil }
      let hits = server.dependencies.metrics.caches.replies.hits
      let before = hits.value
      try await until {
        _ = try await net()
        return hits.value > before
      }
    }

    func enter(_ server: TestServer) async throws -> Int {
      try await server.send(
        "POST", "/v1/groups/\(group)/expenses", token: token,
        json: #"{"description": "Dinner", "amount": 300, "payer": "\#(payer)"}"#
      ).status
    }
  }

  private func run(_ body: (Reader, RedisProcess) async throws -> Void) async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location, redis: redis.url) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let reader = Reader(
        server: server, location: location, redisURL: redis.url, token: token, group: group.id,
        payer: members[0].id)
      try await reader.fill()
      try await body(reader, redis)
    }
  }

  /// The writer has sent its transaction when it is killed, so PostgreSQL commits it, and no message follows.
  @Test func writerThatIsKilledBeforeItsLastMessageLeavesNothingStale() async throws {
    try await run { reader, redis in
      let port = try freePort()
      let folder = NSTemporaryDirectory() + "kitty-test-\(ID(at: .now))"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let writer = try BackgroundProgram(
        Bundle.main.bundleURL.appending(path: "kittycash-server").path,
        [
          "serve", "--database-url", try #require(reader.location.databaseURL), "--redis-url",
          reader.redisURL,
          "--data", folder, "--port", "\(port)", "--worker", "separate",
        ])
      let other = reader.server.other(url: "http://127.0.0.1:\(port)")
      do { try await until { (try? await other.fetch("/health/ready").status) == 200 } } catch {
        writer.kill()
        throw error
      }
      try await reader.fill()
      let kept = try #require(try reader.cache.versions(of: [.books(reader.group)]))
      let isAnswered = try await BlockingTransaction.run(
        on: reader.server, at: reader.location, "select from groups where id = '\(reader.group)' for update",
        { (try? await reader.enter(other)) != nil },
        whileWaiting: { writer.kill() })
      #expect(!isAnswered)
      // The reader has held the tag since before the transaction.
      #expect(try reader.cache.versions(of: [.books(reader.group)]) != kept)
      try await until { try await reader.net() == 200 }
      #expect(try reader.cache.versions(of: [.books(reader.group)]) != kept)
    }
  }

  /// A reader that has lost nothing cannot be told through Redis by a writer that does not reach it.
  @Test func writerWithoutRedisTellsTheOthersThroughTheDatabase() async throws {
    try await run { reader, _ in
      let nowhere = "redis://127.0.0.1:\(try freePort())"
      let second = TestServer.DataLocation(databaseURL: reader.location.databaseURL)
      defer { second.remove() }
      try await TestServer.run(at: second, redis: nowhere) { writer in
        for number in 1...5 {
          try await reader.fill()
          #expect(try await reader.enter(writer) == 201)
          try await until { try await reader.net() == Int64(number) * 200 }
          #expect(try reader.cache.versions(of: []) != nil)
        }
      }
    }
  }

  @Test func commandWithoutRedisEndsSessionsAtOnce() async throws {
    try await run { reader, _ in
      let bob = try await reader.server.signUp("bob")
      for _ in 0..<3 {
        #expect(try await reader.server.send("GET", "/v1/me", token: bob).status == 200)
      }
      let outcome = try await runProgram(
        Bundle.main.bundleURL.appending(path: "kittycash-server").path, ["user", "disable", "bob"],
        ["DATABASE_URL": try #require(reader.location.databaseURL), "DATA_DIR": reader.location.folder])
      #expect(outcome.status == 0, "\(outcome.output)")
      try await until { try await reader.server.send("GET", "/v1/me", token: bob).status == 401 }
    }
  }

  @Test func restartOfRedisEmptiesTheCache() async throws {
    try await run { reader, redis in
      let tags = [CacheTag.books(reader.group)]
      let kept = try #require(try reader.cache.versions(of: tags))
      redis.kill()
      try await until { try reader.cache.versions(of: tags) == nil }
      let second = TestServer.DataLocation(databaseURL: reader.location.databaseURL)
      defer { second.remove() }
      try await TestServer.run(at: second, redis: redis.url) { writer in
        #expect(try await reader.enter(writer) == 201)
        #expect(try await reader.net() == 200)
        try redis.start()
        try await until { try reader.cache.versions(of: tags) != nil }
        #expect(try reader.cache.versions(of: tags) != kept)
        #expect(try await reader.net() == 200)
      }
    }
  }

  /// The reader is told of two overlapping changes, and stays away from the group until both have ended.
  @Test func overlappingChangesOfTwoWritersAreBothAwaited() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let servers = try (0..<3).map { _ in try RedisInvalidation(url: redis.url, settling: .zero) }
    let tags = [CacheTag.books(ID(at: .now))]
    for server in servers { try await until { server.versions(of: tags) != nil } }
    let reader = servers[2]
    func isUsable() -> Bool { reader.versions(of: tags) == reader.versions(of: tags) }
    let kept = reader.versions(of: tags)
    let changes = [await servers[0].announce(tags), await servers[1].announce(tags)]
    try await until { !isUsable() }
    await servers[0].finish(changes[0], changed: tags)
    #expect(!isUsable())
    await servers[1].finish(changes[1], changed: [])
    try await until { isUsable() }
    #expect(reader.versions(of: tags) != kept)
    for server in servers { await server.close() }
  }

  /// A database whose connection breaks before the reply.
  private struct LostReply: Database {
    let skippingLocked: SQL = ""
    let isOverloaded = false
    func read(_ statements: [SQL]) async throws -> [[Row]] { [] }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      throw DatabaseFailure.unavailable("the connection broke", maybeApplied: true)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  /// A database that keeps the number of the statements of each transaction.
  private final class CountingDatabase: Database {
    let counts = Mutex<[Int]>([])
    let skippingLocked: SQL = ""
    let isOverloaded = false
    func read(_ statements: [SQL]) async throws -> [[Row]] { [] }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      counts.withLock { $0.append(statements.count) }
      return statements.map { _ in [] }
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  /// A cache whose changes all reach the others, and whose database could tell them too.
  private struct HeardInvalidation: CacheInvalidation {
    let lifetime: Duration? = nil
    func catchUp() async {}
    func versions(of tags: [CacheTag]) -> [Int]? { nil }
    func announce(_ tags: [CacheTag]) async -> Announcement {
      Announcement(id: "a", tags: tags, notice: "select 2", isHeard: true)
    }
    func finish(_ announcement: Announcement, changed: [CacheTag]) async {}
    func abandon(_ announcement: Announcement) {}
    func invalidate(_ tags: [CacheTag]) async {}
    func healthProblem() async -> String? { nil }
    func close() async {}
  }

  /// The others hold the tags for a minute. A large transaction may take longer, and Redis be lost before its end.
  @Test func largeTransactionTellsTheOthersItself() async throws {
    let database = CountingDatabase()
    let write = WriteContext()
    let large: SQL = "select \(String(repeating: "x", count: 5 << 20))"
    try await write.changing([.sessions], in: HeardInvalidation()) {
      try await database.transact(["select 1"], in: write)
      try await database.transact([large], in: write)
    } changed: { _ in
      []
    }
    #expect(database.counts.withLock { $0 } == [1, 2])
  }

  /// The transaction may be committed later, when its writer has given up.
  @Test func unknownOutcomeIsHeldByAll() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let servers = try (0..<2).map { _ in try RedisInvalidation(url: redis.url, settling: .zero) }
    let tags = [CacheTag.books(ID(at: .now))]
    for server in servers { try await until { server.versions(of: tags) != nil } }
    let write = WriteContext()
    await #expect(throws: DatabaseFailure.self) {
      try await write.changing(tags, in: servers[0]) {
        try await LostReply().transact(["select 1"], in: write)
      } changed: { _ in
        tags
      }
    }
    for server in servers {
      try await until { server.versions(of: tags) != server.versions(of: tags) }
      let others = [CacheTag.books(ID(at: .now))]
      #expect(server.versions(of: others) == server.versions(of: others))
    }
    for server in servers { await server.close() }
  }

  @Test func serverThatCannotPublishForgets() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let admin = try RedisClient(url: redis.url)
    try await until { (try? await admin.ping()) != nil }
    _ = try await admin.command(["ACL", "SETUSER", "kitty", "on", ">secret", "~*", "&*", "+@all"])
    let server = try RedisInvalidation(
      url: redis.url.replacingOccurrences(of: "//", with: "//kitty:secret@"), settling: .zero)
    let tags = [CacheTag.books(ID(at: .now))]
    try await until { server.versions(of: tags) != nil }
    let kept = server.versions(of: tags)
    _ = try await admin.command(["ACL", "SETUSER", "kitty", "-publish"])
    let change = await server.announce([.group(ID(at: .now))])
    #expect(server.versions(of: tags) == nil)
    await server.finish(change, changed: change.tags)
    _ = try await admin.command(["ACL", "SETUSER", "kitty", "+publish"])
    try await until { server.versions(of: tags) != nil }
    #expect(server.versions(of: tags) != kept)
    await server.close()
    await admin.close()
  }

  @Test func valuesExpireOnlyRightAfterTheSubscription() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let young = try RedisInvalidation(url: redis.url)
    let settled = try RedisInvalidation(url: redis.url, settling: .zero)
    for server in [young, settled] { try await until { server.versions(of: []) != nil } }
    #expect(young.lifetime == .seconds(1) && settled.lifetime == nil)
    for server in [young, settled] { await server.close() }
  }
}
