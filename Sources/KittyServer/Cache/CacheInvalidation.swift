import KittyShared

/// The versions of cache tags, shared by all servers that use the same database.
///
/// Each server keeps the values that it read in its own memory (`VersionedCache`), together with the version that
/// their tag had before they were read. A value is used only while its tag still has that version, so a writer needs
/// no more than to give the tag a new one: `invalidate`. The versions are only a signal: without them everything works,
/// with more database queries. There are two implementations: `InProcessInvalidation` for the embedded database, and
/// `RedisInvalidation`.
///
/// The tags that a request invalidates follow from `Route.changes`; see `invalidate(after:in:)` and its neighbours.
protocol CacheInvalidation: Sendable {
  /// Maximum age of a cached value whose version has not changed. It bounds the effect of a lost invalidation, such as
  /// that of a server that was killed between its write and `invalidate`.
  var maxStaleness: Duration { get }
  /// Returns the current version of each tag, in order; `nil` while the versions are unknown, so that nothing may be
  /// cached.
  func versions(of tags: [CacheTag]) -> [Int]?
  /// Gives each tag a new version: on this server before the function returns, and on every other one as soon as it
  /// receives the message.
  func invalidate(_ tags: [CacheTag]) async
  /// Returns a description of the problem, or `nil` when invalidation works.
  func healthProblem() async -> String?
  /// Closes the connections.
  func close() async
}
