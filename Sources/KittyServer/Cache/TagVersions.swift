import Synchronization

/// The versions of tags as this process knows them. The table is bounded: a version number is never used twice, so
/// dropping versions only invalidates cached values.
final class TagVersions: Sendable {
  private struct State {
    var versions: [CacheTag: Int] = [:]
    var last = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// - Parameter capacity: The maximum number of tags with a version.
  init(capacity: Int = 30_000) { self.capacity = capacity }

  /// Returns the version of each tag; a tag without one gets a new version.
  func versions(of tags: [CacheTag]) -> [Int] {
    state.withLock { state in
      tags.map { tag in
        if let version = state.versions[tag] { return version }
        if state.versions.count >= capacity { state.versions = [:] }
        state.last += 1
        state.versions[tag] = state.last
        return state.last
      }
    }
  }

  /// Gives each tag a new version.
  func invalidate(_ tags: [CacheTag]) {
    if tags.contains(.all) { return invalidateAll() }
    state.withLock { state in for tag in tags { state.versions[tag] = nil } }
  }

  /// Gives every tag a new version.
  func invalidateAll() { state.withLock { $0.versions = [:] } }
}
