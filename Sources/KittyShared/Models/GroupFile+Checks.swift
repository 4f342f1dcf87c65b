extension GroupFile {
  /// The maximum entry number: every JSON parser can represent it.
  static let maxNumber: Int64 = 1 << 53
  /// The number of errors after which the check ends.
  static let maxErrors = 20

  /// Checks that the file is a complete group whose books balance.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      format == Self.format || format == Self.firstFormat, "format", "unknown_format",
      "The format must be \"\(Self.format)\" or \"\(Self.firstFormat)\".")
    checks.require(
      format != Self.format || categories != nil, "categories", "missing", "This field is required.")
    checks.require(
      format != Self.firstFormat || categories == nil, "categories", "not_for_this_format",
      "The format \"\(Self.firstFormat)\" has no categories: write \"\(Self.format)\".")
    checkCategories(&checks)
    checkRecurring(&checks)
    checkSettling(&checks)
    checks.text(name, "name", max: 64)
    checks.require(
      (0...Self.maxNumber).contains(lastNumber), "lastNumber", "out_of_range",
      "lastNumber must be from 0, when no number was used, to \(Self.maxNumber).")
    let ids = Set(members.map(\.id))
    checks.require(ids.count == members.count, "members", "twice", "Each member must be listed once.")
    let present = members.count { $0.removedAt == nil }
    checks.require(
      present <= SplitRule.maxSharers && members.count <= Group.maxMembersEver, "members", "too_many",
      "A file can have \(SplitRule.maxSharers) present members and \(Group.maxMembersEver) with the former ones; this one has \(present) and \(members.count)."
    )
    checks.require(
      members.contains { $0.id == owner && $0.removedAt == nil }, "owner", "not_a_member",
      "The owner must be one of the present members.")
    for (index, member) in members.enumerated() {
      checks.madeHere(member.id, "members.\(index).id")
      checks.text(member.name, "members.\(index).name", max: 64)
      checks.require(
        (0...1_000_000).contains(member.weight), "members.\(index).weight", "out_of_range",
        "A weight must be a whole number from 0 to 1000000.")
    }
    for (index, target) in targets.enumerated() {
      checks.require(
        ids.contains(target.member), "targets.\(index).member", "not_a_member",
        "The member must be listed in members.")
      checks.require(
        (1...Amount.limit).contains(target.amount), "targets.\(index).amount", "out_of_range",
        "A target must be from 1 to \(Amount.limit) minor units.")
    }
    let keys = Set(targets.map { "\($0.member) \($0.currency)" })
    checks.require(
      keys.count == targets.count, "targets", "twice", "A member must have at most one target per currency.")
    let refunded = Set(entries.lazy.flatMap(\.revisions).compactMap(\.content.refundOf))
    var entryChecks = EntryChecks(self, refunded: refunded)
    for (index, entry) in entries.enumerated() {
      entryChecks.check(entry, at: index, &checks)
      // An error in a file is usually repeated throughout it.
      if checks.errors.count > Self.maxErrors { return }
    }
  }

  /// The checks of the entries, one after the other.
  struct EntryChecks {
    private let people: Participants
    private let currency: Currency
    private let lastNumber: Int64
    /// The categories, and `true` for those that are not removed.
    private let categories: [ID: Bool]
    private let rules: [ID: [Occurrence]]
    private let isFirstFormat: Bool
    private var number: Int64 = 0
    private var ids: Set<ID> = []
    private var refunds: RefundChecks

    /// - Parameter refunded: The expenses that refunds in the file name.
    init(_ group: GroupFile, refunded: Set<ID>) {
      refunds = RefundChecks(refunded: refunded)
      people = Participants(present: group.members.map { (id: $0.id, weight: 1) })
      currency = group.currency
      lastNumber = group.lastNumber
      isFirstFormat = group.format == GroupFile.firstFormat
      rules = Dictionary(
        (group.recurring ?? []).map { ($0.id, $0.occurrences) }, uniquingKeysWith: { first, _ in first })
      categories = Dictionary(
        (group.categories ?? []).map { ($0.id, $0.removedAt == nil) }, uniquingKeysWith: { first, _ in first }
      )
    }

    /// Checks the next entry.
    mutating func check(_ entry: FileEntry, at index: Int, _ checks: inout FieldChecks) {
      let field = "entries.\(index)"
      checks.require(ids.insert(entry.id).inserted, "entries", "twice", "Each entry must be listed once.")
      checks.require(
        entry.number > number && entry.number <= lastNumber, "\(field).number", "out_of_order",
        "Entry numbers must increase, up to lastNumber.")
      number = max(number, entry.number)
      entry.check(&checks, field, people, currency)
      refunds.check(entry, &checks, field)
      entry.checkLabels(&checks, field, isFirstFormat: isFirstFormat, categories)
      entry.checkSource(&checks, field, rules)
    }
  }
}

extension GroupFile.FileEntry {
  fileprivate func check(
    _ checks: inout FieldChecks, _ field: String, _ people: Participants, _ currency: Currency
  ) {
    var isDeleted = true
    checks.madeHere(id, "\(field).id")
    checks.require(
      revisions.first?.action == .created, "\(field).revisions", "not_created",
      "The action of an entry's first revision must be created.")
    for (index, revision) in revisions.enumerated() {
      let here = "\(field).revisions.\(index)"
      let fits =
        switch revision.action {
        case .created: index == 0
        case .restored: isDeleted
        case .adjusted: !isDeleted && revision.content.kind == .count
        case .changed, .deleted: !isDeleted
        }
      checks.require(
        fits, "\(here).action", "out_of_order", "This action cannot follow the previous one.")
      isDeleted = revision.action == .deleted
      // A revision that is dated before the previous one is right: the clock of the server was set back.
      checks.require(
        index == 0 || (revision.action != .deleted && revision.action != .restored)
          || revision.content.isEqual(to: revisions[index - 1].content, after: revision.action),
        "\(here).content", "not_the_previous",
        "Deleting and restoring an entry keep its content: it must be that of the previous revision.")
      checks.require(
        people.weight(of: revision.by) != nil, "\(here).by", "not_a_member",
        "The member must be listed in members.")
      checks.under("\(here).content") { (checks) throws(Rejection) in
        try revision.content.check(&checks, entry: id, people, currency)
      }
    }
    for (index, comment) in comments.enumerated() {
      checks.madeHere(comment.id, "\(field).comments.\(index).id")
      checks.text(comment.text, "\(field).comments.\(index).text", max: 1000)
      checks.require(
        people.weight(of: comment.by) != nil, "\(field).comments.\(index).by", "not_a_member",
        "The member must be listed in members.")
    }
  }
}

extension EntryContent {
  /// Checks that the content is what the ledger would have computed: complete, adding up, with the shares that
  /// its split gives, and without fields of other kinds.
  /// - Throws: `Rejection.invalid` for an impossible split.
  package func check(
    _ checks: inout FieldChecks, entry: ID, _ people: Participants, _ groupCurrency: Currency
  ) throws(Rejection) {
    checks.text(description, "description", max: 200)
    checks.storedNote(note)
    checks.storedTags(tags, "tags")
    checkReceipts(&checks)
    for (index, item) in (split?.items ?? []).enumerated() {
      checks.storedTags(item.tags, "split.items.\(index).tags")
    }
    let isSmall = [amount, booked.amount].allSatisfy { $0.magnitude <= Amount.limit }
    checks.require(
      isSmall, "amount", "too_large",
      "The amount must be at most \(Amount.limit) minor units.")
    guard isSmall else { return }
    checkBooked(&checks, groupCurrency)
    let isPayment = kind == .payment || kind == .contribution || kind == .payout
    func forbid(_ isThere: Bool, _ field: String) {
      checks.require(
        !isThere, field, "not_for_this_kind",
        "An entry of the kind \"\(kind.rawValue)\" must not have \(field).")
    }
    forbid(isPayment && payers != nil, "payers")
    forbid(isPayment && split != nil, "split")
    forbid(isPayment && shares != nil, "shares")
    forbid(!isPayment && from != nil, "from")
    forbid(!isPayment && to != nil, "to")
    forbid(kind != .expense && category != nil, "category")
    forbid(kind != .expense && tags != nil, "tags")
    forbid(kind != .expense && refundOf != nil, "refundOf")
    forbid(kind != .expense && split?.hasLabels == true, "split.items.category")
    forbid(kind == .count && recurring != nil, "recurring")
    forbid(kind != .count && counted != nil, "counted")
    forbid(kind != .count && expected != nil, "expected")
    forbid(kind == .count && rate != nil, "rate")
    if isPayment {
      checkPayment(&checks, people)
    } else {
      checkPayers(&checks, people)
      if kind == .count { checkCount(&checks) }
      try checkShares(&checks, entry, people)
    }
  }

  private func checkBooked(_ checks: inout FieldChecks, _ groupCurrency: Currency) {
    guard let rate else {
      return checks.require(
        booked.amount == amount && booked.currency == currency, "booked", "not_the_amount",
        "Without a rate, booked must be the amount itself.")
    }
    checks.require(
      currency != groupCurrency, "rate", "same_currency",
      "An amount in the group's currency must not have a rate.")
    // The last refund of an expense takes the booked rest.
    if refundOf != nil {
      return checks.require(
        booked.currency == groupCurrency && booked.amount.signum() == amount.signum(), "booked",
        "not_the_worth", "A refund must be booked in the group's currency, with the sign of its amount.")
    }
    let worth = try? rate.worth(of: Amount(amount, currency), in: groupCurrency)
    checks.require(
      worth == Amount(booked.amount, booked.currency) && booked.amount != 0, "booked", "not_the_worth",
      "With a rate, booked must be the worth of the amount in the group's currency.")
  }

  private func checkPayment(_ checks: inout FieldChecks, _ people: Participants) {
    for (account, field) in [(from, "from"), (to, "to")] {
      checks.require(account != nil, field, "missing", "This field is required.")
      checks.listed(account, field, people)
    }
    let fits =
      switch kind {
      case .contribution: from?.member != nil && to == .kitty
      case .payout: from == .kitty && to?.member != nil
      default: from?.member != nil && to?.member != nil
      }
    checks.require(
      fits && from != to, "to", "not_for_this_kind", "from and to must fit the kind of the entry.")
    checks.require(amount > 0, "amount", "negative", "The amount must be greater than zero.")
  }

  private func checkPayers(_ checks: inout FieldChecks, _ people: Participants) {
    guard let payers else {
      return checks.require(false, "payers", "missing", "This field is required.")
    }
    checks.paying(nil, payers)
    var rest = amount
    for (index, payer) in payers.enumerated() {
      checks.listed(payer.account, "payers.\(index).account", people)
      guard case .minorUnits(let units) = payer.amount, units.magnitude <= Amount.limit,
        units.signum() == amount.signum()
      else {
        return checks.require(
          false, "payers.\(index).amount", "wrong_sign",
          "Each payer's amount must be in whole minor units, with the sign of the total.")
      }
      // At most 100 amounts of at most `Amount.limit`, or the checks have failed already.
      rest &-= units
    }
    checks.require(rest == 0, "payers", "not_the_total", "The payers must add up to the amount.")
  }

  private func checkCount(_ checks: inout FieldChecks) {
    checks.require(
      payers?.map(\.account) == [.kitty], "payers", "not_for_this_kind",
      "The only payer of a count must be the kitty."
    )
    let difference = expected.flatMap { expected in counted.map { expected.subtractingReportingOverflow($0) }
    }
    checks.require(
      counted.map { $0 >= 0 } ?? true, "counted", "negative", "The counted amount must be zero or more.")
    checks.require(
      difference?.overflow == false && difference?.partialValue == amount, "counted", "not_the_total",
      "The amount must be expected minus counted.")
  }

  /// Checks the shares. The split of an entry is stored with all its weights, so that its shares can be computed
  /// again after members have changed.
  private func checkShares(
    _ checks: inout FieldChecks, _ entry: ID, _ people: Participants
  ) throws(Rejection) {
    checks.require(kind == .count || amount != 0, "amount", "zero", "The amount must not be zero.")
    guard let split, let shares else {
      return checks.require(
        false, split == nil ? "split" : "shares", "missing", "This field is required.")
    }
    let before = checks.errors.count
    split.check(&checks, isStored: true)
    guard checks.errors.count == before else { return }
    let whole = Amount(amount, currency)
    // An incomplete one is not completed first: each of its items could stand for the whole group.
    let namesAll = split.items.map { $0.allSatisfy { $0.members != nil } } ?? (split.parts != nil)
    let isComplete =
      try namesAll
      ? split.completed(people, currency: currency, maxShares: SplitRule.maxSharesInFile) == split : false
    checks.require(
      isComplete, "split", "incomplete",
      "A split in a file must name each member and weight, with amounts in whole minor units.")
    guard checks.errors.count == before else { return }
    if refundOf != nil {
      return checkRefund(split, shares, &checks)
    }
    let right = try split.shares(
      of: whole, booked: Amount(booked.amount, booked.currency), seed: entry)
    let isFair = recurring != nil && split.allows(shares, of: whole, booked: booked.amount)
    checks.require(
      shares == right || isFair, "shares", "not_the_split", "The shares must be those that the split gives.")
  }

  /// Checks the shares of a refund, which come from its expense: they add up, and without a rate the split has them. Items
  /// are those of its expense, or its parts by category.
  private func checkRefund(_ split: SplitRule, _ shares: [Split.Share], _ checks: inout FieldChecks) {
    let parts = split.parts ?? []
    let whole = Amount(amount, currency)
    let areItems =
      split.method == .items
      && (try? split.shares(
        of: whole, booked: Amount(booked.amount, booked.currency), seed: refundOf ?? .first))
        .map { Set($0.map(\.member)).isSuperset(of: shares.map(\.member)) } ?? false
      && (rate != nil || split.allows(shares, of: whole, booked: booked.amount))
    let sum = shares.reduce(Int128(0)) { $0 + Int128($1.amount) }
    let isEntered =
      split.method == .exact && parts.map(\.member) == shares.map(\.member)
      && parts.reduce(Int128(0)) { $0 + Int128($1.amount?.units ?? 0) } == Int128(amount)
      && (rate != nil || zip(parts, shares).allSatisfy { $0.amount?.units == $1.amount })
    let signs = shares.allSatisfy { $0.amount == 0 || $0.amount.signum() == amount.signum() }
    checks.require(
      sum == Int128(booked.amount) && signs && (isEntered || areItems)
        && Set(shares.map(\.member)).count == shares.count, "shares", "not_the_split",
      "The shares of a refund must add up to it, with its sign, and be the parts of an exact split or those of items."
    )
  }
}

extension FieldChecks {
  /// Checks an id that KittyCash made, or accepted.
  mutating func madeHere(_ id: ID, _ field: String) {
    require(id.version == 7, field, "not_version_7", "An id in a file must be a UUID of version 7.")
  }

  fileprivate mutating func listed(_ account: LedgerAccount?, _ field: String, _ people: Participants) {
    guard let account else { return }
    do { try people.require(account, field) } catch { add(error) }
  }

  /// Adds the errors that `body` finds or throws, each with the path of the object before its field.
  /// - Parameter path: The path; `nil` for fields that have theirs already.
  mutating func under(
    _ path: String?, _ body: (inout FieldChecks) throws(Rejection) -> Void
  ) {
    var checks = FieldChecks()
    do { try body(&checks) } catch { checks.add(error) }
    for error in checks.errors {
      require(false, path.map { "\($0).\(error.field)" } ?? error.field, error.code, error.message)
    }
  }

  private mutating func add(_ problem: Rejection) {
    for error in problem.errors ?? [] { require(false, error.field, error.code, error.message) }
  }
}
