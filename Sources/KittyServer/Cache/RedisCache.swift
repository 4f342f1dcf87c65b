import Redis

/// A cache that all copies of the server share. While Redis is gone it has nothing, and says so once.
struct RedisCache: Cache {
  let client: RedisClient

  func value(for key: String) async -> String? {
    // Why Redis cannot be reached is in the log, once for each time it goes away.
    guard let value = try? await client.get(key) else { return nil }
    return value
  }

  func set(_ value: String, for key: String, ttl: Duration, unlessPresent: Bool) async {
    let seconds = max(1, ttl.components.seconds)
    let command = ["SET", key, value, "EX", String(seconds)] + (unlessPresent ? ["NX"] : [])
    _ = try? await client.command(command)
  }

  func complaint() async -> String? {
    do {
      try await client.ping()
      return nil
    } catch {
      return "Redis does not answer; everything works without it, slower"
    }
  }

  func close() async { await client.close() }
}
