import KittyShared

/// The balances of the members and of the kitty in a file, and those of its entries here.
struct ImportBalances: Sendable {
  /// A member of the file, or for the number after the last one the kitty.
  private struct Key: Hashable {
    let account: Int
    let currency: Currency
  }

  /// `true` when the file shows balances; otherwise they are computed from its entries.
  let areShown: Bool
  private let names: [String]
  /// The first member of the file that is a member here, and the kitty. It has all of it: two in the file may be one here.
  private let first: [ID: Int]
  private var there: [Key: Int64] = [:]
  private var here: [Key: Int64] = [:]
  /// The part of those here that entries have which the file does not have any more.
  private var missing: [Key: Int64] = [:]
  private var tolerance: [Key: Int64] = [:]

  init(_ books: ImportedBooks, _ contents: ImportedContents) {
    let members = contents.members.all
    let kitty = members.count
    let places = members.enumerated().flatMap { index, match in
      ([match.id] + match.former).map { ($0, index) }
    }
    let first = Dictionary(places + [(contents.group, kitty)], uniquingKeysWith: { first, _ in first })
    (names, self.first) = (members.map(\.name), first)
    func key(_ member: Int, _ currency: Currency) -> Key {
      Key(account: first[members[member].id] ?? member, currency: currency)
    }
    let shown = books.shownBalances()
    areShown = shown.areShown
    for balance in shown.balances {
      let (units, currency) = (balance.amount.minorUnits, balance.amount.currency)
      there[key(balance.member, currency), default: 0] &+= units
      // Only KittyCash has a kitty. It has what the members do not have.
      if books.isOwn { there[Key(account: kitty, currency: currency), default: 0] &-= units }
    }
    there = there.filter { $0.key.account != kitty || $0.value != 0 }
    for (place, units) in shown.tolerance {
      tolerance[key(place.member, place.currency), default: 0] += units
    }
  }

  /// Adds an entry of the file as it is here.
  mutating func add(_ content: EntryContent, entry: ID, in group: ID) {
    for (key, units) in changes(content, entry, group) { here[key, default: 0] &+= units }
  }

  /// Adds an entry that the group has of an earlier file.
  mutating func add(missing content: EntryContent, entry: ID, in group: ID) {
    for (key, units) in changes(content, entry, group) {
      here[key, default: 0] &+= units
      missing[key, default: 0] &+= units
    }
  }

  private func changes(_ content: EntryContent, _ entry: ID, _ group: ID) -> [(Key, Int64)] {
    content.postings(group: group, entry: entry).compactMap { posting in
      first[posting.account].map {
        (Key(account: $0, currency: posting.amount.currency), posting.amount.minorUnits)
      }
    }
  }

  /// The balances on both sides, and `true` when they differ by more than rounding does.
  var comparison: (rows: [ImportReport.Balance], differs: Bool) {
    let keys = Set(there.keys).union(here.keys).sorted {
      ($0.account, $0.currency.code) < ($1.account, $1.currency.code)
    }
    let rows = keys.map { key in
      let isKitty = key.account == names.count
      return ImportReport.Balance(
        name: isKitty ? "Kitty" : names[key.account], currency: key.currency, there: there[key] ?? 0,
        here: here[key] ?? 0, isKitty: isKitty)
    }
    let differs = zip(keys, rows).contains { key, row in
      let difference = row.there &- row.here
      let isRounding = difference.magnitude <= UInt64(tolerance[key] ?? 0) && (missing[key] ?? 0) == 0
      return difference != 0 && !isRounding
    }
    return (rows, differs)
  }
}
