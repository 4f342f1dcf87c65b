import Foundation
import Redis
import Synchronization
import Testing

struct RedisTests {
  @Test(arguments: ["", "redis", "http://x", "redis://", "redis://h:0", "redis://h:99999", "redis://h/x"])
  func aBadAddressIsRefused(url: String) {
    #expect(throws: RedisError.self) { try RedisClient(url: url) }
  }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set: `make test` starts a Redis"))
  func commandsAndTheirReplies() async throws {
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
    // Replies find their callers, however many ask at once.
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

  @Test func anAbsentRedisFailsSoonAndIsSaidOnce() async throws {
    let said = Mutex<[String]>([])
    let client = try RedisClient(url: "redis://127.0.0.1:9") { message in said.withLock { $0.append(message) }
    }
    for _ in 0..<20 {
      let failure = await #expect(throws: RedisError.self) { try await client.ping() }
      if case .unavailable = failure {} else { Issue.record("\(String(describing: failure))") }
    }
    #expect(said.withLock { $0.count } == 1)
    await client.close()
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server"),
      "redis-server is not installed"))
  func aRedisThatComesBackIsUsedAgain() async throws {
    let port = Int.random(in: 20_000..<30_000)
    func start() throws -> Process {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/redis-server")
      process.arguments = [
        "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir",
        NSTemporaryDirectory(),
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
    // A thread of the pool holds signals back, and what it starts inherits that: only SIGKILL is sure to arrive.
    func stop(_ process: Process) { kill(process.processIdentifier, SIGKILL) }
    let said = Mutex<[String]>([])
    let client = try RedisClient(url: "redis://127.0.0.1:\(port)") { message in
      said.withLock { $0.append(message) }
    }
    func wait(until isUp: Bool) async throws {
      for _ in 0..<1000 {
        if ((try? await client.ping()) != nil) == isUp { return }
        try await Task.sleep(for: .milliseconds(10))
      }
      Issue.record("Redis is not \(isUp ? "up" : "down")")
    }
    var server = try start()
    defer { stop(server) }
    try await wait(until: true)
    stop(server)
    try await wait(until: false)
    server = try start()
    try await wait(until: true)
    #expect(said.withLock { $0.last } == "Redis is back")
    await client.close()
  }
}
