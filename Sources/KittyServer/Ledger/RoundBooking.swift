import KittyShared

/// A payment of a settling round that an entry books.
struct RoundBooking: Sendable {
  let round: ID
  /// The number of the payment in the round.
  let number: Int
  /// The id of the entry.
  let entry: ID
  /// The entry that the payment had until now; `nil` for the first one.
  let replaced: ID?
}
