import Redis

/// Invalidation for a command beside servers that use PostgreSQL: the command caches nothing, and its transactions tell
/// the servers themselves. So it needs no Redis, and the servers hear of a change if and only if it is committed.
struct NoticeInvalidation: CacheInvalidation {
  /// The connection for the notification of workers, which is closed with the rest; `nil` without Redis.
  let redis: RedisClient?

  let lifetime: Duration? = nil

  func catchUp() async {}
  func versions(of tags: [CacheTag]) -> [Int]? { nil }

  func announce(_ tags: [CacheTag]) async -> Announcement {
    Announcement(id: "", tags: tags, notice: PostgresNotices.notice(of: tags.map(\.key)))
  }

  func finish(_ announcement: Announcement, changed: [CacheTag]) async {}
  func abandon(_ announcement: Announcement) {}
  /// Does nothing: a command changes data only after an announcement.
  func invalidate(_ tags: [CacheTag]) async {}
  func healthProblem() async -> String? { nil }
  func close() async { await redis?.close() }
}
