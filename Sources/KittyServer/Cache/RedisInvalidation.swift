import Redis
import Synchronization

/// The versions that all copies of the server share: each copy keeps them itself, and tells the others through
/// Redis what it has outdated. A copy that has not heard from Redis for a second remembers nothing, and what it
/// knew is outdated when it hears again: it may have missed something. The log says once that Redis is gone.
final class RedisInvalidation: CacheInvalidation {
  /// Where other parts may ask for other things.
  let client: RedisClient
  private let subscription: RedisSubscription
  private let table: TagVersions
  /// What this copy of the server calls itself.
  private let copy: String
  /// What was changed while Redis was out of reach: told before anything else, once it is back.
  private let pending = Mutex(Pending())

  private struct Pending {
    /// Each tag with the number of the change that it was pending for last.
    var tags: [CacheTag: Int] = [:]
    var changes = 0
    /// Whether somebody tries again and again to publish what is pending.
    var isPublishing = false
    var isClosed = false
  }

  let maxStaleness: Duration = .seconds(10)
  /// How many tags it remembers to publish; past this it tells that all is outdated.
  private static let pendingLimit = 1000
  private static let channel = "kittycash:outdated"

  /// - Parameter onState: Called with a sentence when Redis goes away and when it is back: once each.
  /// - Throws: `RedisError.invalidURL`.
  init(url: String, onState: @escaping @Sendable (String) -> Void = { _ in }) throws {
    client = try RedisClient(url: url, onState: onState)
    let (table, copy) = (TagVersions(), String(UInt64.random(in: 0 ... .max), radix: 36))
    (self.table, self.copy) = (table, copy)
    subscription = try RedisSubscription(
      url: url, channel: Self.channel, onGap: { table.invalidateAll() },
      onMessage: { message in
        // What this copy said itself, it has known for longer.
        if message.hasPrefix(copy + " ") { return }
        table.invalidate(message.split(separator: " ").dropFirst().compactMap { CacheTag(key: $0) })
      })
  }

  func versions(of tags: [CacheTag]) -> [Int]? {
    subscription.isCurrent ? table.versions(of: tags) : nil
  }

  func invalidate(_ tags: [CacheTag]) async {
    table.invalidate(tags)
    pending.withLock { pending in
      pending.changes += 1
      for tag in tags { pending.tags[tag] = pending.changes }
      if pending.tags.count > Self.pendingLimit { pending.tags = [.all: pending.changes] }
    }
    if await !publish() { retryPublishing() }
  }

  /// Tells the other copies what is pending.
  /// - Returns: Whether they were told.
  private func publish() async -> Bool {
    let all = pending.withLock { $0.tags }
    let message = ([copy] + all.keys.map(\.key)).joined(separator: " ")
    // Why Redis cannot be reached is in the log, once for each time it goes away.
    guard (try? await client.command(["PUBLISH", Self.channel, message])) != nil else { return false }
    // What changed once more meanwhile is still pending.
    pending.withLock { pending in
      for (tag, change) in all where pending.tags[tag] == change { pending.tags[tag] = nil }
    }
    return true
  }

  /// The others may hear Redis again before this copy reaches it, and then believe what they know: so it does not wait
  /// for the next change.
  private func retryPublishing() {
    let isFirst = pending.withLock { pending in
      defer { pending.isPublishing = true }
      return !pending.isPublishing
    }
    guard isFirst else { return }
    Task { [weak self] in
      repeat { try? await Task.sleep(for: .milliseconds(100)) } while await self?.hasPending() == true
    }
  }

  private func hasPending() async -> Bool {
    if !pending.withLock({ $0.isClosed }) { _ = await publish() }
    return pending.withLock { pending in
      pending.isPublishing = !pending.isClosed && !pending.tags.isEmpty
      return pending.isPublishing
    }
  }

  func healthProblem() async -> String? {
    do {
      try await client.ping()
      return nil
    } catch {
      return "Redis does not answer; everything works without it, slower"
    }
  }

  func close() async {
    pending.withLock { $0.isClosed = true }
    await subscription.close()
    await client.close()
  }
}
