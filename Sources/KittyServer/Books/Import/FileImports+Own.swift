import KittyShared

extension FileImports {
  /// Gives each entry of a file of KittyCash that the group does not have the id with which its rule gives its shares.
  /// - Returns: The entries that the group has with these ids.
  func keep(
    _ ids: inout [ID], of entries: ImportedEntries, _ contents: ImportedContents,
    _ known: [ID: ImportStore.Known], in group: ID
  ) async throws -> [ID: ImportStore.Known] {
    var other: [ID] = []
    let imported = try await importedBefore(entries, known, in: group)
    for (index, entry) in entries.enumerated() {
      guard case .kept(let content, let own?) = entry.kind, known[own] == nil else { continue }
      try Task.checkCancellation()
      if let id = imported[own] {
        ids[index] = id
        other.append(id)
        continue
      }
      let id = contents.id(keeping: content, as: own)
      if id != own { other.append(id) }
      ids[index] = id
      await Task.yield()
    }
    return try await store.known(other, in: group)
  }

  /// Returns the ids of entries that an earlier import gave another id, because it had other members.
  private func importedBefore(
    _ entries: ImportedEntries, _ known: [ID: ImportStore.Known], in group: ID
  ) async throws -> [ID: ID] {
    guard try await !store.imports(of: .kittycash, in: group).isEmpty else { return [:] }
    let missing = entries.compactMap { entry -> ID? in
      if case .kept(_, let own?) = entry.kind, known[own] == nil { own } else { nil }
    }
    var imported: [ID: ID] = [:]
    for owns in missing.chunks(of: 100) {
      let others = owns.map { (own: $0, ids: ImportedContents.otherIDs(of: $0)) }
      let found = try await store.known(others.flatMap(\.ids), in: group)
      for (own, ids) in others { imported[own] = ids.first { found[$0] != nil } }
    }
    return imported
  }

  /// Returns the category here of each category of a file of KittyCash, and those that the group gets.
  static func keptCategories(
    of books: ImportedBooks, _ known: [Category], at now: Instant
  ) -> (all: [ID: ID], new: [Category], dropped: [String]) {
    let present = Dictionary(known.map { ($0.name.nameKey, $0) }, uniquingKeysWith: { first, _ in first })
    var (all, new, dropped): ([ID: ID], [Category], [String]) = ([:], [], [])
    var made: [String: Category] = [:]
    for category in books.categories ?? [] {
      let key = category.name.nameKey
      if let same = present[key] ?? made[key] {
        if same.archivedAt == nil { all[category.id] = same.id } else { dropped.append(category.name) }
        continue
      }
      var checks = FieldChecks()
      checks.categoryName(category.name, "category")
      guard checks.errors.isEmpty, known.count + new.count < Category.maxPresent else {
        dropped.append(category.name.cut(to: 64))
        continue
      }
      // Categories have two levels, and the upper one may be a lower one here.
      let upper = category.parent.flatMap { all[$0] }
      let isUpper = (known + new).contains { $0.id == upper && $0.parent == nil }
      let added = Category(
        id: ID(at: now), name: category.name, parent: isUpper ? upper : nil, createdAt: now)
      all[category.id] = added.id
      made[key] = added
      new.append(added)
    }
    return (all, new, dropped)
  }

  /// Returns the payouts that have to be written after all other entries, so that each finds its money in the kitty. A kitty of
  /// a file may have paid more than it had, and nothing else is written here.
  /// - Throws: `Rejection` when the payouts are more than was ever put into the kitty, or when the kitty was counted after one of
  ///   the entries.
  func latePayouts(of match: ImportMatch, in group: ID) async throws -> [Int] {
    let changes = match.kittyChanges
    var first: [Currency: ImportMatch.KittyChange] = [:]
    for change in changes where (first[change.amount.currency]?.date).map({ change.date < $0 }) ?? true {
      first[change.amount.currency] = change
    }
    guard !first.isEmpty else { return [] }
    try await requireNoCount(after: first, in: group)
    var left: [Currency: Int64] = [:]
    for currency in first.keys {
      left[currency] = try await bookkeeping.balances.kittyBalance(currency, in: group)
    }
    // The most that payouts can take.
    var most = left.mapValues { max($0, 0) }
    for change in changes where change.amount.minorUnits > 0 {
      most[change.amount.currency, default: 0] &+= change.amount.minorUnits
    }
    var late: [Int] = []
    for change in changes {
      let currency = change.amount.currency
      let rest = (left[currency] ?? 0) &+ change.amount.minorUnits
      guard change.isPayout else {
        left[currency] = rest
        continue
      }
      most[currency, default: 0] &+= change.amount.minorUnits
      guard most[currency, default: 0] >= 0 else {
        throw Rejection.conflict(
          "not_in_the_pot",
          "\(change.place): the payouts up to this one take more out of the kitty than all entries put into it. Enter a contribution first."
        )
      }
      if rest < 0 { late.append(change.index) } else { left[currency] = rest }
    }
    return late
  }

  /// - Parameter first: The first entry of the kitty in each currency.
  private func requireNoCount(
    after first: [Currency: ImportMatch.KittyChange], in group: ID
  ) async throws {
    let entries = first.sorted { $0.key.code < $1.key.code }
    let places = entries.map {
      EntryRevision.NextCount.Place(currency: $0.key, date: $0.value.date, number: .max)
    }
    let counts = try await bookkeeping.entries.counts(after: places, without: .first, in: group)
    for (entry, count) in zip(entries, counts) {
      guard let count else { continue }
      throw Rejection.conflict(
        "counted_since",
        "\(entry.value.place): the kitty was counted on \(count.date) (#\(count.number)), and this entry of the kitty is before it. Delete the count, import the file, and count again."
      )
    }
  }
}
