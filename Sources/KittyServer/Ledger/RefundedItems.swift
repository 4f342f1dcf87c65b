import KittyShared

/// Gives the parts of a refund to the categories and tags of the items of its expense, so that refunds of the whole leave
/// nothing in any of them.
struct RefundedItems {
  private let refunded: RefundedExpense
  private let items: [SplitRule.Item]
  private let hasTags: Bool

  /// The most parts of members in categories, of the expense and its refunds: some tenths of a second.
  private static let maxCells = 1_000_000

  /// Makes the parts of a refund; `nil` when its expense has no items with categories or tags, or when the refund has a
  /// category of its own.
  /// - Parameter old: The content that is changed: a refund keeps its form.
  init?(_ refunded: RefundedExpense, for input: NewExpense, changing old: EntryContent?) {
    guard let split = refunded.expense.split, split.hasLabels, let items = split.items else { return nil }
    guard old.map({ $0.split?.items != nil }) ?? (input.category == nil) else { return nil }
    // Each refund is divided by members and categories: many small ones would take seconds.
    let categories = Set(items.map { $0.category ?? refunded.expense.category }).count
    let cells = (refunded.expense.content.shares?.count ?? 0) * categories
    guard cells * (refunded.refunds.count + 1) <= Self.maxCells else { return nil }
    self.refunded = refunded
    self.items = items
    hasTags = old.map { $0.split?.items?.contains { $0.tags != nil } ?? false } ?? (input.tags == nil)
  }

  /// Returns `true` for the only refund of a whole expense: it has the same items.
  func isMirror(_ content: EntryContent) -> Bool {
    refunded.refunds.isEmpty && content.amount == -refunded.expense.amount
  }

  /// Returns the items of a refund with its shares; `nil` where there would be more than an expense can have.
  func split(of content: EntryContent) -> SplitRule? {
    if isMirror(content), var split = refunded.expense.split {
      split.items = items.map {
        var item = $0
        item.amount = .minorUnits(-item.amount.units)
        if !hasTags { item.tags = nil }
        return item
      }
      return split
    }
    let columns = parts(of: content)
    let shares = content.shares ?? []
    let cells = cells(shares, columns)
    // Members with the same part share an item. Where the numbers of sharers do not fit together, each has an item.
    return [true, false].lazy.map { isTogether in
      SplitRule(
        .items,
        items: withAllTags(
          namingAll(
            columns.indices.flatMap { column in
              itemsOfCategory(
                columns[column], zip(shares, cells).map { ($0.member, $1[column]) }, content, isTogether)
            }, content)))
    }.first { isPossible($0, content) }
  }

  /// Returns `true` for a rule that computes and names every member with a share.
  private func isPossible(_ split: SplitRule, _ content: EntryContent) -> Bool {
    let (amount, booked) = (
      Amount(content.amount, content.currency), Amount(content.booked.amount, content.booked.currency)
    )
    guard (split.items?.count ?? 0) <= SplitRule.maxItems,
      let found = try? split.shares(of: amount, booked: booked, seed: refunded.expense.id)
    else { return false }
    return Set(found.map(\.member)).isSuperset(of: Self.sharers(content))
  }

  /// The members with a share above or below zero.
  private static func sharers(_ content: EntryContent) -> [ID] {
    (content.shares ?? []).filter { $0.amount != 0 }.map(\.member)
  }

  /// Names the members whose part is less than a unit as entered in the largest item. Their shares are stored beside the items.
  private func namingAll(_ parts: [SplitRule.Item], _ content: EntryContent) -> [SplitRule.Item] {
    var parts = parts
    let named = Set(parts.flatMap { $0.members ?? [] })
    let missing = Self.sharers(content).filter { !named.contains($0) }
    let largest = parts.indices.max { parts[$0].amount.units.magnitude < parts[$1].amount.units.magnitude }
    guard content.rate != nil, !missing.isEmpty, let largest else { return parts }
    parts[largest].members = (parts[largest].members ?? []) + missing
    return parts
  }

  /// The part of a category, as booked and as entered.
  private typealias Column = (category: ID?, booked: Int64, entered: Int64)

  /// Returns the parts of the categories, in proportion to what is open of each.
  private func parts(of content: EntryContent) -> [Column] {
    let expense = refunded.expense
    let all = expense.content.spendingParts(entry: expense.id)
    var returned: [ID?: Int64] = [:]
    for refund in refunded.refunds {
      for part in refund.spendingParts(entry: expense.id) {
        returned[part.category, default: 0] += part.amount
      }
    }
    var weights = all.map {
      RefundedExpense.open($0.amount, returned[$0.category] ?? 0, sign: expense.amount.signum())
    }
    // Refunds with categories of their own may leave less than the amount: then the whole expense counts.
    if weights.reduce(0, +) < UInt128(content.booked.amount.magnitude) {
      weights = all.map { UInt128($0.amount.magnitude) }
    }
    let entered = EnteredParts(ids: all.map { $0.category ?? .first }, seed: expense.id)
    let booked = entered.parts(of: content.booked.amount, by: weights)
    let first = entered.parts(of: content.amount, by: booked.map { UInt128($0.magnitude) })
    let amounts =
      content.rate == nil
      ? booked
      : entered.nearest(
        to: booked, amount: content.amount, booked: content.booked.amount, first: first)
    return all.indices.map { (all[$0].category, booked[$0], amounts[$0]) }
  }

  /// Returns the part of each member in each category, in proportion to what is open of it.
  private func cells(_ shares: [Split.Share], _ columns: [Column]) -> [[Int64]] {
    struct Place: Hashable {
      let account: LedgerAccount
      let category: ID?
    }
    let expense = refunded.expense
    var open: [Place: Int64] = [:]
    for content in [expense.content] + refunded.refunds {
      for cell in content.shareCells(entry: expense.id) {
        open[Place(account: cell.account, category: cell.category), default: 0] += cell.amount
      }
    }
    let weights = shares.map { share in
      columns.map { column in
        let rest = open[Place(account: .member(share.member), category: column.category)] ?? 0
        return RefundedExpense.open(rest, 0, sign: expense.amount.signum())
      }
    }
    return TwoWayDivision.table(rows: shares.map(\.amount), columns: columns.map(\.booked), weights: weights)
  }

  /// Returns the items of one category: one for the members who have the same part of it, or one for each.
  private func itemsOfCategory(
    _ column: Column, _ parts: [(member: ID, amount: Int64)], _ content: EntryContent, _ isTogether: Bool
  ) -> [SplitRule.Item] {
    var groups: [(members: [ID], each: Int64)] = []
    for (member, amount) in parts where amount != 0 {
      if isTogether, let place = groups.firstIndex(where: { $0.each == amount }) {
        groups[place].members.append(member)
      } else {
        groups.append(([member], amount))
      }
    }
    let sums = groups.map { $0.each * Int64($0.members.count) }
    let amounts =
      content.rate == nil
      ? sums
      : EnteredParts(ids: groups.map { $0.members[0] }, seed: refunded.expense.id)
        .parts(of: column.entered, by: sums.map { UInt128($0.magnitude) })
    let sources = items.filter { ($0.category ?? refunded.expense.category) == column.category }
    let names = sources.compactMap(\.description)
    let tags = hasTags ? Set(sources.flatMap { $0.tags ?? [] }) : []
    return zip(groups, amounts).filter { $1 != 0 }.map { group, amount in
      SplitRule.Item(
        names.isEmpty ? nil : names.joined(separator: ", ").cut(to: 200), amount: .minorUnits(amount),
        members: group.members,
        category: column.category == refunded.expense.category ? nil : column.category,
        tags: tags.isEmpty ? nil : Array(Self.sorted(tags).prefix(Tags.max)))
    }
  }

  /// Returns the items with all tags of the expense, as far as there is room: a small refund has no item of some categories,
  /// and its tags count all the same.
  private func withAllTags(_ parts: [SplitRule.Item]) -> [SplitRule.Item] {
    var parts = parts
    let present = Set(parts.flatMap { $0.tags ?? [] })
    var missing = hasTags ? Self.sorted(Set(items.flatMap { $0.tags ?? [] }).subtracting(present)) : []
    for index in parts.indices where !missing.isEmpty {
      let own = parts[index].tags ?? []
      let added = missing.prefix(Tags.max - own.count)
      parts[index].tags = Self.sorted(Set(own).union(added))
      missing.removeFirst(added.count)
    }
    return parts
  }

  private static func sorted(_ tags: Set<String>) -> [String] {
    tags.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }
}
