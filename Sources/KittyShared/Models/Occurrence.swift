/// One day of a rule that has come.
package struct Occurrence: KnownFields, Hashable {
  /// The number in the rule, from 0.
  package var k: Int64
  /// The day.
  package var date: Day
  /// The outcome.
  package var state: State
  /// The reason of a skipped one: `closed` for closed books, `by_hand` for a skipped proposal, `removed` for a proposal
  /// of a removed rule, `id_taken` when another entry has its id.
  package var reason: String?
  /// The booked entry.
  package var entry: ID?
  /// The instant of the outcome.
  package var at: Instant

  package enum CodingKeys: String, CodingKey, CaseIterable { case k, date, state, reason, entry, at }

  /// The outcomes.
  package enum State: String, Codable, Sendable, CaseIterable {
    /// Its entry is in the books, or was until it was deleted.
    case booked
    /// A member must confirm or skip it.
    case proposed
    /// There is no entry, and there will be none.
    case skipped
  }

  package init(k: Int64, date: Day, state: State, reason: String? = nil, entry: ID? = nil, at: Instant) {
    self.k = k
    self.date = date
    self.state = state
    self.reason = reason
    self.entry = entry
    self.at = at
  }
}

/// One day of a rule that will come, with the entry as it would be now.
package struct PlannedOccurrence: Codable, Hashable, Sendable {
  /// The number in the rule, from 0.
  package let k: Int64
  /// The day.
  package let date: Day
  /// `true` when the books of that day are closed, so that it will be skipped.
  package let isClosed: Bool
  /// The id of the entry.
  package let id: ID
  /// The entry.
  package let entry: EntryContent

  package init(k: Int64, date: Day, isClosed: Bool, id: ID, entry: EntryContent) {
    self.k = k
    self.date = date
    self.isClosed = isClosed
    self.id = id
    self.entry = entry
  }
}
