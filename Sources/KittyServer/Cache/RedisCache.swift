import Redis
import Synchronization

/// The versions that all copies of the server share: each copy keeps them itself, and tells the others through
/// Redis what it has outdated. A copy that has not heard from Redis for a second remembers nothing, and what it
/// knew is outdated when it hears again: it may have missed something. The log says once that Redis is gone.
final class RedisCache: Cache {
  /// Where other parts may ask for other things.
  let client: RedisClient
  private let subscription: RedisSubscription
  private let table: VersionTable
  /// What this copy of the server calls itself.
  private let copy: String
  /// What was changed while Redis was out of reach: told before anything else, once it is back.
  private let owed = Mutex(Owed())

  private struct Owed {
    /// Each scope with the number of the change that it was owed for last.
    var scopes: [Scope: Int] = [:]
    var changes = 0
    /// Whether somebody tries again and again to tell what is owed.
    var isBeingTold = false
    var isClosed = false
  }

  let trust: Duration = .seconds(10)
  /// How many scopes it remembers to tell; past this it tells that all is outdated.
  private static let owedLimit = 1000
  private static let channel = "kittycash:outdated"

  /// - Parameter onState: Called with a sentence when Redis goes away and when it is back: once each.
  /// - Throws: `RedisError.invalidURL`.
  init(url: String, onState: @escaping @Sendable (String) -> Void = { _ in }) throws {
    client = try RedisClient(url: url, onState: onState)
    let (table, copy) = (VersionTable(), String(UInt64.random(in: 0 ... .max), radix: 36))
    (self.table, self.copy) = (table, copy)
    subscription = try RedisSubscription(
      url: url, channel: Self.channel, onGap: { table.outdateAll() },
      onMessage: { message in
        // What this copy said itself, it has known for longer.
        if message.hasPrefix(copy + " ") { return }
        table.outdate(message.split(separator: " ").dropFirst().compactMap { Scope(key: $0) })
      })
  }

  func versions(of scopes: [Scope]) -> [Int]? {
    subscription.isCurrent ? table.versions(of: scopes) : nil
  }

  func outdate(_ scopes: [Scope]) async {
    table.outdate(scopes)
    owed.withLock { owed in
      owed.changes += 1
      for scope in scopes { owed.scopes[scope] = owed.changes }
      if owed.scopes.count > Self.owedLimit { owed.scopes = [.all: owed.changes] }
    }
    if await !tell() { tellLater() }
  }

  /// Tells the other copies what is owed.
  /// - Returns: Whether they were told.
  private func tell() async -> Bool {
    let all = owed.withLock { $0.scopes }
    let message = ([copy] + all.keys.map(\.key)).joined(separator: " ")
    // Why Redis cannot be reached is in the log, once for each time it goes away.
    guard (try? await client.command(["PUBLISH", Self.channel, message])) != nil else { return false }
    // What changed once more meanwhile is still owed.
    owed.withLock { owed in
      for (scope, change) in all where owed.scopes[scope] == change { owed.scopes[scope] = nil }
    }
    return true
  }

  /// The others may hear Redis again before this copy reaches it, and then believe what they know: so it does not wait
  /// for the next change.
  private func tellLater() {
    let isFirst = owed.withLock { owed in
      defer { owed.isBeingTold = true }
      return !owed.isBeingTold
    }
    guard isFirst else { return }
    Task { [weak self] in
      repeat { try? await Task.sleep(for: .milliseconds(100)) } while await self?.isStillOwing() == true
    }
  }

  private func isStillOwing() async -> Bool {
    if !owed.withLock({ $0.isClosed }) { _ = await tell() }
    return owed.withLock { owed in
      owed.isBeingTold = !owed.isClosed && !owed.scopes.isEmpty
      return owed.isBeingTold
    }
  }

  func complaint() async -> String? {
    do {
      try await client.ping()
      return nil
    } catch {
      return "Redis does not answer; everything works without it, slower"
    }
  }

  func close() async {
    owed.withLock { $0.isClosed = true }
    await subscription.close()
    await client.close()
  }
}
