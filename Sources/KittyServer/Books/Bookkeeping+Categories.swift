import KittyShared

extension Bookkeeping {
  /// The number of entries that get another category in one transaction: some ten milliseconds of the writer of SQLite.
  private static let movedTogether = 100
  /// The number of times that entries which others give the category meanwhile are looked for.
  private static let removalAttempts = 5

  /// The destination of the entries of a category that is removed.
  enum Destination: Sendable {
    /// The entries get another category.
    case category(ID)
    /// The entries get none.
    case none

    var category: ID? { if case .category(let id) = self { id } else { nil } }
  }

  /// Checks that the categories which a content newly names can be given to an entry.
  /// - Parameter kept: Categories that it may have, also archived ones.
  /// - Throws: `Rejection.invalid` that names the field.
  func requireCategories(
    of content: EntryContent, keeping kept: Set<ID> = [], for caller: Caller
  ) async throws {
    let named = content.namedCategories.filter { !kept.contains($0.category) }
    guard !named.isEmpty else { return }
    let known = try await categories(for: caller)
    for (field, id) in named {
      guard let category = known[id] else {
        throw Rejection.invalid(
          field, "not_a_category", "No category of this group has the id \(id). See GET …/categories.")
      }
      guard category.removedAt == nil else {
        throw Rejection.invalid(
          field, "not_a_category", "The category \"\(category.name)\" was removed. Choose another one.")
      }
      guard category.archivedAt == nil else {
        throw Rejection.invalid(
          field, "archived_category",
          "The category \"\(category.name)\" is archived. Choose another one, or take it into use again.")
      }
    }
  }

  /// Returns the categories of the group, removed ones too.
  private func categories(for caller: Caller) async throws -> [ID: Category] {
    if let cached = knownCategories.value(for: caller.group, at: caller.groupVersion) { return cached }
    let all = Dictionary(
      try await categories.all(in: caller.group).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    knownCategories.insert(all, for: caller.group, at: caller.groupVersion)
    return all
  }

  /// Returns a content as it is restored: a category that was removed meanwhile gives way to the one that its entries got.
  func restored(_ content: EntryContent, for caller: Caller) async throws -> EntryContent {
    guard !content.categories.isEmpty else { return content }
    // Not from the cache: the write requires that the categories are there now.
    let all = try await categories.all(in: caller.group)
    let known = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return content.replacingCategories { id in
      var next = known[id]
      // Each step goes to a category that was there when the one before it was removed, so there is no circle. A file of
      // an import may have one.
      for _ in 0..<all.count where next?.removedAt != nil {
        next = next?.removedInto.flatMap { known[$0] }
      }
      return next?.removedAt == nil ? next?.id : nil
    }
  }

  /// Removes a category. Its entries and rules get another one, or none: each entry as a change with the caller as its author.
  /// They change in pieces, each piece whole. After a failure in between, the same request moves the rest.
  /// - Parameter destination: The new category of its entries; `nil` refuses to remove a category with entries or rules.
  /// - Throws: `Rejection`.
  func remove(_ id: ID, into destination: Destination?, by caller: Caller) async throws {
    let group = caller.group
    guard let category = try await categories.find(id, in: group), category.removedAt == nil else {
      throw Rejection.notFound("category")
    }
    try await requireRemovable(category, into: destination, by: caller)
    for _ in 0..<Self.removalAttempts {
      if let destination {
        try await move(id, into: destination, by: caller)
        try await moveRules(id, into: destination, by: caller)
      }
      if try await categories.remove(
        id, into: destination?.category, from: group, at: caller.now, caller.write)
      {
        return
      }
      // A rule that held a moment ago does not hold any more.
      try await requireRemovable(category, into: destination, by: caller)
    }
    throw Rejection.groupChanged
  }

  /// - Throws: `Rejection` when the category cannot be removed in this way.
  private func requireRemovable(
    _ category: Category, into destination: Destination?, by caller: Caller
  ) async throws {
    let group = caller.group
    if try await categories.hasChildren(category.id, in: group) {
      throw Rejection.conflict(
        "has_children", "Others are below \"\(category.name)\". Remove or move them first.")
    }
    if case .category(let other) = destination {
      guard other != category.id, let other = try await categories.find(other, in: group),
        other.removedAt == nil, other.archivedAt == nil
      else {
        throw Rejection.invalid(
          "into", "not_a_category",
          "into must be the id of another category in use, or \"none\".")
      }
    }
    let (count, first) = try await categories.use(of: category.id, in: group)
    let rules = try await recurring.rules(with: category.id, in: group).count
    guard destination != nil || count + rules == 0 else {
      let parts = [
        count == 0 ? nil : "\(count) \(count == 1 ? "entry" : "entries")",
        rules == 0 ? nil : "\(rules) recurring \(rules == 1 ? "rule" : "rules")",
      ].compactMap(\.self)
      throw Rejection.conflict(
        "in_use",
        "\(parts.listed("and")) \(count + rules == 1 ? "has" : "have") the category \"\(category.name)\". Say with ?into= which one they get, or \"none\"; or archive the category."
      )
    }
    if let first, caller.membership.rights.refusal(ofDate: first) != nil {
      throw Rejection.conflict(
        "closed",
        "\"\(category.name)\" has entries in the closed books, the first dated \(first), and they must not change. Archive the category instead."
      )
    }
  }

  /// Gives all entries of a category another one, or none.
  private func move(_ id: ID, into destination: Destination, by caller: Caller) async throws {
    var last = ID.first
    while true {
      let ids = try await categories.entries(
        with: id, in: caller.group, after: last, limit: Self.movedTogether)
      guard let end = ids.last else { return }
      try Task.checkCancellation()
      // An entry that was deleted since is not among the next ones.
      let revisions = try await entries.find(ids, in: caller.group).filter { $0.deletedAt == nil }.map {
        entry in
        EntryRevision(
          .changed, entry,
          to: entry.content.replacingCategories { $0 == id ? destination.category : $0 },
          in: caller.group, by: caller.membership.member, at: caller.now,
          former: Set(entry.content.postings(group: caller.group, entry: entry.id).map(\.account)))
      }
      do {
        try await entries.revise(revisions)
      } catch let rejection as Rejection where rejection.reason == .stale {
        // Another request has changed one of them; they are read again.
        continue
      }
      last = end
    }
  }

  /// Gives all rules with a category another one, or none.
  private func moveRules(_ id: ID, into destination: Destination, by caller: Caller) async throws {
    for row in try await recurring.rules(with: id, in: caller.group) {
      var rule = row.rule
      rule.template = rule.template.replacingCategories { $0 == id ? destination.category : $0 }
      let today = caller.now.day(in: TimeZones.isKnown(rule.zone) ? rule.zone : nil)
      // One that is changed meanwhile is found again, because the category cannot be removed yet.
      _ = try await recurring.change(
        row, to: rule, isDue: rule.next.map { $0.date <= today } ?? false, in: caller.group, at: caller.now,
        WriteContext())
    }
  }
}
