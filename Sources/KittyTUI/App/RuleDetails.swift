import KittyShared

/// A rule for recurring entries, with its next entries and its latest days.
struct RuleDetails: Hashable, Sendable {
  let rule: Recurring
  let planned: [PlannedOccurrence]
  /// The reason why the next entries cannot be computed; `nil` when they can.
  let problem: String?
  /// The days that have come, latest first, without a gap.
  private(set) var days: [Occurrence]
  /// The latest proposals that are older than these days.
  private(set) var proposals: [Occurrence] = []
  /// The cursor of the days before these; `nil` when all are read.
  private(set) var next: String?

  init(
    rule: Recurring, planned: [PlannedOccurrence], problem: String?, days: [Occurrence],
    proposals: [Occurrence] = [], next: String? = nil
  ) {
    (self.rule, self.planned, self.problem) = (rule, planned, problem)
    (self.days, self.proposals, self.next) = (days, proposals, next)
  }

  /// The days that can be shown, latest first.
  var shown: [Occurrence] { days + proposals }

  /// Adds the days of the next page.
  mutating func append(_ older: [Occurrence], next: String?) {
    days += older
    self.next = next
    guard let last = days.last?.k else { return }
    proposals.removeAll { $0.k >= last }
  }

  /// Notes the outcome of a proposal.
  mutating func decide(_ k: Int64, _ state: Occurrence.State) {
    func decided(_ day: Occurrence) -> Occurrence {
      guard day.k == k else { return day }
      var day = day
      day.state = state
      if state == .skipped { day.reason = "by_hand" }
      return day
    }
    days = days.map(decided)
    proposals.removeAll { $0.k == k }
  }

  /// Returns the details with the older days of an earlier reading. They change only when a proposal is decided: then they are left
  /// out, to be read again.
  func keeping(_ old: RuleDetails?) -> RuleDetails {
    guard let old, let last = days.last?.k, next != nil, let first = old.days.first?.k, first >= last - 1
    else { return self }
    let older = old.days.filter { $0.k < last }
    let isEach = days.count { $0.state == .proposed } + proposals.count >= rule.proposed
    // Proposals before the ones that were read are not known.
    let known = isEach ? 0 : proposals.last?.k ?? last
    let open = Set(proposals.map(\.k))
    guard !older.isEmpty, older.allSatisfy({ $0.state != .proposed || $0.k < known || open.contains($0.k) })
    else { return self }
    var kept = self
    kept.append(older, next: old.next)
    return kept
  }
}
