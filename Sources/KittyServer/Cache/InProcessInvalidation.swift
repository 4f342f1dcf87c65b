/// Invalidation for the only server of an embedded database. Values live until they are invalidated: by this server, or
/// because a command beside it has written to the database file.
struct InProcessInvalidation: CacheInvalidation {
  private let table: TagVersions
  private let watch: (any ChangeWatch)?

  /// - Parameter watch: Makes the watch over changes by other processes; `nil` without such processes.
  init(watch: ((TagVersions) -> any ChangeWatch)? = nil) {
    let table = TagVersions()
    self.table = table
    self.watch = watch?(table)
  }

  let lifetime: Duration? = nil

  func catchUp() async { await watch?.catchUp() }
  func versions(of tags: [CacheTag]) -> [Int]? {
    watch?.isCurrent == false ? nil : table.versions(of: tags)
  }
  func announce(_ tags: [CacheTag]) async -> Announcement { Announcement(id: "", tags: tags) }
  func finish(_ announcement: Announcement, changed: [CacheTag]) async { table.invalidate(changed) }
  /// Does nothing: SQLite knows the outcome of each transaction.
  func abandon(_ announcement: Announcement) {}
  func invalidate(_ tags: [CacheTag]) async { table.invalidate(tags) }
  func healthProblem() async -> String? { nil }
  func close() async { await watch?.close() }
}
