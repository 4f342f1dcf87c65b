/// A change of cached data that this process has told the others of before its transaction.
struct Announcement: Sendable {
  /// The name of the change in messages.
  let id: String
  /// The tags that the others hold until the change is reported as done.
  let tags: [CacheTag]
  /// The statement by which the transaction itself tells them, when the message did not reach Redis.
  var notice: SQL?
}
