import KittyShared

/// A rule for recurring entries, with its next entries and its latest days.
struct RuleDetails: Hashable, Sendable {
  let rule: Recurring
  let planned: [PlannedOccurrence]
  /// The reason why the next entries cannot be computed; `nil` when they can.
  let problem: String?
  /// The days that have come, latest first.
  let days: [Occurrence]
}
