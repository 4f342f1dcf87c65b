import Synchronization

/// The versions of tags as this process knows them.
///
/// A tag is held while another process changes its data: each reading of its version is then a new number, so that no
/// cached value is used and none that is inserted is ever found. The table is bounded: a number is never used twice, so
/// dropping versions only invalidates cached values.
final class TagVersions: Sendable {
  fileprivate struct Hold {
    let tags: [CacheTag]
    var until: ContinuousClock.Instant
  }

  fileprivate struct State {
    var versions: Generations<CacheTag, Int>
    var last = 0
    var holds: [String: Hold] = [:]
    /// The number of holds of each tag.
    var held: [CacheTag: Int] = [:]
    /// The earliest end of a hold.
    var nextEnd: ContinuousClock.Instant?
  }

  private let state: Mutex<State>
  private let maxHolds: Int
  /// The hold of all tags, in place of those that the table has no room for.
  private static let overflow = "overflow"

  /// - Parameters:
  ///   - capacity: The maximum number of tags with a version.
  ///   - maxHolds: The maximum number of holds. With one more, all tags are held.
  init(capacity: Int = 30_000, maxHolds: Int = 10_000) {
    state = Mutex(State(versions: Generations(capacity: capacity)))
    self.maxHolds = maxHolds
  }

  /// Returns the version of each tag; a tag without one gets a new version.
  func versions(of tags: [CacheTag]) -> [Int] {
    state.withLock { state in
      state.endHolds()
      return tags.map { tag in
        let isHeld = !state.held.isEmpty && (state.held[tag] != nil || state.held[.all] != nil)
        if !isHeld, let version = state.versions.value(for: tag) { return version }
        state.last += 1
        if !isHeld { state.versions.insert(state.last, for: tag) }
        return state.last
      }
    }
  }

  /// Gives each tag a new version.
  func invalidate(_ tags: [CacheTag]) { state.withLock { $0.invalidate(tags) } }

  /// Gives every tag a new version.
  func invalidateAll() { state.withLock { $0.versions.removeAll() } }

  /// Holds tags until `release`, or until the time is over: then they get new versions, since nothing is known of the
  /// change.
  /// - Parameter id: The name of the hold. A hold that exists is extended.
  func hold(_ tags: [CacheTag], as id: String, for duration: Duration) {
    state.withLock { state in
      state.endHolds()
      let isNew = state.holds[id] == nil
      let isFull = isNew && state.holds.count >= maxHolds
      state.begin(
        isFull ? Self.overflow : id, Hold(tags: isFull ? [.all] : tags, until: .now + duration))
    }
  }

  /// Ends a hold. The tags keep the versions that they had before it, unless they were invalidated.
  func release(_ id: String) { state.withLock { $0.end(id) } }
}

extension TagVersions.State {
  fileprivate mutating func invalidate(_ tags: [CacheTag]) {
    if tags.contains(.all) { return versions.removeAll() }
    for tag in tags { versions.remove(tag) }
  }

  fileprivate mutating func begin(_ id: String, _ hold: TagVersions.Hold) {
    if holds[id] != nil {
      holds[id]?.until = hold.until
      return
    }
    holds[id] = hold
    for tag in hold.tags { held[tag, default: 0] += 1 }
    nextEnd = min(nextEnd ?? hold.until, hold.until)
  }

  fileprivate mutating func end(_ id: String) {
    guard let hold = holds.removeValue(forKey: id) else { return }
    for tag in hold.tags { held[tag] = held[tag].flatMap { $0 > 1 ? $0 - 1 : nil } }
  }

  /// Ends the holds whose time is over.
  fileprivate mutating func endHolds() {
    guard let nextEnd, nextEnd <= .now else { return }
    let now = ContinuousClock.now
    for (id, hold) in holds where hold.until <= now {
      end(id)
      invalidate(hold.tags)
    }
    self.nextEnd = holds.values.map(\.until).min()
  }
}
