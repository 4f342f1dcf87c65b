import Synchronization

/// The versions of scopes as this process knows them. Bounded: versions are never used twice, so forgetting
/// them only outdates what is remembered.
final class VersionTable: Sendable {
  private struct State {
    var versions: [Scope: Int] = [:]
    var last = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// - Parameter capacity: How many scopes have a version at most.
  init(capacity: Int = 30_000) { self.capacity = capacity }

  /// The version of each scope, a new one for those that have none.
  func versions(of scopes: [Scope]) -> [Int] {
    state.withLock { state in
      scopes.map { scope in
        if let version = state.versions[scope] { return version }
        if state.versions.count >= capacity { state.versions = [:] }
        state.last += 1
        state.versions[scope] = state.last
        return state.last
      }
    }
  }

  /// Gives each scope a new version.
  func outdate(_ scopes: [Scope]) {
    if scopes.contains(.all) { return outdateAll() }
    state.withLock { state in for scope in scopes { state.versions[scope] = nil } }
  }

  /// Gives every scope a new version.
  func outdateAll() { state.withLock { $0.versions = [:] } }
}
