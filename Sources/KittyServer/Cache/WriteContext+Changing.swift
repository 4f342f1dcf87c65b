import KittyShared
import Synchronization

extension WriteContext {
  /// Runs a change of cached data: announces it before its first transaction, and reports it as done at the end. A change
  /// that runs no transaction is not announced.
  /// - Parameters:
  ///   - tags: All tags whose data may change.
  ///   - cache: `nil` when nothing is cached.
  ///   - changed: Returns the tags whose data has changed. After an error whose outcome is unknown these are all `tags`.
  func changing<Result>(
    _ tags: [CacheTag], in cache: (any CacheInvalidation)?, _ body: () async throws -> Result,
    changed: (Result) -> [CacheTag]
  ) async throws -> Result {
    guard let cache else { return try await body() }
    let announcer = Announcer(cache: cache, tags: tags)
    beforeTransaction { await announcer.notice(isLarge: $0) }
    defer { beforeTransaction(nil) }
    do {
      let result = try await body()
      await announcer.finish(changed: changed(result), isUnsure: isUnsure)
      return result
    } catch {
      // A rejection says that nothing was done, unless an earlier transaction of the request was committed.
      await announcer.finish(changed: error is Rejection && !hasWritten ? [] : tags, isUnsure: isUnsure)
      throw error
    }
  }
}

/// Announces a change once, when its first transaction is about to be sent.
private final class Announcer: Sendable {
  private let cache: any CacheInvalidation
  private let tags: [CacheTag]
  private let made = Mutex<Announcement?>(nil)

  init(cache: any CacheInvalidation, tags: [CacheTag]) {
    self.cache = cache
    self.tags = tags
  }

  /// Announces the change, and returns the statement that its transactions must run.
  func notice(isLarge: Bool) async -> SQL? {
    if let made = made.withLock({ $0 }) { return made.notice(isLarge: isLarge) }
    let announcement = await cache.announce(tags)
    made.withLock { $0 = announcement }
    return announcement.notice(isLarge: isLarge)
  }

  func finish(changed: [CacheTag], isUnsure: Bool) async {
    guard let made = made.withLock({ $0 }) else { return }
    if isUnsure {
      await cache.invalidate(changed)
      cache.abandon(made)
    } else {
      await cache.finish(made, changed: changed)
    }
  }
}
