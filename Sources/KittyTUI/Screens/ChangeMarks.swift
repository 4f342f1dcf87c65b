import KittyShared

/// The entries that other users changed while the list was open. They are marked for some seconds.
struct ChangeMarks: Hashable, Sendable {
  /// The time for which a row stays marked.
  static let time: Duration = .seconds(10)

  private var ends: [ID: ContinuousClock.Instant] = [:]
  /// The entries that this client changed. Their next change is not marked.
  private var own: Set<ID> = []

  /// Leaves the next change of an entry without a mark: the user made it here.
  mutating func skip(_ entry: ID) { own.insert(entry) }

  /// Marks what another user changed between two readings. A comment alone changes nothing in the list.
  mutating func note(_ new: GroupData, after old: GroupData?, at now: ContinuousClock.Instant) {
    ends = ends.filter { $0.value > now }
    guard let old, let changes = new.changes, changes.since == old.sequence else { return }
    let known = Dictionary(old.entries.map { ($0.id, $0.version) }, uniquingKeysWith: max)
    for entry in changes.entries where entry.deletedAt == nil {
      let isChanged = known[entry.id] != entry.version
      // An entry of the user may come from another device.
      let isOwn = own.contains(entry.id) || (entry.version == 1 && entry.createdBy == new.group.me)
      if isChanged && !isOwn { ends[entry.id] = now + Self.time }
    }
    own.subtract(changes.entries.map(\.id))
  }

  /// Returns the indexes of the marked entries.
  func rows(of entries: some Sequence<Entry>, at now: ContinuousClock.Instant) -> Set<Int> {
    guard !ends.isEmpty else { return [] }
    return Set(
      entries.enumerated().compactMap { index, entry in
        (ends[entry.id] ?? now) > now ? index : nil
      })
  }

  /// Returns the time at which the next mark ends; `nil` without marks.
  func wake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    ends.values.filter { $0 > now }.min()
  }
}
