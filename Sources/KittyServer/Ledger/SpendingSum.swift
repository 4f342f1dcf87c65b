import KittyShared

/// A sum of parts of entries that have the same time, category, tags, kind, account and currency.
struct SpendingSum: Sendable {
  /// The number of the unit of the calendar.
  var unit: Int64 = 0
  /// The category; `nil` for none.
  var category: ID?
  /// The tags of the entries.
  var tags: [String] = []
  var kind = EntryContent.Kind.expense
  /// The account that bore or paid it; `nil` when accounts are not told apart.
  var account: LedgerAccount?
  let currency: Currency
  /// The amount that was spent, or that the account bore.
  var spent: Int64 = 0
  /// The amount that the account paid.
  var paid: Int64 = 0
  /// The number of parts: an entry has one in each of its categories.
  var parts: Int64 = 0
  /// The number of entries, each counted in one of its parts.
  var entries: Int64 = 0
}
