import Redis
import Synchronization

/// The versions that all copies of the server share. While Redis is gone nothing is remembered, and the log
/// says so once.
final class RedisCache: Cache {
  private let client: RedisClient
  /// What was changed while Redis was out of reach: outdated before anything else, once it is back.
  private let owed = Mutex<Set<Scope>>([])

  let trust: Duration = .seconds(10)
  /// For how many seconds Redis keeps a version that nobody changes.
  private static let lifetime = "86400"

  init(client: RedisClient) { self.client = client }

  func versions(of scopes: [Scope]) async -> [String]? {
    let missed = owed.withLock { $0 }
    if !missed.isEmpty {
      guard await tryOutdate(missed) else { return nil }
      owed.withLock { $0.subtract(missed) }
    }
    // Why Redis cannot be reached is in the log, once for each time it goes away.
    let connection = client.connectionNumber
    guard case .array(let found)? = try? await client.command(["MGET"] + scopes.map(\.key)),
      found.count == scopes.count
    else { return nil }
    var versions: [String] = []
    for (scope, reply) in zip(scopes, found) {
      guard let version = if case .string(let text) = reply { text } else { await begin(scope) } else { return nil }
      // A Redis that was away may come back as it was long before: what was remembered then is forgotten.
      versions.append("\(connection).\(version)")
    }
    return client.connectionNumber == connection ? versions : nil
  }

  /// The version of a scope that has none: a new one, or the one that another copy gave it meanwhile.
  private func begin(_ scope: Scope) async -> String? {
    let version = String(UInt64.random(in: 0 ... .max), radix: 36)
    do {
      let reply = try await client.command(["SET", scope.key, version, "EX", Self.lifetime, "NX"])
      return reply == .status("OK") ? version : try await client.get(scope.key)
    } catch {
      return nil
    }
  }

  func outdate(_ scopes: [Scope]) async {
    if await !tryOutdate(Set(scopes)) { owed.withLock { $0.formUnion(scopes) } }
  }

  private func tryOutdate(_ scopes: Set<Scope>) async -> Bool {
    (try? await client.command(["DEL"] + scopes.map(\.key))) != nil
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
