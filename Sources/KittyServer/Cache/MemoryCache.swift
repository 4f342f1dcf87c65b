import Synchronization

/// The versions for the one server of an embedded database.
final class MemoryCache: Cache {
  private struct State {
    var versions: [Scope: Int] = [:]
    var last = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// Commands such as `check --repair-balances` write to the file beside the server.
  let trust: Duration = .seconds(1)

  /// - Parameter capacity: How many scopes have a version at most.
  init(capacity: Int = 10_000) { self.capacity = capacity }

  func versions(of scopes: [Scope]) async -> [String]? {
    state.withLock { state in
      scopes.map { scope in
        if let version = state.versions[scope] { return String(version) }
        // Versions are never used twice, so forgetting them only outdates what is remembered.
        if state.versions.count >= capacity { state.versions = [:] }
        state.last += 1
        state.versions[scope] = state.last
        return String(state.last)
      }
    }
  }

  func outdate(_ scopes: [Scope]) async {
    state.withLock { state in for scope in scopes { state.versions[scope] = nil } }
  }

  func complaint() async -> String? { nil }
  func close() async {}
}
