/// A plan that is kept while it is carried out: its payments are ticked off one by one, in any order.
package struct SettlingRound: Codable, Hashable, Sendable {
  /// The round's id.
  package let id: ID
  /// The member who began it.
  package let createdBy: ID
  /// The instant of its beginning.
  package let createdAt: Instant
  /// The instant of its end; `nil` while it is carried out.
  package let endedAt: Instant?
  /// `true` when the books changed since, so that the open payments do not settle everything any more.
  package let outdated: Bool
  /// The method for each currency.
  package let methods: [SettlementPlan.MethodOfCurrency]
  /// The parts of a kept kitty, which the round leaves to the members; `nil` when it pays out the kitty.
  package let keeps: [SettlementPlan.KeptPart]?
  /// The payments, in the order of their numbers.
  package let payments: [RoundPayment]

  /// The state of a payment.
  package enum State: String, Codable, Sendable {
    /// It is to be made.
    case open
    /// It is booked: its entry counts.
    case paid
    /// It was open when the round ended.
    case void
  }

  package init(
    id: ID, createdBy: ID, createdAt: Instant, endedAt: Instant?, outdated: Bool,
    methods: [SettlementPlan.MethodOfCurrency], keeps: [SettlementPlan.KeptPart]?, payments: [RoundPayment]
  ) {
    self.id = id
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.endedAt = endedAt
    self.outdated = outdated
    self.methods = methods
    self.keeps = keeps
    self.payments = payments
  }
}

/// A request to begin a settling round with the plan of now.
package struct NewSettlingRound: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The account that all payments go to or come from; the fewest payments when omitted.
  package var centre: LedgerAccount?
  /// `kitty` to leave each present member a part of the kitty.
  package var keep: String?
  /// The rule that divides a kept kitty: `equal` when omitted, `weights` or `contributed`.
  package var by: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, centre, keep, by }

  package init(id: ID? = nil, centre: LedgerAccount? = nil, keep: String? = nil, by: String? = nil) {
    self.id = id
    self.centre = centre
    self.keep = keep
    self.by = by
  }

  /// Checks all fields that can be checked without the group.
  package func check(_ checks: inout FieldChecks) { checks.newID(id) }
}
