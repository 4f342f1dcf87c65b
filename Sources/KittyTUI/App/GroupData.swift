import KittyShared

/// The data of a group's screen.
struct GroupData: Hashable, Sendable {
  var group: Group
  var members: [Member] { didSet { names = Self.names(of: members) } }
  var balances: [Balance]
  /// The categories, removed ones too.
  var categories: [Category] = []
  /// The rules for recurring entries that are not removed.
  var rules: [Recurring] = []
  /// The loaded entries, latest first.
  var entries: [Entry]
  /// The cursor of the next page of entries; `nil` when all entries are loaded.
  var next: String?
  /// The sequence of the group up to which all changes are in here; 0 when it is not known.
  var sequence: Int64 = 0
  /// The changes of the last reading; `nil` when everything was read.
  var changes: GroupChanges?
  /// The place of the last loaded entry when it was loaded: the next page begins after it. `nil` when all entries are
  /// loaded.
  private var floor: EntryPlace?
  /// The names of the members: a list asks for the name of each of its lines.
  private var names: [ID: SafeText]

  init(group: Group, members: [Member], balances: [Balance], entries: [Entry], next: String? = nil) {
    self.group = group
    self.members = members
    self.balances = balances
    self.entries = entries
    self.next = next
    floor = next == nil ? nil : entries.last.map { EntryPlace($0) }
    names = Self.names(of: members)
  }

  private static func names(of members: [Member]) -> [ID: SafeText] {
    Dictionary(members.map { ($0.id, SafeText($0.name)) }, uniquingKeysWith: { first, _ in first })
  }

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
    floor = next == nil ? nil : older.last.map { EntryPlace($0) } ?? floor
    self.next = next
  }

  /// Puts a new or changed entry into its place, and removes a deleted one. An entry whose place is not loaded is left
  /// out.
  mutating func put(_ entry: Entry) {
    entries.removeAll { $0.id == entry.id }
    let place = EntryPlace(entry)
    guard entry.deletedAt == nil, floor.map({ place >= $0 }) ?? true else { return }
    entries.insert(entry, at: entries.firstIndex { EntryPlace($0) < place } ?? entries.endIndex)
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
    joined.floor = old.floor
    return joined
  }

  /// Returns the name of an account.
  func name(of account: LedgerAccount) -> SafeText { account.member.map { name(of: $0) } ?? "Kitty" }

  /// Returns the name of a present or former member.
  func name(of member: ID) -> SafeText { names[member] ?? "(unknown)" }

  /// Returns the name of an account for a sentence to the user: `you` for their own.
  func person(_ account: LedgerAccount) -> SafeText {
    account == .member(group.me) ? "you" : account == .kitty ? "the kitty" : name(of: account)
  }

  /// The present members.
  var present: [Member] { members.filter { $0.removedAt == nil } }
}

extension [Balance] {
  /// The balances of each currency together, those of the group's currency first.
  func grouped(first: Currency) -> [Balance] {
    enumerated().sorted { left, right in
      func key(_ place: (offset: Int, element: Balance)) -> (Int, String, Int) {
        (place.element.currency == first ? 0 : 1, place.element.currency.code, place.offset)
      }
      return key(left) < key(right)
    }.map(\.element)
  }
}

/// The identity of a balance when its amount changes.
struct BalanceKey: Hashable, Sendable {
  let account: LedgerAccount
  let currency: Currency
}

extension Balance {
  var key: BalanceKey { BalanceKey(account: account, currency: currency) }
}
