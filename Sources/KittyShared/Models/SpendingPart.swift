/// The part of an expense, or of a count, in one category.
package struct SpendingPart: Hashable, Sendable {
  /// The category; `nil` for what has none.
  package let category: ID?
  /// Minor units of the booked currency; a refund is negative.
  package let amount: Int64

  /// The part of one account.
  package struct Cell: Hashable, Sendable {
    package let account: LedgerAccount
    package let category: ID?
    package let amount: Int64
  }
}

extension EntryContent {
  /// Returns the parts of the booked amount by category; none for a payment. The category of an item comes before that of
  /// the entry, and tax, tip and discount belong to the items in proportion. Items of the other sign lower their category,
  /// down to nothing: what they take off beyond it is taken off the others in proportion, so that no part has another sign
  /// than the amount.
  /// - Parameter entry: The id of the entry. It decides which category has a leftover unit; for a refund that of its expense
  ///   does.
  package func spendingParts(entry: ID) -> [SpendingPart] {
    guard kind.isSpending else { return [] }
    let (categories, weights) = itemCategories
    guard categories.count > 1 else {
      return [SpendingPart(category: categories.first ?? category, amount: booked.amount)]
    }
    let parts = Apportionment.parts(
      of: booked.amount, weights: zip(categories, weights).map { ($0 ?? .first, $1) },
      seed: refundOf ?? entry)
    return zip(categories, parts).map { SpendingPart(category: $0, amount: $1) }
  }

  /// Returns the shares by account and category: each account has its share, and each category its part.
  package func shareCells(entry: ID) -> [SpendingPart.Cell] {
    let parts = spendingParts(entry: entry)
    let rows = (shares ?? []).map { (account: LedgerAccount.member($0.member), amount: $0.amount) }
    guard parts.count > 1, let items = split?.items else { return cells(rows, parts) { _ in [] } }
    // Over the least common multiple of the numbers of sharers, each part of an item is whole. The split has checked that
    // the numbers fit.
    let multiple = items.reduce(UInt128(1)) { multiple, item in
      let count = UInt128(max(1, item.members?.count ?? 1))
      return multiple / Self.commonDivisor(multiple, count) * count
    }
    var places: [LedgerAccount: Int] = [:]
    for (index, row) in rows.enumerated() { places[row.account] = index }
    return cells(rows, parts) { columns in
      var added = Array(repeating: Array(repeating: UInt128(0), count: columns.count), count: rows.count)
      var taken = added
      for item in items {
        let members = item.members ?? []
        guard let column = columns[item.category ?? category] else { continue }
        let each = UInt128(item.amount.units.magnitude) * (multiple / UInt128(max(1, members.count)))
        for member in members {
          guard let place = places[.member(member)] else { continue }
          if item.amount.units.signum() == amount.signum() {
            added[place][column] += each
          } else {
            taken[place][column] += each
          }
        }
      }
      return zip(added, taken).map { added, taken in zip(added, taken).map { $0 > $1 ? $0 - $1 : 0 } }
    }
  }

  /// Returns what each account paid, by category.
  package func paidCells(entry: ID) -> [SpendingPart.Cell] {
    let parts = spendingParts(entry: entry)
    let rows = zip(payers ?? [], payers == nil ? [] : paidParts(entry: entry)).map {
      (account: $0.account, amount: $1)
    }
    return cells(rows, parts) { _ in
      rows.map { row in
        parts.map { UInt128(row.amount.magnitude) * UInt128($0.amount.magnitude) }
      }
    }
  }

  /// The categories of the items, in their order, with the sums of their amounts, zero or more; none without items.
  private var itemCategories: (categories: [ID?], weights: [UInt128]) {
    var (categories, sums): ([ID?], [(added: UInt128, taken: UInt128)]) = ([], [])
    for item in split?.items ?? [] {
      let own = item.category ?? category
      let units = UInt128(item.amount.units.magnitude)
      let place = categories.firstIndex(of: own) ?? categories.count
      if place == categories.count {
        categories.append(own)
        sums.append((0, 0))
      }
      if item.amount.units.signum() == amount.signum() {
        sums[place].added += units
      } else {
        sums[place].taken += units
      }
    }
    return (categories, sums.map { $0.added > $0.taken ? $0.added - $0.taken : 0 })
  }

  private func cells(
    _ rows: [(account: LedgerAccount, amount: Int64)], _ parts: [SpendingPart],
    _ weights: ([ID?: Int]) -> [[UInt128]]
  ) -> [SpendingPart.Cell] {
    guard parts.count > 1 else {
      return rows.map {
        SpendingPart.Cell(account: $0.account, category: parts.first?.category, amount: $0.amount)
      }
    }
    var columns: [ID?: Int] = [:]
    for (index, part) in parts.enumerated() { columns[part.category] = index }
    let table = TwoWayDivision.table(
      rows: rows.map(\.amount), columns: parts.map(\.amount), weights: weights(columns))
    return zip(rows, table).flatMap { row, amounts in
      zip(parts, amounts).map { .init(account: row.account, category: $0.category, amount: $1) }
    }
  }

  private static func commonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}

extension EntryContent.Kind {
  /// `true` for what a group spends: an expense, and the difference of a count.
  package var isSpending: Bool { self == .expense || self == .count }
}
