import Foundation
import KittyShared
import Redis
import Testing

@testable import KittyServer

struct CacheInvalidationTests {
  private let group = ID(at: .now)

  @Test func versionChangesOnlyWithInvalidation() async throws {
    let cache = InProcessInvalidation()
    let (group, books) = (CacheTag.group(group), CacheTag.books(group))
    let before = try #require(cache.versions(of: [group, books]))
    #expect(cache.versions(of: [group, books]) == before)
    await cache.invalidate([books])
    let after = try #require(cache.versions(of: [group, books]))
    #expect(after[0] == before[0] && after[1] != before[1])
  }

  @Test func versionsAreNeverReused() {
    let table = TagVersions(capacity: 10)
    var seen: Set<Int> = []
    for number in 0..<100 {
      #expect(seen.insert(table.versions(of: [.session("\(number)")])[0]).inserted)
    }
    table.invalidateAll()
    #expect(seen.insert(table.versions(of: [.session("99")])[0]).inserted)
  }

  @Test func cachedValueIsFoundUnderItsVersionUntilItExpires() {
    let cache = VersionedCache<String, Int>(capacity: 2)
    let soon = ContinuousClock.now + .seconds(60)
    cache.insert(1, for: "a", at: CacheVersion(7, until: soon))
    #expect(cache.value(for: "a", at: CacheVersion(7, until: soon)) == 1)
    #expect(cache.value(for: "a", at: CacheVersion(8, until: soon)) == nil)
    #expect(cache.value(for: "a", at: nil) == nil)
    cache.insert(2, for: "b", at: CacheVersion(7, until: .now - .seconds(1)))
    #expect(cache.value(for: "b", at: CacheVersion(7, until: soon)) == nil)
    for number in 0..<100 { cache.insert(number, for: "\(number)", at: CacheVersion(7, until: soon)) }
    let kept = (0..<100).filter { cache.value(for: "\($0)", at: CacheVersion(7, until: soon)) != nil }
    #expect((1...2).contains(kept.count))
  }

  @Test func tagIsReadFromItsKey() {
    for tag in [CacheTag.session("ab12"), .group(group), .books(group), .all] {
      #expect(CacheTag(key: Substring(tag.key)) == tag)
    }
    #expect(CacheTag(key: "something:else") == nil)
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func invalidationReachesTheOtherServer() async throws {
    let url = try #require(Backend.redisURL)
    let servers = [try RedisInvalidation(url: url), try RedisInvalidation(url: url)]
    let tags = [CacheTag.group(group), .books(group)]
    for server in servers { try await until { server.versions(of: tags) != nil } }
    let before = try servers.map { try #require($0.versions(of: tags)) }
    #expect(servers.map { $0.versions(of: tags) } == before)
    await servers[0].invalidate([.books(group)])
    #expect(servers[0].versions(of: tags)?[0] == before[0][0])
    #expect(servers[0].versions(of: tags)?[1] != before[0][1])
    try await until { servers[1].versions(of: tags)?[1] != before[1][1] }
    #expect(servers[1].versions(of: tags)?[0] == before[1][0])
    #expect(await servers[0].healthProblem() == nil)
    for server in servers { await server.close() }
    #expect(servers[0].versions(of: tags) == nil)
    #expect(await servers[0].healthProblem() != nil)
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func cacheIsOffWhileRedisIsDown() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let servers = [try RedisInvalidation(url: redis.url), try RedisInvalidation(url: redis.url)]
    let tags = [CacheTag.books(group)]
    for server in servers { try await until { server.versions(of: tags) != nil } }
    let before = try servers.map { try #require($0.versions(of: tags)) }
    redis.kill()
    for server in servers { try await until { server.versions(of: tags) == nil } }
    await servers[0].invalidate(tags)
    try redis.start()
    for (server, old) in zip(servers, before) {
      try await until { server.versions(of: tags) != nil }
      #expect(server.versions(of: tags) != old)
    }
    for server in servers { await server.close() }
  }

  /// The other server stays connected meanwhile, so that only the late message can give its tag a new version: a
  /// server that reconnects drops everything by itself.
  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func invalidationsThatRedisRefusedArePublishedLater() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let admin = try RedisClient(url: redis.url)
    let servers = [try RedisInvalidation(url: redis.url), try RedisInvalidation(url: redis.url)]
    let tags = [CacheTag.books(group)]
    for server in servers { try await until { server.versions(of: tags) != nil } }
    let before = try #require(servers[1].versions(of: tags))
    _ = try await admin.command(["ACL", "SETUSER", "default", "-publish"])
    await servers[0].invalidate(tags)
    // More than are kept one by one.
    await servers[0].invalidate((0..<2000).map { .session("\($0)") })
    #expect(servers[1].versions(of: tags) == before)
    _ = try await admin.command(["ACL", "SETUSER", "default", "+publish"])
    // Without a further change.
    try await until { servers[1].versions(of: tags).map { $0 != before } ?? false }
    for server in servers { await server.close() }
    await admin.close()
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func cacheIsOffWhileRedisIsFrozen() async throws {
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
