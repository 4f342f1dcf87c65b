import KittyShared

/// The data of a group's screen.
struct GroupData: Hashable, Sendable {
  var group: Group
  var members: [Member]
  var balances: [Balance]
  /// The loaded entries, latest first.
  var entries: [Entry]
  /// The cursor of the next page of entries; `nil` when all entries are loaded.
  var next: String?

  /// `true` when there are more entries to load.
  var hasMore: Bool { next != nil }

  /// Adds a new member, or replaces a changed one.
  mutating func update(_ member: Member) {
    members.removeAll { $0.id == member.id }
    members.append(member)
  }

  /// Adds older entries at the end.
  mutating func append(_ older: [Entry], next: String?) {
    let ids = Set(entries.map(\.id))
    entries += older.filter { !ids.contains($0.id) }
    self.next = next
  }

  /// Returns the new data with the older entries that were loaded before. The older entries are left out, to be
  /// loaded again, if there is a gap before them or the changed entry may be among them.
  func followed(by old: GroupData?, changed: ID?) -> GroupData {
    guard let old, hasMore, let last = entries.last,
      let index = old.entries.firstIndex(where: { $0.id == last.id }), index + 1 < old.entries.count
    else { return self }
    let ids = Set(entries.map(\.id))
    guard old.entries[..<index].allSatisfy({ ids.contains($0.id) }),
      changed.map({ ids.contains($0) }) ?? true
    else { return self }
    var joined = self
    joined.append(Array(old.entries[index...]), next: old.next)
    return joined
  }

  /// Returns the name of an account.
  func name(of account: LedgerAccount) -> SafeText { account.member.map { name(of: $0) } ?? "Kitty" }

  /// Returns the name of a present or former member.
  func name(of member: ID) -> SafeText {
    members.first { $0.id == member }.map { SafeText($0.name) } ?? "(unknown)"
  }

  /// The present members.
  var present: [Member] { members.filter { $0.removedAt == nil } }
}
