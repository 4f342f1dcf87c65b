import Redis
import Synchronization

/// Invalidation for several servers: each keeps the versions in its own memory, and publishes to the others through
/// Redis what it invalidated. A server that has not received anything from Redis for a second caches nothing; when it
/// receives messages again, it drops all its cached values, since it may have missed some. The log has one line when
/// Redis becomes unavailable and one when it is back.
final class RedisInvalidation: CacheInvalidation {
  /// The connection for commands; rate limits and job notifications use it too.
  let client: RedisClient
  private let subscription: RedisSubscription
  private let table: TagVersions
  /// The name of this server in messages.
  private let sender: String
  /// Changes that were not yet published. They are published before any other, as soon as Redis is available.
  private let pending = Mutex(Pending())

  private struct Pending {
    /// Each tag with the number of the last change that invalidated it.
    var tags: [CacheTag: Int] = [:]
    var changes = 0
    /// `true` while a task retries to publish.
    var isPublishing = false
    var isClosed = false
  }

  let maxStaleness: Duration = .seconds(10)
  /// Maximum number of pending tags; beyond it, `.all` is published.
  private static let pendingLimit = 1000
  private static let channel = "kittycash:outdated"

  /// - Parameter onState: Called with a sentence when Redis becomes unavailable and when it is back: once each.
  /// - Throws: `RedisError.invalidURL`.
  init(url: String, onState: @escaping @Sendable (String) -> Void = { _ in }) throws {
    client = try RedisClient(url: url, onState: onState)
    let (table, sender) = (TagVersions(), String(UInt64.random(in: 0 ... .max), radix: 36))
    (self.table, self.sender) = (table, sender)
    subscription = try RedisSubscription(
      url: url, channel: Self.channel, onGap: { table.invalidateAll() },
      onMessage: { message in
        // This server has already applied its own changes.
        if message.hasPrefix(sender + " ") { return }
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

  /// Publishes the pending tags to the other servers.
  /// - Returns: `true` on success.
  private func publish() async -> Bool {
    let published = pending.withLock { $0.tags }
    let message = ([sender] + published.keys.map(\.key)).joined(separator: " ")
    // The reason of a failure is in the log, once each time that Redis becomes unavailable.
    guard (try? await client.command(["PUBLISH", Self.channel, message])) != nil else { return false }
    // A tag that was invalidated once more since then is still pending.
    pending.withLock { pending in
      for (tag, change) in published where pending.tags[tag] == change { pending.tags[tag] = nil }
    }
    return true
  }

  /// Retries at once instead of with the next change: other servers may reconnect first and would serve stale values.
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
