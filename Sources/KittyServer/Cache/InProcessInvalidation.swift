/// Invalidation for the only server of an embedded database.
struct InProcessInvalidation: CacheInvalidation {
  private let table = TagVersions()

  /// Commands such as `check --repair-balances` write to the database file beside the server.
  let maxStaleness: Duration = .seconds(1)

  func versions(of tags: [CacheTag]) -> [Int]? { table.versions(of: tags) }
  func invalidate(_ tags: [CacheTag]) async { table.invalidate(tags) }
  func healthProblem() async -> String? { nil }
  func close() async {}
}
