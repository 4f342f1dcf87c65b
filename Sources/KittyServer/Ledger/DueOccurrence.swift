import KittyShared

/// A day of a rule that is about to be recorded, with the state of the rule that it depends on and the state after it.
struct DueOccurrence: Sendable {
  let rule: ID
  /// The number in the rule.
  let k: Int64
  let date: Day
  /// The version of the rule from which it was computed.
  let version: Int64
  /// `true` when a proposal is confirmed: the rule has gone past it.
  let isConfirmation: Bool
  /// The day of the next entry of the rule; `nil` when none follows. Unused for a confirmation.
  let nextDay: Day?
  /// The series of the odd units after this entry.
  var series = FairTurns()
}

/// The memory of the odd units of a rule: the series, by its key, and its number of turns.
struct FairTurns: Sendable, Hashable {
  /// The key of the series; empty before the first entry, and for splits without one.
  var key = ""
  var turns: Int64 = 0
  /// The series itself, once it was computed.
  private var series: FairSeries?

  init(key: String = "", turns: Int64 = 0) {
    self.key = key
    self.turns = turns
  }

  /// Takes the next turn, and gives its shares to the content. Another amount, other members or other weights begin
  /// another series.
  mutating func take(for content: inout EntryContent, rule: ID) {
    guard let split = content.split, let shares = content.shares,
      var next = split.series(
        of: Amount(content.amount, content.currency), booked: content.booked.amount, rule: rule)
    else { return }
    if let series, series.key == next.key {
      next = series
    } else if next.key == key {
      next.advance(to: turns)
    }
    let parts = next.next()
    content.shares = zip(shares, parts).map { Split.Share(member: $0.member, amount: $1) }
    (series, key, turns) = (next, next.key, next.turns)
  }
}
