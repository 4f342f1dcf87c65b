import KittyShared

/// The question that statistics answer.
struct StatisticsQuery: Sendable {
  /// One or two dimensions.
  let by: [Statistics.Dimension]
  var from: Day?
  var to: Day?
  /// The entries that count; all when `nil`.
  var filter: ResolvedFilter?

  /// The kinds of entries that have a row: counts only beside expenses.
  var kinds: [EntryContent.Kind] { by.contains(.kind) ? [.expense, .count] : [.expense] }

  /// The unit of the calendar among the dimensions.
  var unit: CalendarUnit? { by.lazy.compactMap(\.unit).first }

  /// `true` when accounts are told apart, so that postings are added up.
  var isByAccount: Bool { by.contains(.member) || by.contains(.payer) }
}
