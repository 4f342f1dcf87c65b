import Foundation
import KittyShared
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

  @Test func tagIsReadFromItsKey() {
    for tag in [CacheTag.session("ab12"), .group(group), .books(group), .all] {
      #expect(CacheTag(key: Substring(tag.key)) == tag)
    }
    #expect(CacheTag(key: "something:else") == nil)
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func invalidationReachesTheOtherServer() async throws {
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
  func cacheIsOffWhileRedisIsDown() async throws {
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
