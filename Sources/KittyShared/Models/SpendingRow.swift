/// A row from which statistics are added up: the part of the current version of an entry in one category.
package struct SpendingRow: Hashable, Sendable {
  /// The id of the category; that of the group for none.
  package let category: ID
  package let day: Day
  package let kind: EntryContent.Kind
  /// The number of categories of the entry in its first row, 0 in all others: so an entry is counted once.
  package let categories: Int
  /// The tags of the entry and of its items, with spaces between them.
  package let tags: String
  /// The booked amount.
  package let amount: Amount

  package init(
    category: ID, day: Day, kind: EntryContent.Kind, categories: Int, tags: String, amount: Amount
  ) {
    self.category = category
    self.day = day
    self.kind = kind
    self.categories = categories
    self.tags = tags
    self.amount = amount
  }

  /// The number of the month.
  package var month: Int64 { CalendarUnit.month.number(of: day) }
}

extension EntryContent {
  /// Returns the rows of statistics of an entry with this content; none for a payment.
  package func spendingRows(group: ID, entry: ID) -> [SpendingRow] {
    let parts = spendingParts(entry: entry)
    guard !parts.isEmpty else { return [] }
    let tags = allTags.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
      .joined(separator: " ")
    return parts.enumerated().map { index, part in
      SpendingRow(
        category: part.category ?? group, day: date, kind: kind, categories: index == 0 ? parts.count : 0,
        tags: tags, amount: Amount(part.amount, booked.currency))
    }
  }
}
