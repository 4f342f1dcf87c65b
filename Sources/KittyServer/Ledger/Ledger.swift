import KittyShared

/// The rules that turn a request into the content of an entry. Pure functions: no clock, no database, no randomness.
enum Ledger {
  /// Returns the content of an expense: each payer is owed the amount they paid, and each participant owes their share.
  /// - Parameters:
  ///   - seed: The id of the entry. It decides which participant bears a leftover unit.
  ///   - old: The content that is changed. What stays in it needs no new tags.
  /// - Throws: `Rejection.invalid` that names the field.
  static func content(
    for input: NewExpense, seed: ID, currency groupCurrency: Currency, people: Participants, today: Day,
    changing old: EntryContent? = nil
  ) throws(Rejection) -> EntryContent {
    let amount = try input.amount.nonzeroAmount(in: input.currency ?? groupCurrency)
    let booked = try booked(amount, rate: input.rate, in: groupCurrency)
    let payers = try payers(of: input, amount, people)
    let given = old?.split == input.split ? input.split : try input.split?.tagged()
    let rule = given ?? SplitRule(.equally, parts: input.participants?.map { .init($0) })
    let isSameText = input.description == old?.description && input.tags == old?.tags
    let tags = isSameText ? input.tags : try Tags.merged(input.tags, inText: input.description, "tags")
    let split = try named(rule, input) { rule throws(Rejection) in
      try rule.completed(people, currency: amount.currency)
    }
    let shares = try named(split, input) { rule throws(Rejection) in
      try rule.shares(of: amount, booked: booked, seed: seed)
    }
    return EntryContent(
      kind: .expense, description: input.description.trimmed, amount: amount, rate: input.rate,
      booked: booked, date: input.date ?? today, note: trimmed(input.note),
      category: input.category, tags: tags,
      payers: payers, split: split, shares: shares)
  }

  /// Returns the content of a payment. A payment to the kitty is a contribution, one from the kitty is a payout.
  /// - Throws: `Rejection.invalid` that names the field.
  static func content(
    for input: NewPayment, currency groupCurrency: Currency, people: Participants, today: Day
  ) throws(Rejection) -> EntryContent {
    let amount = try input.amount.positiveAmount(in: input.currency ?? groupCurrency)
    let booked = try booked(amount, rate: input.rate, in: groupCurrency)
    try people.require(input.from, "from")
    try people.require(input.to, "to")
    let (kind, word): (EntryContent.Kind, String) =
      if input.to == .kitty { (.contribution, "Contribution") } else if input.from == .kitty {
        (.payout, "Payout")
      } else {
        (.payment, "Payment")
      }
    return EntryContent(
      kind: kind, description: input.description?.trimmed ?? word, amount: amount, rate: input.rate,
      booked: booked, date: input.date ?? today, note: trimmed(input.note), from: input.from, to: input.to)
  }

  /// Returns the content of a cash count: a missing amount is an expense that the kitty paid, a surplus is a refund
  /// that the kitty received.
  /// - Parameter expected: The balance of the kitty in the books: minor units.
  /// - Throws: `Rejection.invalid` that names the field.
  static func content(
    for input: NewCount, expected: Int64, seed: ID, currency groupCurrency: Currency, people: Participants,
    today: Day
  ) throws(Rejection) -> EntryContent {
    // Yesterday and tomorrow in UTC are today in other time zones.
    guard abs((input.date ?? today).daysSince1970 - today.daysSince1970) <= 1 else {
      throw .invalid(
        "date", "not_today",
        "A count records the money in the kitty now: leave the date out, or send today's date.")
    }
    let currency = input.currency ?? groupCurrency
    let counted = try input.counted.amount(in: currency, "counted", limit: NewCount.limit)
    guard counted.minorUnits >= 0 else {
      throw .invalid("counted", "negative", "The counted amount must be zero or more.")
    }
    let (difference, overflow) = expected.subtractingReportingOverflow(counted.minorUnits)
    guard !overflow, difference.magnitude <= Amount.limit else {
      throw .invalid("counted", "too_large", "The difference from the books is too large to be booked.")
    }
    let amount = Amount(difference, currency)
    let split = try (input.split ?? SplitRule(.equally)).completed(people, currency: currency)
    return EntryContent(
      kind: .count, description: input.description?.trimmed ?? "Cash count", amount: amount, rate: nil,
      booked: amount, date: input.date ?? today, note: trimmed(input.note),
      payers: [Payer(.kitty, amount: .minorUnits(difference))], split: split,
      shares: try split.shares(of: amount, booked: amount, seed: seed), counted: counted.minorUnits,
      expected: expected)
  }

  /// Returns the amount for the books: the amount itself, or with a rate its worth in the currency of the group.
  static func booked(_ amount: Amount, rate: Rate?, in currency: Currency) throws(Rejection) -> Amount {
    guard let rate else { return amount }
    guard amount.currency != currency else {
      throw .invalid("rate", "same_currency", "The amount is in the group's currency: leave the rate out.")
    }
    let tooLarge = Rejection.invalid("rate", "too_large", "With this rate the amount is too large.")
    let booked: Amount
    do { booked = try rate.worth(of: amount, in: currency) } catch { throw tooLarge }
    guard booked.minorUnits.magnitude <= Amount.limit else { throw tooLarge }
    guard booked.minorUnits != 0 else {
      throw .invalid("rate", "too_small", "With this rate the amount rounds to zero in \(currency).")
    }
    return booked
  }

  static func payers(
    of input: NewExpense, _ amount: Amount, _ people: Participants
  ) throws(Rejection) -> [Payer] {
    guard let payers = input.payers else {
      let payer = input.payer ?? .kitty
      try people.require(payer, "payer")
      return [Payer(payer, amount: .minorUnits(amount.minorUnits))]
    }
    var missing = amount.minorUnits
    var completed: [Payer] = []
    for (index, payer) in payers.enumerated() {
      let field = "payers.\(index)"
      try people.require(payer.account, "\(field).account")
      let part = try payer.amount.nonzeroAmount(in: amount.currency, "\(field).amount").minorUnits
      guard part.signum() == amount.minorUnits.signum() else {
        throw .invalid(
          "\(field).amount", "wrong_sign", "Each payer's amount must have the same sign as the total.")
      }
      // At most 100 amounts of at most `Amount.limit`: this cannot overflow.
      missing -= part
      completed.append(Payer(payer.account, amount: .minorUnits(part)))
    }
    guard missing == 0 else {
      let isTooLittle = missing.signum() == amount.minorUnits.signum()
      let difference = Amount(Int64(missing.magnitude), amount.currency)
      throw .invalid(
        "payers", "not_the_total",
        isTooLittle
          ? "\(difference) are missing: the payers must add up to \(amount)."
          : "\(difference) over: the payers must add up to \(amount).")
    }
    return completed
  }

  /// Runs `body`, and renames the fields of its errors to those that the request used: `split.parts` is `participants`
  /// where the request sent participants without a split.
  private static func named<Result>(
    _ rule: SplitRule, _ input: NewExpense, _ body: (SplitRule) throws(Rejection) -> Result
  ) throws(Rejection) -> Result {
    do {
      return try body(rule)
    } catch {
      guard input.participants != nil, let errors = error.errors else { throw error }
      throw .invalid(
        errors.map {
          let field = $0.field.replacing("split.parts", with: "participants").replacing(".member", with: "")
          return FieldError(field: field, code: $0.code, message: $0.message)
        })
    }
  }

  static func trimmed(_ note: String?) -> String? {
    guard let note = note?.withPlainLines.trimmed, !note.isEmpty else { return nil }
    return note
  }
}
