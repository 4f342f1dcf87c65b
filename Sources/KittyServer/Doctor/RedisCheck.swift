import Redis

/// Redis: it answers, quickly, passes on messages, and can make room for new keys.
struct RedisCheck: Check {
  let part = "redis"
  let url: String

  /// Half of the pings take less; more is a network in between that slows each write.
  var slowPing: Duration = .milliseconds(5)

  func findings() async throws -> [Finding] {
    let client = try RedisClient(url: url)
    do {
      let found = try await findings(client)
      await client.close()
      return found
    } catch {
      await client.close()
      throw error
    }
  }

  private func findings(_ client: RedisClient) async throws -> [Finding] {
    try await client.ping()
    var times: [Duration] = []
    for _ in 0..<21 {
      let start = ContinuousClock.now
      try await client.ping()
      times.append(.now - start)
    }
    let median = times.sorted()[times.count / 2]
    let milliseconds = Double(median.components.attoseconds / 1_000_000_000_000) / 1000
    let facts = try await Self.facts(client)
    let version = facts["redis_version"].map { " \($0)" } ?? ""
    var found: [Finding] = [
      median < slowPing
        ? .ok("Redis\(version) answers in \(milliseconds) ms. It needs no persistence: it stores no data.")
        : .warning("Redis\(version) answers in \(milliseconds) ms: each write waits for it. Run it nearer.")
    ]
    let limit = facts["maxmemory"].flatMap { Int($0) } ?? 0
    if limit > 0, facts["maxmemory_policy"] == "noeviction" {
      found.append(
        .warning(
          "Redis refuses writes when its memory is full (maxmemory-policy noeviction). Set allkeys-lru, as redis/redis.conf does."
        ))
    }
    if RedisClient.isUnprotected(url: url) {
      found.append(
        .warning(
          "REDIS_URL has no password: every program in that network can change the limits. Set one, as docs/operations.md says under Secrets."
        ))
    }
    found.append(try await messages(client))
    return found
  }

  /// Reads the properties that Redis reports. Some hosts of Redis do not allow it.
  private static func facts(_ client: RedisClient) async throws -> [String: String] {
    var facts: [String: String] = [:]
    guard case .string(let text)? = try? await client.command(["INFO"]) else { return facts }
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
    }
    return facts
  }

  /// Sends a message to itself, on a channel of its own.
  private func messages(_ client: RedisClient) async throws -> Finding {
    let channel = "kittycash:doctor:\(UInt64.random(in: 0 ... .max))"
    let (arrivals, report) = AsyncStream.makeStream(of: Void.self)
    let subscription = try RedisSubscription(
      url: url, channel: channel, onGap: {}, onMessage: { _ in report.yield() })
    let timer = Task {
      try await Task.sleep(for: .seconds(3))
      report.finish()
    }
    let publisher = Task {
      while !Task.isCancelled {
        if subscription.isCurrent {
          _ = try await client.command(["PUBLISH", channel, "hello"])
        }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    var iterator = arrivals.makeAsyncIterator()
    let hasArrived = await iterator.next() != nil
    timer.cancel()
    publisher.cancel()
    let failure = await publisher.result
    await subscription.close()
    if hasArrived { return .ok("Messages between copies arrive.") }
    if case .failure(let error) = failure, let refusal = error as? RedisError {
      return .fault(
        "\(refusal.description). Allow the commands PUBLISH and SUBSCRIBE for the user of REDIS_URL.")
    }
    return .fault(
      "Messages between copies do not arrive, so nothing is cached. Allow PUBLISH and SUBSCRIBE on the channels kittycash:* for the user of REDIS_URL."
    )
  }
}
