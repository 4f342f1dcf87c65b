extension SplitRule {
  /// The largest number of members who share an expense. The postings of an entry must fit one statement.
  package static let maxSharers = 2000
  /// The largest number of items.
  package static let maxItems = 200
  /// The largest number of shares of a complete rule: the members of all items together. It bounds the size of an entry,
  /// whose members are written out for each item, however short its request was.
  package static let maxShares = 10_000
  /// The same for an entry of a group file: a group of 500 could have 200 items for all before there was a limit. A file
  /// has all its members written out, so its length bounds what it costs.
  static let maxSharesInFile = 100_000

  /// Returns the complete rule: every participant is named, every amount is in minor units.
  /// - Parameter maxShares: The largest number of shares.
  /// - Throws: `Rejection.invalid` for a participant outside the group, for an unreadable amount, and for too many shares.
  package func completed(
    _ people: Participants, currency: Currency, maxShares: Int = Self.maxShares
  ) throws(Rejection) -> SplitRule {
    var rule = self
    rule.parts = nil
    try requireShares(present: people.present.count, max: maxShares)
    if let items {
      var completed: [Item] = []
      for (index, item) in items.enumerated() {
        let field = "split.items.\(index)"
        let amount = try item.amount.amount(in: currency, "\(field).amount")
        let members = item.members ?? people.present.map(\.id)
        for (place, member) in members.enumerated() {
          try people.require(.member(member), "\(field).members.\(place)")
        }
        completed.append(
          Item(
            item.description, amount: .minorUnits(amount.minorUnits), members: members,
            category: item.category, tags: item.tags))
      }
      rule.items = completed
      rule.tax = try tax?.notNegative(in: currency, "split.tax")
      rule.tip = try tip?.notNegative(in: currency, "split.tip")
      rule.discount = try discount?.notNegative(in: currency, "split.discount")
      return rule
    }
    var completed: [Part] = []
    for (index, part) in (parts ?? people.present.map { Part($0.id) }).enumerated() {
      let field = "split.parts.\(index)"
      try people.require(.member(part.member), "\(field).member")
      var part = part
      if method == .shares { part.weight = part.weight ?? people.weight(of: part.member) ?? 1 }
      if method == .exact || method == .adjusted {
        let amount = try part.amount?.amount(in: currency, "\(field).amount").minorUnits ?? 0
        part.amount = .minorUnits(amount)
      }
      completed.append(part)
    }
    rule.parts = completed
    return rule
  }

  /// Checks the number of shares before they are written out.
  private func requireShares(present: Int, max: Int) throws(Rejection) {
    guard let items else {
      return try Self.requireSharers(parts?.count ?? present, list)
    }
    let count = items.reduce(0) { $0 + ($1.members?.count ?? present) }
    guard count <= max else {
      throw .invalid(
        list, "too_many_shares",
        "The \(items.count) items would have \(count) shares, of all members together, and \(max) is the most. Name fewer members, or make one item of those that the same members share."
      )
    }
  }

  private static func requireSharers(_ count: Int, _ field: String) throws(Rejection) {
    guard count <= maxSharers else {
      throw .invalid(field, "too_many", "\(count) members would share this: name at most \(maxSharers).")
    }
  }

  /// The split of a completed rule.
  private func split(ofNegative isNegative: Bool) -> Split {
    let parts = parts ?? []
    func values(_ value: (Part) -> Int64?) -> [Split.Part] {
      parts.map { Split.Part($0.member, value($0) ?? 0) }
    }
    switch method {
    case .equally: return .equally(parts.map(\.member))
    case .shares: return .shares(values(\.weight))
    case .percentages: return .percentages(values { $0.percent?.hundredths })
    case .exact: return .exact(values { $0.amount?.units })
    case .adjusted: return .adjusted(values { $0.amount?.units })
    case .items:
      let extras = (tax?.units ?? 0) + (tip?.units ?? 0) - (discount?.units ?? 0)
      return .items(
        (items ?? []).map { Split.Item($0.amount.units, $0.members ?? []) },
        extras: isNegative ? -extras : extras)
    }
  }

  /// Returns the shares of a completed rule, as `Split.shares` computes them.
  /// - Throws: `Rejection.invalid` with the wrong part and what to do.
  package func shares(of amount: Amount, booked: Amount, seed: ID) throws(Rejection) -> [Split.Share] {
    let shares: [Split.Share]
    do {
      shares = try split(ofNegative: amount.minorUnits < 0)
        .shares(of: amount.minorUnits, booked: booked.minorUnits, seed: seed)
    } catch {
      throw problem(error, amount)
    }
    try Self.requireSharers(shares.count, list)
    return shares
  }

  /// Returns the exact proportions of a completed rule; `nil` for an impossible split.
  func weights(of amount: Amount) -> [(id: ID, weight: UInt128)]? {
    guard amount.minorUnits != .min else { return nil }
    return try? split(ofNegative: amount.minorUnits < 0).weights(of: amount.minorUnits)
  }

  private var list: String { method == .items ? "split.items" : "split.parts" }

  private func problem(_ failure: Split.Failure, _ amount: Amount) -> Rejection {
    switch failure {
    case .noParticipants(let item):
      return .invalid(
        item.map { "\(list).\($0).members" } ?? list, "nobody", "Name at least one member to share it.")
    case .twice(let member, let item):
      return .invalid(
        item.map { "\(list).\($0).members" } ?? list, "twice",
        "\(member) is named twice: name each member once.")
    case .noWeight:
      return .invalid(
        list, "no_weight",
        method == .items
          ? "The items add up to zero, so that no member bears anything. Their sum must have the sign of the total."
          : "At least one weight must be greater than 0.")
    case .wrongSign(let part):
      return .invalid(
        "\(list).\(part).amount", "wrong_sign",
        method == .items
          ? "The amount of an item must not be zero."
          : amount.minorUnits < 0
            ? "The total is negative, a refund: each part must be zero or less."
            : "Each part must be zero or more, like the total.")
    case .notHundredPercent(let sum):
      return .invalid(
        list, "not_hundred_percent",
        sum < 10_000
          ? "The percentages add up to \(Amount(sum, .percent).decimal): \(Amount(10_000 - sum, .percent).decimal) are missing to 100."
          : "The percentages add up to \(Amount(sum, .percent).decimal): \(Amount(sum - 10_000, .percent).decimal) over 100."
      )
    case .notTheTotal(let missing):
      let isMissing = (missing > 0) == (amount.minorUnits > 0)
      let difference = Amount(Int64(clamping: missing.magnitude), amount.currency)
      return .invalid(
        list, "not_the_total",
        isMissing
          ? "\(difference) are missing: the parts must add up to \(amount)."
          : "\(difference) over: the parts must add up to \(amount).")
    case .belowZero(let member):
      return .invalid(
        list, "below_zero",
        method == .items
          ? "The items that are taken off exceed those that \(member) bears: name others as well, or enter a refund."
          : "With these adjustments the share of \(member) would be below zero: adjust by less.")
    case .overflow:
      return .invalid(list, "overflow", "The numbers are too large to be divided exactly.")
    }
  }
}

extension AmountInput {
  /// The minor units of a completed amount.
  package var units: Int64 { if case .minorUnits(let units) = self { units } else { 0 } }

  fileprivate func notNegative(in currency: Currency, _ field: String) throws(Rejection) -> AmountInput {
    let amount = try amount(in: currency, field)
    guard amount.minorUnits >= 0 else { throw .invalid(field, "negative", "The value must not be negative.") }
    return .minorUnits(amount.minorUnits)
  }
}
