import KittyShared

/// The place of an entry in a list of the entries of several groups: the latest day first; within a day the groups in the
/// order of their ids; within a group the highest number first.
struct GroupPlace: Sendable {
  let date: Day
  let group: ID
  let number: Int64

  /// Returns the place of the list in one group.
  func place(in other: ID) -> FoundPlace {
    if other == group { return (date, number) }
    // The groups before this one are done with the day.
    return (date, other < group ? 0 : .max)
  }

  /// Returns `true` for the earlier place in the list.
  static func < (left: GroupPlace, right: GroupPlace) -> Bool {
    (right.date, left.group, right.number) < (left.date, right.group, left.number)
  }
}

extension EntryStore {
  /// An entry that was found, without its content.
  private struct Found {
    let place: GroupPlace
    let id: ID
    /// The size of the entry in bytes.
    let size: Int
  }

  /// Finds entries of several groups, in two round trips: their places, then the contents of a page.
  /// - Parameters:
  ///   - searches: One for each group.
  ///   - before: The place of the last entry on the previous page.
  ///   - totals: `true` to add up all entries, also those of other pages.
  /// - Returns: The entries of a page, and `true` when more follow.
  func find(
    _ searches: [EntrySearch], limit: Int, before: GroupPlace?, totals: Bool
  ) async throws -> (entries: [(group: ID, entry: Entry)], isMore: Bool, totals: EntryTotals?) {
    let places = searches.map { search in
      let source = search.entries(limit: limit + 1, before: before?.place(in: search.group))
      return """
        \(part: source.with)
        select e.group_id, e.id, e.date, e.number, \(Self.fixedSize) + octet_length(\(part: Self.content))
        \(part: source.source) where \(part: source.conditions)
        order by e.date desc, e.number desc limit \(limit + 1)
        """ as SQL
    }
    let rows = try await database.read(places + (totals ? searches.map(\.totals) : []))
    let found = try rows.prefix(places.count).joined().map { row in
      let (group, id, date, number, size) = try row.decode(
        ID.self, ID.self, Day.self, Int64.self, Int.self)
      return Found(place: GroupPlace(date: date, group: group, number: number), id: id, size: size)
    }.sorted { $0.place < $1.place }
    var bytes = 0
    let shown = found.prefix(limit).prefix { entry in
      defer { bytes += entry.size }
      return bytes < pageBytes
    }
    let byGroup = Dictionary(grouping: shown, by: \.place.group).mapValues { $0.map(\.id) }
    let groups = byGroup.keys.sorted()
    let contents =
      try await groups.isEmpty
      ? [] : database.read(groups.map { Self.entries(byGroup[$0] ?? [], in: $0) })
    var entries: [ID: [ID: Entry]] = [:]
    for (group, rows) in zip(groups, contents) {
      for entry in try rows.map(Self.entry) { entries[group, default: [:]][entry.id] = entry }
    }
    return (
      // An entry that was purged between the two reads is left out.
      shown.compactMap { entry in
        entries[entry.place.group]?[entry.id].map { (group: entry.place.group, entry: $0) }
      },
      found.count > shown.count,
      totals ? try EntryTotals(adding: rows.dropFirst(places.count).map(EntrySearch.totals)) : nil
    )
  }
}

extension EntryTotals {
  /// Adds up totals.
  init(adding all: [EntryTotals]) {
    let sums = Dictionary(grouping: all.flatMap(\.sums), by: \.currency).map { currency, sums in
      Sum(
        count: sums.reduce(0) { $0 + $1.count }, amount: sums.reduce(0) { $0 + $1.amount },
        currency: currency)
    }
    self.init(
      count: all.reduce(0) { $0 + $1.count }, sums: sums.sorted { $0.currency.code < $1.currency.code })
  }
}
