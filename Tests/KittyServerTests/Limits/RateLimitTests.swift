import KittyShared
import Redis
import Testing

@testable import KittyServer

struct RateLimitTests {
  private let start = Instant(milliseconds: 1_800_000_000_000)

  @Test func requestsAreCountedPerSenderInSlidingWindow() {
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
    // The turn of the window frees nothing at once: the three of the last minute still count.
    let turned = count(1, 60)
    #expect(turned.isExceeded && turned.remaining == 0 && turned.reset == 1)
    #expect(!count(1, 61).isExceeded && count(1, 61).isExceeded && count(1, 80).isExceeded)
    #expect(!count(1, 81).isExceeded && count(1, 81).isExceeded)
  }

  /// The limit and the seconds of a window.
  @Test(arguments: [(20, 3600), (1, 60), (5, 60), (7, 10), (1000, 60)])
  func twiceTheLimitNeverPassesWithinMinutes(limit: Int, seconds: Int) async {
    let sliding = RateLimit(name: "test", limit: limit, seconds: seconds)
    // All at the end of a window, then as many as pass in the tenth after it.
    var passed = 0
    for _ in 0..<2 * limit {
      if await !sliding.countExactly(1, shared: "", at: start.advanced(by: .seconds(seconds - 1))).isExceeded
      {
        passed += 1
      }
    }
    #expect(passed == limit)
    for step in 0..<100 {
      let now = start.advanced(by: .milliseconds(Int64(seconds * 1000 + step * seconds)))
      while await !sliding.countExactly(1, shared: "", at: now).isExceeded { passed += 1 }
    }
    #expect(passed <= limit + limit / 10 + 1, "\(passed)")
  }

  @Test(arguments: [(20, 3600), (1, 60), (5, 60), (7, 10)])
  func waitIsExactAndAtMostOneWindow(limit: Int, seconds: Int) async {
    let sliding = RateLimit(name: "test", limit: limit, seconds: seconds)
    var now = start.advanced(by: .seconds(seconds / 3))
    for _ in 0..<100 {
      let status = await sliding.countExactly(1, shared: "", at: now)
      #expect((1...seconds).contains(status.reset))
      guard status.isExceeded else { continue }
      // A second before, the wait is not over; at its end, the request passes.
      if status.reset > 1 {
        let early = now.advanced(by: .seconds(status.reset - 1)).advanced(by: .milliseconds(-5))
        #expect(await sliding.countExactly(1, shared: "", at: early).isExceeded)
      }
      now = now.advanced(by: .seconds(status.reset))
      #expect(await !sliding.countExactly(1, shared: "", at: now).isExceeded)
    }
  }

  @Test func clockThatGoesBackDelaysNoRequest() {
    let limit = RateLimit(name: "token", limit: 2, seconds: 60)
    for _ in 0..<3 { _ = limit.count(1, shared: "", at: start) }
    let status = limit.count(1, shared: "", at: start.advanced(by: .seconds(-86_400)))
    #expect(!status.isExceeded && status.reset <= 60)
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func windowSlidesAcrossServers() async throws {
    let client = try RedisClient(url: #require(Backend.redisURL))
    let sender = "\(ID(at: .now))"
    func server() -> RateLimit { RateLimit(name: "slide", limit: 20, seconds: 3600, redis: client) }
    let (first, end) = (server(), start.advanced(by: .seconds(3599)))
    for _ in 0..<20 { #expect(await !first.countExactly(1, shared: sender, at: end).isExceeded) }
    // Servers that have counted nothing themselves, after the turn of the hour.
    let next = start.advanced(by: .seconds(3600))
    let refused = await server().countExactly(1, shared: sender, at: next)
    #expect(refused.isExceeded && refused.reset == 1)
    let half = server()
    var passed = 0
    while await !half.countExactly(1, shared: sender, at: next.advanced(by: .seconds(1800))).isExceeded {
      passed += 1
    }
    #expect(passed == 10)
    await client.close()
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
