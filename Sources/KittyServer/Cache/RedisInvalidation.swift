import Redis
import Synchronization

/// Invalidation for several servers: each keeps the versions in its own memory, and publishes to the others through
/// Redis which tags it is about to change, and which it has changed. Cached values live as long as the subscription: a
/// server that has not received anything from Redis for a second, or that cannot publish, caches nothing, and starts
/// with an empty cache when Redis is back. The log has one line when Redis becomes unavailable and one when it is back.
///
/// A message is the name of its sender and words: tags, with `before:ID` first when they are about to change, and
/// `done:ID` for each announced change that has ended. A server skips words that it does not know.
final class RedisInvalidation: CacheInvalidation {
  /// The connection for commands; rate limits and job notifications use it too.
  let client: RedisClient
  private let subscription: RedisSubscription
  private let watch: (any ChangeWatch)?
  private let reception: Reception
  private let settling: Duration
  private let state = Mutex(State())
  private let renewal = Mutex<Task<Void, Never>?>(nil)

  private struct State {
    /// Words that were not yet published, each with the number of the last change that needs it. They are published
    /// before any other, as soon as Redis is available.
    var words: [String: Int] = [:]
    var changes = 0
    /// `true` while a task retries to publish.
    var isPublishing = false
    /// `true` since an attempt to publish failed.
    var isMute = false
    var isClosed = false
    /// The announced changes that have not ended.
    var open: [String: [CacheTag]] = [:]
  }

  /// Time for which the others hold announced tags without hearing of their sender again. No transaction takes as long
  /// from its announcement to its commit, unless the announcement is renewed.
  static let holdTime: Duration = .seconds(60)
  /// Lifetime of cached values while an announcement from before the subscription may be missing.
  private static let shortLifetime: Duration = .seconds(1)
  /// Maximum number of pending words; beyond it, `all` is published.
  private static let pendingLimit = 1000
  private static let channel = "kittycash:outdated"

  /// - Parameters:
  ///   - settling: Time after a subscription in which cached values live for a second only.
  ///   - onState: Called with a sentence when Redis becomes unavailable and when it is back: once each.
  ///   - watch: Makes the watch over changes that are not announced through Redis; `nil` without such changes.
  /// - Throws: `RedisError.invalidURL`.
  init(
    url: String, settling: Duration = RedisInvalidation.holdTime,
    onState: @escaping @Sendable (String) -> Void = { _ in },
    watch: ((Reception) -> any ChangeWatch)? = nil
  ) throws {
    client = try RedisClient(url: url, onState: onState)
    let reception = Reception(sender: String(UInt64.random(in: 0 ... .max), radix: 36))
    (self.reception, self.settling) = (reception, settling)
    let own = reception.sender + " "
    subscription = try RedisSubscription(
      url: url, channel: Self.channel, onGap: { reception.start() },
      // Of one server most messages are its own, which it has applied already: they are not divided into words.
      onMessage: { if !$0.hasPrefix(own) { reception.receive($0.split(separator: " ")) } })
    self.watch = watch?(reception)
    renewal.withLock { task in
      task = Task { [weak self] in
        while !Task.isCancelled {
          try? await Task.sleep(for: Self.holdTime / 4)
          guard let self else { return }
          await self.renew()
        }
      }
    }
  }

  var lifetime: Duration? {
    ContinuousClock.now - reception.startedAt < settling ? Self.shortLifetime : nil
  }

  func catchUp() async { await watch?.catchUp() }

  func versions(of tags: [CacheTag]) -> [Int]? {
    guard subscription.isCurrent, watch?.isCurrent ?? true, !state.withLock({ $0.isMute }) else {
      return nil
    }
    return reception.table.versions(of: tags)
  }

  // MARK: - Changes

  func announce(_ tags: [CacheTag]) async -> Announcement {
    let id = state.withLock { state in
      state.changes += 1
      let id = "\(reception.sender).\(state.changes)"
      state.open[id] = tags
      return id
    }
    let isHeard = await send(["before:" + id] + tags.map(\.key))
    if !isHeard { retryPublishing() }
    return Announcement(
      id: id, tags: tags, notice: watch?.notice(of: tags.map(\.key)), isHeard: isHeard)
  }

  func finish(_ announcement: Announcement, changed: [CacheTag]) async {
    reception.table.invalidate(changed)
    state.withLock { $0.open[announcement.id] = nil }
    await publish(changed.map(\.key) + ["done:" + announcement.id])
  }

  func abandon(_ announcement: Announcement) {
    reception.table.hold(announcement.tags, as: announcement.id, for: Self.holdTime)
    state.withLock { $0.open[announcement.id] = nil }
  }

  func invalidate(_ tags: [CacheTag]) async {
    reception.table.invalidate(tags)
    await publish(tags.map(\.key))
  }

  /// Announces the changes again that take long, so that the others go on holding their tags.
  private func renew() async {
    for (id, tags) in state.withLock({ $0.open }) {
      guard state.withLock({ $0.open[id] != nil }) else { continue }
      guard await send(["before:" + id] + tags.map(\.key)) else { return retryPublishing() }
      // The change may have ended meanwhile, and its message may have gone out first.
      if state.withLock({ $0.open[id] == nil }) { await publish(["done:" + id]) }
    }
  }

  // MARK: - Publication

  /// Publishes words and all that are pending; retries in the background until Redis has taken them.
  private func publish(_ words: [String]) async {
    state.withLock { state in
      state.changes += 1
      for word in words { state.words[word] = state.changes }
      if state.words.count > Self.pendingLimit { state.words = [CacheTag.all.key: state.changes] }
    }
    if await !publish() { retryPublishing() }
  }

  /// Publishes the pending words.
  /// - Returns: `true` on success.
  private func publish() async -> Bool {
    let published = state.withLock { $0.words }
    guard await send(Array(published.keys)) else { return false }
    // A word that became pending once more since then remains.
    state.withLock { state in
      for (word, change) in published where state.words[word] == change { state.words[word] = nil }
    }
    return true
  }

  /// Sends one message. After a failure this server caches nothing until it can publish again: its connection to Redis is
  /// in doubt.
  /// - Returns: `true` when Redis has passed it on.
  private func send(_ words: [String]) async -> Bool {
    let message = ([reception.sender] + words).joined(separator: " ")
    // The reason of a failure is in the log, once each time that Redis becomes unavailable.
    let isSent = (try? await client.command(["PUBLISH", Self.channel, message])) != nil
    let wasMute = state.withLock { state in
      defer { state.isMute = !isSent }
      return state.isMute
    }
    if !isSent && !wasMute { reception.table.invalidateAll() }
    return isSent
  }

  /// Retries at once instead of with the next change: other servers may reconnect first and would serve stale values.
  private func retryPublishing() {
    let isFirst = state.withLock { state in
      defer { state.isPublishing = true }
      return !state.isPublishing
    }
    guard isFirst else { return }
    Task { [weak self] in
      repeat { try? await Task.sleep(for: .milliseconds(100)) } while await self?.hasPending() == true
    }
  }

  private func hasPending() async -> Bool {
    if !state.withLock({ $0.isClosed }) { _ = await publish() }
    return state.withLock { state in
      state.isPublishing = !state.isClosed && (state.isMute || !state.words.isEmpty)
      return state.isPublishing
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
    state.withLock { $0.isClosed = true }
    renewal.withLock { $0?.cancel() }
    await subscription.close()
    await watch?.close()
    await client.close()
  }
}
