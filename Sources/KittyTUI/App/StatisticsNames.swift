import KittyShared

/// The names of what statistics name by ids.
struct StatisticsNames: Sendable {
  let account: @Sendable (LedgerAccount) -> SafeText
  let category: @Sendable (ID) -> SafeText

  /// Returns the value of a row in a dimension, in words.
  func label(_ row: Statistics.Row, _ dimension: Statistics.Dimension) -> SafeText {
    switch dimension {
    case .day, .week, .month, .year: SafeText(row.period ?? "")
    case .category: row.category.map(category) ?? "No category"
    case .tag: row.tag.map { "#\($0)" } ?? "No tag"
    case .member: row.member.map(account) ?? ""
    case .payer: row.payer.map(account) ?? ""
    case .kind: SafeText(row.kind?.rawValue ?? "")
    }
  }
}

extension Statistics {
  /// The largest amount of each currency, which fills a bar.
  var largest: [Currency: UInt64] {
    Dictionary(rows.map { ($0.currency, $0.spent.magnitude) }, uniquingKeysWith: max)
  }
}
