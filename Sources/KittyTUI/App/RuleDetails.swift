import KittyShared

/// A rule for recurring entries, with its next entries and its latest days.
struct RuleDetails: Hashable, Sendable {
  let rule: Recurring
  let planned: [PlannedOccurrence]
  /// The reason why the next entries cannot be computed; `nil` when they can.
  let problem: String?
  /// The days that have come, latest first: the latest `limit` of them, and the latest `limit` proposals.
  let days: [Occurrence]
  /// The number of days that were asked for.
  var limit = Self.page
  /// `false` when there are more days than those.
  var isWhole = true

  /// The number of days that are read at first, and more of them at the end of the list.
  static let page = PageRequest.limits.upperBound
  /// The number of days that reads all of them.
  static let all = 100_000
}
