import KittyShared

/// The changes of a group since it was read before.
struct GroupChanges: Hashable, Sendable {
  /// The sequence of the data before.
  let since: Int64
  /// The entries that were created, changed, deleted, restored or commented on, in the order of the changes.
  let entries: [Entry]
}

/// The place of an entry in the list: entries are sorted by date, then by number.
struct EntryPlace: Hashable, Comparable, Sendable {
  let date: Day
  let number: Int64

  init(_ entry: Entry) { (date, number) = (entry.date, entry.number) }

  static func < (left: EntryPlace, right: EntryPlace) -> Bool {
    (left.date, left.number) < (right.date, right.number)
  }
}

extension GroupData {
  /// Returns this data with the changes of a newer reading. The loaded entries stay, the older ones too, so that a list
  /// does not move.
  /// - Returns: `nil` when the changes do not begin where this data ends.
  func merged(_ newer: GroupData) -> GroupData? {
    guard let changes = newer.changes, sequence > 0, changes.since == sequence else { return nil }
    var merged = self
    (merged.group, merged.members, merged.balances) = (newer.group, newer.members, newer.balances)
    (merged.categories, merged.rules) = (newer.categories, newer.rules)
    (merged.sequence, merged.changes) = (newer.sequence, changes)
    for entry in changes.entries { merged.put(entry) }
    return merged
  }

  /// Returns the categories with those that changed.
  func categories(with changed: [Category]) -> [Category] {
    let new = Dictionary(changed.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    let known = Set(categories.map(\.id))
    return categories.map { new[$0.id] ?? $0 } + changed.filter { !known.contains($0.id) }
  }

  /// Returns the rules with those that changed, without those that were removed.
  func rules(with changed: [Recurring]) -> [Recurring] {
    let ids = Set(changed.map(\.id))
    return (rules.filter { !ids.contains($0.id) } + changed.filter { $0.removedAt == nil })
      .sorted { $0.id < $1.id }
  }

  /// Returns the members with those that changed. They keep their order; new ones come last.
  func members(with changed: [Member]) -> [Member] {
    let new = Dictionary(changed.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    let known = Set(members.map(\.id))
    return members.map { new[$0.id] ?? $0 } + changed.filter { !known.contains($0.id) }
  }
}
