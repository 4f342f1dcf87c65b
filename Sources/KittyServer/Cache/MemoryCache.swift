/// The versions for the one server of an embedded database.
struct MemoryCache: Cache {
  private let table = VersionTable()

  /// Commands such as `check --repair-balances` write to the file beside the server.
  let trust: Duration = .seconds(1)

  func versions(of scopes: [Scope]) -> [Int]? { table.versions(of: scopes) }
  func outdate(_ scopes: [Scope]) async { table.outdate(scopes) }
  func complaint() async -> String? { nil }
  func close() async {}
}
