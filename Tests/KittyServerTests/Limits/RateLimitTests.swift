import KittyShared
import Redis
import Testing

@testable import KittyServer

struct RateLimitTests {
  private let start = Instant(milliseconds: 1_800_000_000_000)

  @Test func requestsAreCountedPerSenderAndWindow() {
    let limit = RateLimit(name: "token", limit: 3, seconds: 60)
    func count(_ sender: Int, _ seconds: Int) -> RateLimitStatus {
      limit.count(sender, shared: "", at: start.advanced(by: .seconds(seconds)))
    }
    for left in [2, 1, 0] {
      let standing = count(1, 10)
      #expect(standing.remaining == left && !standing.isExceeded && standing.reset == 50)
    }
    #expect(count(1, 11).isExceeded && count(1, 59).isExceeded)
    #expect(!count(2, 11).isExceeded)
    #expect(!count(1, 60).isExceeded && count(1, 60).remaining == 1)
  }

  @Test func manyAddressesDoNotEvictBusySender() {
    let limit = RateLimit(name: "address", limit: 50, seconds: 60, capacity: 256)
    for _ in 0..<50 { _ = limit.count("busy".hashValue, shared: "", at: start) }
    for number in 0..<10_000 { _ = limit.count("sender \(number)".hashValue, shared: "", at: start) }
    #expect(limit.count("busy".hashValue, shared: "", at: start).isExceeded)
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func serversShareTheirCounts() async throws {
    let client = try RedisClient(url: #require(Backend.redisURL))
    let servers = (0..<2).map { _ in RateLimit(name: "test", limit: 160, seconds: 3600, redis: client) }
    let sender = "\(ID(at: .now))"
    // One server has used the limit up; the other learns it with its next sixteenth of the limit.
    for _ in 0..<160 {
      _ = servers[0].count(sender.hashValue, shared: sender)
      await Task.yield()
    }
    #expect(servers[0].count(sender.hashValue, shared: sender).isExceeded)
    var passed = 0
    try await until {
      let standing = servers[1].count(sender.hashValue, shared: sender)
      if !standing.isExceeded { passed += 1 }
      return standing.isExceeded
    }
    #expect(passed <= 30, "\(passed)")
    await client.close()
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func exactCountIsExactAcrossServers() async throws {
    let client = try RedisClient(url: #require(Backend.redisURL))
    let servers = (0..<2).map { _ in RateLimit(name: "test", limit: 20, seconds: 36_000, redis: client) }
    let sender = "\(ID(at: .now))"
    let passed = await withTaskGroup(of: Bool.self) { tasks in
      for number in 0..<100 {
        tasks.addTask {
          await !servers[number % 2].countExactly(sender.hashValue, shared: sender).isExceeded
        }
      }
      return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(passed == 20)
    await client.close()
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func serverCountsAloneWhileRedisIsDown() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let client = try RedisClient(url: redis.url)
    try await until { (try? await client.ping()) != nil }
    let limit = RateLimit(name: "test", limit: 20, seconds: 36_000, redis: client)
    redis.kill()
    for _ in 0..<20 { #expect(await !limit.countExactly(1, shared: "a").isExceeded) }
    #expect(await limit.countExactly(1, shared: "a").isExceeded)
    #expect(limit.count(1, shared: "a").isExceeded)
    // The counts of the outage are sent when Redis is back, for the other servers.
    try redis.start()
    try await until { (try? await client.ping()) != nil }
    _ = await limit.countExactly(1, shared: "a")
    let other = RateLimit(name: "test", limit: 20, seconds: 36_000, redis: client)
    #expect(await other.countExactly(1, shared: "a").isExceeded)
    await client.close()
  }
}
