import KittyShared

/// The groups that were read last, as they were read: the next reading asks only for the changes.
struct GroupMemory: Sendable {
  /// The number of groups that are kept.
  static let limit = 4

  /// A group and the moment at which it was read. The latest is the last.
  private var known: [(data: GroupData, readAt: Instant)] = []
  /// The sequences in the last list of groups: what is read later has at least these changes.
  private var sequences: [ID: Int64] = [:]

  subscript(group: ID) -> (data: GroupData, readAt: Instant)? { known.last { $0.data.group.id == group } }

  /// Returns the sequence that a group had reached when the groups were listed; 0 when it is not known.
  func sequence(of group: ID) -> Int64 { sequences[group] ?? 0 }

  /// Keeps a group, and drops the one that was not read for the longest time.
  mutating func keep(_ data: GroupData, at moment: Instant) {
    drop(data.group.id)
    known.append((data, moment))
    if known.count > Self.limit { known.removeFirst() }
  }

  mutating func drop(_ group: ID) { known.removeAll { $0.data.group.id == group } }

  /// Notes the sequence of a group.
  mutating func note(_ group: Group) { sequences[group.id] = group.sequence }

  /// Notes the sequences of a list of groups.
  mutating func note(_ groups: [Group]) {
    sequences = Dictionary(groups.map { ($0.id, $0.sequence) }, uniquingKeysWith: max)
  }
}
