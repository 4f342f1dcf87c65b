import Foundation
import Redis
import Synchronization
import Testing

struct RedisTests {
  @Test(arguments: ["", "redis", "http://x", "redis://", "redis://h:0", "redis://h:99999", "redis://h/x"])
  func invalidURLIsRefused(url: String) {
    #expect(throws: RedisError.self) { try RedisClient(url: url) }
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set: `make test` starts a Redis"))
  func commandsGetTheirReplies() async throws {
    let client = try RedisClient(url: try #require(Backend.redisURL))
    let key = "wrapper:\(UInt32.random(in: 0...UInt32.max))"
    #expect(try await client.get(key) == nil)
    let value = "Zoë\u{0} 井上 \r\n $5"
    #expect(try await client.command(["SET", key, value, "EX", "60"]) == .status("OK"))
    #expect(try await client.get(key) == value)
    #expect(try await client.command(["INCR", key + "n"]) == .integer(1))
    #expect(try await client.command(["MGET", key, key + "none"]) == .array([.string(value), .null]))
    let refused = await #expect(throws: RedisError.self) { try await client.command(["INCR", key]) }
    if case .refused = refused {} else { Issue.record("\(String(describing: refused))") }
    // Concurrent callers get their own replies.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let reply = try await client.command(["ECHO", "\(number)"])
          #expect(reply == .string("\(number)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(try await client.command(["DEL", key, key + "n"]) == .integer(2))
    await client.close()
    await #expect(throws: RedisError.closed) { try await client.ping() }
  }

  @Test func unreachableRedisFailsQuicklyAndIsLoggedOnce() async throws {
    let log = Mutex<[String]>([])
    let client = try RedisClient(url: "redis://127.0.0.1:9") { message in log.withLock { $0.append(message) }
    }
    for _ in 0..<20 {
      let failure = await #expect(throws: RedisError.self) { try await client.ping() }
      if case .unavailable = failure {} else { Issue.record("\(String(describing: failure))") }
    }
    #expect(log.withLock { $0.count } == 1)
    await client.close()
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func restartedRedisIsUsedAgain() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let log = Mutex<[String]>([])
    let client = try RedisClient(url: redis.url) { message in log.withLock { $0.append(message) } }
    try await until { (try? await client.ping()) != nil }
    redis.kill()
    try await until { (try? await client.ping()) == nil }
    try redis.start()
    try await until { (try? await client.ping()) != nil }
    // The line follows the reply.
    try await until { log.withLock { $0.last } == "Redis is back" }
    await client.close()
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func commandOnCutConnectionIsSentAgain() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let (client, other) = (try RedisClient(url: redis.url), try RedisClient(url: redis.url))
    try await until { (try? await client.ping()) != nil }
    for _ in 0..<5 {
      _ = try await other.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
      try await client.ping()
    }
    await client.close()
    await other.close()
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func subscriptionReceivesMessagesAndReconnects() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let received = Mutex<[String]>([])
    let gaps = Mutex(0)
    let subscription = try RedisSubscription(
      url: redis.url, channel: "news", onGap: { gaps.withLock { $0 += 1 } },
      onMessage: { message in received.withLock { $0.append(message) } })
    let client = try RedisClient(url: redis.url)
    try await until { subscription.isCurrent }
    for number in 0..<100 { _ = try await client.command(["PUBLISH", "news", "\(number) é"]) }
    try await until { received.withLock { $0.count } == 100 }
    #expect(received.withLock { $0 } == (0..<100).map { "\($0) é" })
    redis.kill()
    try await until { !subscription.isCurrent }
    try redis.start()
    try await until { subscription.isCurrent }
    #expect(gaps.withLock { $0 } == 2)
    try await until { (try? await client.command(["PUBLISH", "news", "again"])) == .integer(1) }
    try await until { received.withLock { $0.last } == "again" }
    await subscription.close()
    #expect(!subscription.isCurrent)
    await client.close()
  }
}
