/// The versions of cache tags, shared by all servers that use the same database.
///
/// Each server keeps the values that it read in its own memory (`VersionedCache`), together with the version that
/// their tag had before they were read. A value is used only while its tag still has that version. A writer announces
/// the tags before its transaction, so that the others do not use or cache them meanwhile, and reports afterwards which
/// of them have changed. `WriteContext.changing` does both. docs/decisions/0048 has the failures that this survives.
///
/// The versions are only a signal: without them everything works, with more database queries. `InProcessInvalidation`
/// is for the embedded database, `RedisInvalidation` for several servers, and `NoticeInvalidation` for commands beside
/// them.
///
/// The tags of a request follow from `Route.changes`; see `CacheInvalidation+Changes.swift`.
protocol CacheInvalidation: Sendable {
  /// The age at which a cached value expires although its version has not changed; `nil` for none.
  var lifetime: Duration? { get }
  /// Looks for changes by other processes, where that takes a look at the database. Call it before `versions(of:)`.
  func catchUp() async
  /// Returns the current version of each tag, in order; `nil` while the versions are unknown, so that nothing may be
  /// cached.
  func versions(of tags: [CacheTag]) -> [Int]?
  /// Tells the other servers that the data of these tags is about to change. When this returns, each of them holds the
  /// tags, will hold them within a second, or the transaction must run the `notice` of the announcement.
  func announce(_ tags: [CacheTag]) async -> Announcement
  /// Gives the changed tags a new version, on this server before the function returns, and ends the hold of the others.
  /// - Parameter changed: Tags within those of the announcement, or their parts.
  func finish(_ announcement: Announcement, changed: [CacheTag]) async
  /// Goes on holding the tags, on this server too, until a transaction with an unknown outcome has ended in any case.
  func abandon(_ announcement: Announcement)
  /// Gives each tag a new version: on this server before the function returns, and on every other one as soon as it
  /// receives the message.
  func invalidate(_ tags: [CacheTag]) async
  /// Returns a description of the problem, or `nil` when invalidation works.
  func healthProblem() async -> String?
  /// Closes the connections.
  func close() async
}
