/// A change of cached data that this process has told the others of before its transaction.
struct Announcement: Sendable {
  /// The name of the change in messages.
  let id: String
  /// The tags that the others hold until the change is reported as done.
  let tags: [CacheTag]
  /// The statement by which a transaction itself tells them; `nil` where they notice it anyway.
  var notice: SQL?
  /// `true` when the others were told already. A large transaction runs the notice all the same: Redis may be lost before
  /// its end, and the others hold the tags for a time only.
  var isHeard = false

  /// Returns the statement that a transaction must run.
  func notice(isLarge: Bool) -> SQL? { isHeard && !isLarge ? nil : notice }
}
