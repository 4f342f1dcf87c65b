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
  package let payments: [Payment]

  /// The state of a payment.
  package enum State: String, Codable, Sendable {
    /// It is to be made.
    case open
    /// It is booked: its entry counts.
    case paid
    /// It was open when the round ended.
    case void
  }

  /// One payment of a round.
  package struct Payment: Codable, Hashable, Sendable {
    /// Its number in the round, from 1.
    package let number: Int
    /// The payer.
    package let from: LedgerAccount
    /// The receiver.
    package let to: LedgerAccount
    /// Minor units, more than zero.
    package let amount: Int64
    /// The currency.
    package let currency: Currency
    /// Its state.
    package let state: State
    /// The entry that books it; `nil` unless it is paid.
    package let entry: ID?
    /// The text of a QR code for a bank transfer in euros, after EPC069-12; `nil` unless the payment is open and the
    /// receiver has an IBAN.
    package let epc: String?

    package init(
      number: Int, from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency, state: State,
      entry: ID? = nil, epc: String? = nil
    ) {
      self.number = number
      self.from = from
      self.to = to
      self.amount = amount
      self.currency = currency
      self.state = state
      self.entry = entry
      self.epc = epc
    }

    /// The payment as a plan has it.
    package var transfer: Transfer { Transfer(from: from, to: to, amount: amount, currency: currency) }
  }

  package init(
    id: ID, createdBy: ID, createdAt: Instant, endedAt: Instant?, outdated: Bool,
    methods: [SettlementPlan.MethodOfCurrency], keeps: [SettlementPlan.KeptPart]?, payments: [Payment]
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
