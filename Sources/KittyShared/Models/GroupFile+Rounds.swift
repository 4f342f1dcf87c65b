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

  /// The largest part of a kept kitty: no plan is made for larger nets.
  private static let maxKept: Int64 = 1 << 62

  /// Checks the rounds, the default split and the IBANs.
  func checkSettling(_ checks: inout FieldChecks) {
    let isFirstFormat = format == Self.firstFormat
    for (isThere, field) in [(defaultSplit != nil, "defaultSplit"), (settlements != nil, "settlements")] {
      checks.requireFormat(!isThere || !isFirstFormat, field)
    }
    for (index, member) in members.enumerated() {
      checks.iban(member.iban, "members.\(index).iban")
      checks.requireFormat(member.iban == nil || !isFirstFormat, "members.\(index).iban")
    }
    let people = Participants(present: members.map { (id: $0.id, weight: 1) })
    checkDefaultSplit(&checks, people)
    let rounds = settlements ?? []
    checks.require(
      rounds.count <= Self.maxRounds && rounds.allSatisfy { $0.payments.count <= Self.maxPayments },
      "settlements", "too_many", "A file can have \(Self.maxRounds) settling rounds.")
    checks.require(
      Set(rounds.map(\.id)).count == rounds.count, "settlements", "twice", "Each round must be listed once.")
    checks.require(
      rounds.count { $0.endedAt == nil } <= 1, "settlements", "twice", "Only one round can be carried out.")
    var entries: Set<ID> = []
    for (index, round) in rounds.enumerated() {
      let field = "settlements.\(index)"
      checks.madeHere(round.id, "\(field).id")
      checks.require(
        people.weight(of: round.by) != nil, "\(field).by", "not_a_member",
        "The member must be listed in members.")
      checks.require(
        Set(round.methods.map(\.currency)).count == round.methods.count, "\(field).methods", "twice",
        "A round has one method for each currency.")
      checkPayments(of: round, &checks, "\(field).payments", people, &entries)
      checkKeeps(of: round, &checks, "\(field).keeps", people)
      // An error in a file is usually repeated throughout it.
      if checks.errors.count > Self.maxErrors { return }
    }
  }

  /// Checks the default split. Its members may have left since, and a weight that it does not name have changed.
  private func checkDefaultSplit(_ checks: inout FieldChecks, _ people: Participants) {
    guard let defaultSplit else { return }
    let before = checks.errors.count
    checks.defaultSplit(defaultSplit)
    guard checks.errors.count == before, defaultSplit.parts != nil else { return }
    checks.under(nil) { (_) throws(Rejection) in
      try defaultSplit.requireDefault(people, currency: currency)
    }
  }

  private func checkPayments(
    of round: FileRound, _ checks: inout FieldChecks, _ field: String, _ people: Participants,
    _ entries: inout Set<ID>
  ) {
    checks.require(!round.payments.isEmpty, field, "nobody", "A round has at least one payment.")
    for (place, payment) in round.payments.enumerated() {
      let here = "\(field).\(place)"
      checks.madeHere(payment.entry, "\(here).entry")
      checks.require(
        entries.insert(payment.entry).inserted, "\(here).entry", "twice",
        "Each payment of a round has an entry of its own.")
      checks.require(
        (1...Amount.limit).contains(payment.amount), "\(here).amount", "out_of_range",
        "An amount must be from 1 to \(Amount.limit) minor units.")
      checks.require(
        payment.from != payment.to
          && [payment.from, payment.to].allSatisfy { account in
            account.member.map { people.weight(of: $0) != nil } ?? true
          }, "\(here).to", "not_a_member", "from and to must be different, and listed in members.")
      if checks.errors.count > Self.maxErrors { return }
    }
  }

  private func checkKeeps(
    of round: FileRound, _ checks: inout FieldChecks, _ field: String, _ people: Participants
  ) {
    let keeps = round.keeps ?? []
    let places = Set(
      keeps.map { SettlementPlan.KeptPart(member: $0.member, amount: 0, currency: $0.currency) })
    checks.require(
      places.count == keeps.count, field, "twice", "A member has one part of the kitty in each currency.")
    for (place, part) in keeps.enumerated() {
      checks.require(
        people.weight(of: part.member) != nil, "\(field).\(place).member", "not_a_member",
        "The member must be listed in members.")
      checks.require(
        part.amount.magnitude <= Self.maxKept, "\(field).\(place).amount", "too_large",
        "A part must be at most \(Self.maxKept) minor units.")
      if checks.errors.count > Self.maxErrors { return }
    }
  }
}

extension FieldChecks {
  /// Requires that a field is not in a file of the first format.
  mutating func requireFormat(_ fits: Bool, _ field: String) {
    require(
      fits, field, "not_for_this_format",
      "The format \"\(GroupFile.firstFormat)\" does not have this field: write \"\(GroupFile.format)\".")
  }
}
