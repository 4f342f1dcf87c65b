import KittyShared

/// An expense with the refunds of it that count: what a further refund depends on.
struct RefundedExpense: Sendable {
  let expense: Entry
  /// The contents of the refunds that are not deleted, without the one that is changed or restored.
  let refunds: [EntryContent]
  /// The number of these refunds, and the latest change among them: they are the same while both are.
  let state: State

  /// The state of the refunds when they were read.
  struct State: Sendable, Hashable {
    let count: Int64
    let latest: Int64
  }

  /// The amount that is not refunded yet, with the sign of the expense: minor units of its currency.
  var rest: Int64 { refunds.reduce(expense.amount) { $0 + $1.amount } }
  /// The same of the booked amount.
  var bookedRest: Int64 { refunds.reduce(expense.booked.amount) { $0 + $1.booked.amount } }

  /// The parts of the shares that are not refunded yet: minor units of the booked amount, zero or more.
  var openShares: [(id: ID, weight: UInt128)] {
    var refunded: [ID: Int64] = [:]
    for share in refunds.flatMap({ $0.shares ?? [] }) { refunded[share.member, default: 0] += share.amount }
    return (expense.shares ?? []).map {
      ($0.member, Self.open($0.amount, refunded[$0.member] ?? 0, sign: expense.amount.signum()))
    }
  }

  /// The amounts of the payers that did not come back yet: minor units as entered, zero or more.
  var openPayers: [(account: LedgerAccount, weight: UInt128)] {
    var returned: [LedgerAccount: Int64] = [:]
    for payer in refunds.flatMap({ $0.payers ?? [] }) {
      returned[payer.account, default: 0] += payer.amount.units
    }
    return (expense.payers ?? []).map {
      let paid = $0.amount.units
      return ($0.account, Self.open(paid, returned[$0.account] ?? 0, sign: expense.amount.signum()))
    }
  }

  /// The parts of the booked amount that the payers paid and that did not come back yet: zero or more.
  var openPaidParts: [(account: LedgerAccount, weight: UInt128)] {
    var returned: [LedgerAccount: Int64] = [:]
    for refund in refunds {
      for (payer, part) in zip(refund.payers ?? [], refund.paidParts(entry: expense.id)) {
        returned[payer.account, default: 0] += part
      }
    }
    return zip(expense.payers ?? [], expense.content.paidParts(entry: expense.id)).map {
      ($0.account, Self.open($1, returned[$0.account] ?? 0, sign: expense.amount.signum()))
    }
  }

  static func open(_ amount: Int64, _ refunded: Int64, sign: Int64) -> UInt128 {
    let rest = (amount + refunded) * sign
    return rest > 0 ? UInt128(rest) : 0
  }

  /// Returns `true` when a refund can count beside the others: it still mirrors the expense, and no share of it is above what
  /// is open of that share.
  func hasRoom(for refund: EntryContent) -> Bool {
    guard refund.currency == expense.currency, refund.rate == expense.rate,
      refund.amount.signum() == -expense.amount.signum()
    else { return false }
    let open = Dictionary(openShares.map { ($0.id, $0.weight) }, uniquingKeysWith: { first, _ in first })
    return refund.amount.magnitude <= rest.magnitude && refund.booked.amount.magnitude <= bookedRest.magnitude
      && (refund.shares ?? []).allSatisfy { UInt128($0.amount.magnitude) <= open[$0.member] ?? 0 }
  }
}

extension Ledger {
  /// Returns the content of a refund: the mirror image of its expense, or of a part of it. Each refund divides its amount
  /// in proportion to what is open of the shares, so that refunds of the whole together leave nothing, to the cent.
  /// - Parameter old: The content that is changed. With the same amount its shares stay.
  /// - Throws: `Rejection.invalid` that names the field.
  static func content(
    for input: NewExpense, refunding refunded: RefundedExpense, people: Participants, today: Day,
    changing old: EntryContent? = nil
  ) throws(Rejection) -> EntryContent {
    let (expense, rest) = (refunded.expense, refunded.rest)
    let amount = try refundAmount(of: input, refunded)
    let isSameText = input.description == old?.description && input.tags == old?.tags
    // A refund lessens the category and the tags of its expense, unless it names its own. The tags in its text have their places first.
    let inText = Set(Tags.inText(input.description))
    let inherited = expense.tags.map {
      Array($0.filter { !inText.contains($0) }.prefix(max(0, Tags.max - inText.count)))
    }
    let ownTags = old == nil ? input.tags ?? inherited : input.tags
    let tags = isSameText ? input.tags : try Tags.merged(ownTags, inText: input.description, "tags")
    let seed = expense.id
    var content = EntryContent(
      kind: .expense, description: input.description.trimmed, amount: amount, rate: expense.rate,
      booked: amount, date: input.date ?? today, note: trimmed(input.note),
      category: old == nil ? input.category ?? expense.category : input.category, tags: tags,
      refundOf: expense.id)
    let isSameAmount = old?.amount == amount.minorUnits
    let booked =
      isSameAmount
      ? old?.booked.amount ?? 0 : try refundBooked(amount, isWhole: amount.minorUnits == -rest, refunded)
    content.payers =
      input.payer != nil || input.payers != nil
      ? try payers(of: input, amount, people)
      : RefundedPayers(refunded).payers(of: amount.minorUnits, booked: booked)
    if let old, isSameAmount {
      (content.booked, content.split, content.shares) = (old.booked, old.split, old.shares)
      return content
    }
    content.booked = Money(amount: booked, currency: expense.booked.currency)
    let weights = refunded.openShares
    let shares = Apportionment.parts(of: booked, weights: weights, seed: seed)
    content.shares = zip(weights, shares).map { Split.Share(member: $0.id, amount: $1) }
    if let items = RefundedItems(refunded, for: input, changing: old),
      let split = items.split(of: content)
    {
      content.split = split
      guard !items.isMirror(content) else { return content }
      // The items name only members who have a part.
      content.shares?.removeAll { $0.amount == 0 }
      if expense.rate == nil {
        content.shares = try split.shares(of: amount, booked: amount, seed: seed)
      }
      return content
    }
    // As entered: the shares themselves, or with a rate the amount in proportion to them.
    let entered =
      expense.rate == nil
      ? shares
      : Apportionment.parts(
        of: amount.minorUnits, weights: zip(weights, shares).map { ($0.id, UInt128($1.magnitude)) },
        seed: seed)
    content.split = SplitRule(
      .exact, parts: zip(weights, entered).map { .init($0.id, amount: .minorUnits($1)) })
    return content
  }

  private static func refundAmount(
    of input: NewExpense, _ refunded: RefundedExpense
  ) throws(Rejection) -> Amount {
    let (expense, rest) = (refunded.expense, refunded.rest)
    guard input.currency == nil || input.currency == expense.currency else {
      throw .invalid(
        "currency", "not_for_a_refund",
        "#\(expense.number) is in \(expense.currency), and so is its refund. Leave the currency out.")
    }
    let amount = try input.amount.nonzeroAmount(in: expense.currency)
    guard amount.minorUnits.signum() != expense.amount.signum() else {
      throw .invalid(
        "amount", "wrong_sign",
        "A refund has the other sign than its expense: #\(expense.number) is \(Amount(expense.amount, expense.currency))."
      )
    }
    guard amount.minorUnits.magnitude <= rest.magnitude, rest.signum() == expense.amount.signum() else {
      throw .invalid(
        "amount", "more_than_the_rest",
        rest == 0
          ? "#\(expense.number) is refunded already."
          : "\(Amount(Int64(rest.magnitude), expense.currency)) of #\(expense.number) can be refunded.")
    }
    return amount
  }

  /// Returns the booked amount of a refund. The last refund takes what the others left.
  private static func refundBooked(
    _ amount: Amount, isWhole: Bool, _ refunded: RefundedExpense
  ) throws(Rejection) -> Int64 {
    guard let rate = refunded.expense.rate else { return amount.minorUnits }
    let rest = -refunded.bookedRest
    var booked = rest
    if !isWhole {
      let worth = try Ledger.booked(amount, rate: rate, in: refunded.expense.booked.currency)
        .minorUnits
      if worth.magnitude < rest.magnitude { booked = worth }
    }
    guard booked != 0, booked.signum() == amount.minorUnits.signum() else {
      throw .invalid("amount", "too_small", "With the rate of the expense the amount rounds to zero.")
    }
    return booked
  }
}
