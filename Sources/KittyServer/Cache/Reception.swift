import Synchronization

/// The effect of the messages and notices of other processes on the versions of this one.
final class Reception: Sendable {
  let table = TagVersions()
  /// The name of this server in messages.
  let sender: String
  private let started = Mutex(ContinuousClock.now)

  init(sender: String) { self.sender = sender }

  /// The latest beginning of a subscription: messages from before it may be lost.
  var startedAt: ContinuousClock.Instant { started.withLock { $0 } }

  /// Begins with an empty cache, since messages may have been missed.
  func start() {
    started.withLock { $0 = .now }
    table.invalidateAll()
  }

  /// Applies the words of a message.
  func receive(_ words: [Substring]) {
    // This server has already applied its own changes.
    if let first = words.first, first == sender { return }
    let tags = words.compactMap { CacheTag(key: $0) }
    if let id = Self.ids("before:", words).first {
      return table.hold(tags, as: id, for: RedisInvalidation.holdTime)
    }
    table.invalidate(tags)
    for id in Self.ids("done:", words) { table.release(id) }
  }

  private static func ids(_ prefix: String, _ words: [Substring]) -> [String] {
    words.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }
}
