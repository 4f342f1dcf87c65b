extension GroupFile {
  /// A settling round.
  package struct FileRound: KnownFields, Hashable {
    /// The round's id.
    package var id: ID
    /// The member who began it.
    package var by: ID
    /// The instant of its beginning.
    package var at: Instant
    /// The instant of its end.
    package var endedAt: Instant?
    /// The method for each currency.
    package var methods: [SettlementPlan.MethodOfCurrency]
    /// The parts of a kept kitty.
    package var keeps: [SettlementPlan.KeptPart]?
    /// The payments, in the order of their numbers.
    package var payments: [FileRoundPayment]

    package enum CodingKeys: String, CodingKey, CaseIterable {
      case id, by, at, endedAt, methods, keeps, payments
    }

    package init(
      id: ID, by: ID, at: Instant, endedAt: Instant?, methods: [SettlementPlan.MethodOfCurrency],
      keeps: [SettlementPlan.KeptPart]?, payments: [FileRoundPayment]
    ) {
      self.id = id
      self.by = by
      self.at = at
      self.endedAt = endedAt
      self.methods = methods
      self.keeps = keeps
      self.payments = payments
    }
  }

  /// A payment of a settling round.
  package struct FileRoundPayment: KnownFields, Hashable {
    /// The payer.
    package var from: LedgerAccount
    /// The receiver.
    package var to: LedgerAccount
    /// Minor units.
    package var amount: Int64
    /// The currency.
    package var currency: Currency
    /// The id of the entry that books it, or will.
    package var entry: ID

    package enum CodingKeys: String, CodingKey, CaseIterable { case from, to, amount, currency, entry }

    package init(from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency, entry: ID) {
      self.from = from
      self.to = to
      self.amount = amount
      self.currency = currency
      self.entry = entry
    }
  }

  /// The most rounds and the most payments of one, in a file.
  private static let (maxRounds, maxPayments) = (1000, 20_000)

  /// Checks the rounds, the default split and the IBANs.
  func checkSettling(_ checks: inout FieldChecks) {
    let people = Participants(present: members.map { (id: $0.id, weight: $0.weight) })
    for (index, member) in members.enumerated() { checks.iban(member.iban, "members.\(index).iban") }
    if let defaultSplit {
      checks.defaultSplit(defaultSplit)
      // A member may have left since.
      for (index, part) in (defaultSplit.parts ?? []).enumerated() {
        checks.require(
          people.weight(of: part.member) != nil, "defaultSplit.parts.\(index).member", "not_a_member",
          "The member must be listed in members.")
      }
    }
    let rounds = settlements ?? []
    checks.require(
      rounds.count <= Self.maxRounds && rounds.allSatisfy { $0.payments.count <= Self.maxPayments },
      "settlements", "too_many", "A file can have \(Self.maxRounds) settling rounds.")
    checks.require(
      Set(rounds.map(\.id)).count == rounds.count, "settlements", "twice", "Each round must be listed once.")
    checks.require(
      rounds.count { $0.endedAt == nil } <= 1, "settlements", "twice", "Only one round can be carried out.")
    for (index, round) in rounds.enumerated() {
      let field = "settlements.\(index)"
      checks.madeHere(round.id, "\(field).id")
      checks.require(
        people.weight(of: round.by) != nil, "\(field).by", "not_a_member",
        "The member must be listed in members.")
      checks.require(
        !round.payments.isEmpty, "\(field).payments", "nobody", "A round has at least one payment.")
      for (place, payment) in round.payments.enumerated() {
        let here = "\(field).payments.\(place)"
        checks.madeHere(payment.entry, "\(here).entry")
        checks.require(
          (1...Amount.limit).contains(payment.amount), "\(here).amount", "out_of_range",
          "An amount must be from 1 to \(Amount.limit) minor units.")
        checks.require(
          payment.from != payment.to
            && [payment.from, payment.to].allSatisfy { account in
              account.member.map { people.weight(of: $0) != nil } ?? true
            }, "\(here).to", "not_a_member", "from and to must be different, and listed in members.")
      }
    }
  }
}
