import KittyShared

// The entries of a file of KittyCash keep their contents. Which member bears a leftover unit depends on the ids of the
// members and of the entry, so an entry of members with other ids gets an id with which its own rule gives the shares of the
// file; where there is none, the shares become amounts.

extension ImportedContents {
  /// The number of ids that are tried for an entry.
  private static let tries: Int64 = 32

  /// The other ids that an entry of a file of KittyCash may have here.
  static func otherIDs(of own: ID) -> [ID] { (1..<tries).map { ID(of: own, number: $0) } }

  /// Returns the id for an entry of a file of KittyCash: its own, or one that follows from it.
  func id(keeping content: EntryContent, as own: ID) -> ID {
    guard content.refundOf == nil else { return own }
    for number in 0..<Self.tries {
      let id = number == 0 ? own : ID(of: own, number: number)
      if mapped(content, as: own, to: id, at: .file) != nil { return id }
    }
    return own
  }

  /// Returns the content here of an entry of a file of KittyCash; `nil` for a payment of a member to the same member.
  /// - Throws: `Rejection` when the content breaks a rule of the books.
  mutating func kept(
    _ old: EntryContent, as own: ID?, of entry: ImportedEntry, to id: ID
  ) throws(Rejection) -> EntryContent? {
    if let from = old.from, let to = old.to, account(from) == account(to) { return nil }
    let source = own ?? id
    let whole = mapped(old, as: source, to: id, at: entry.place)
    if whole == nil { amountsInstead.insert(id) }
    var content = whole ?? amounts(of: old, as: source, at: entry.place)
    if own == nil {
      if let original = entry.original { content = restored(content, original, to: id, at: entry.place) }
      content = content.withEqualSplit(entry: id)
    }
    var checks = FieldChecks()
    try content.check(&checks, entry: id, people, currency)
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
    if let own, refunded.contains(own) {
      keptEntries[own] = KeptExpense(id: id, content: content, place: entry.place)
    }
    return content
  }

  private func account(_ account: LedgerAccount) -> LedgerAccount {
    account.member.map { .member(memberIDs[$0] ?? $0) } ?? .kitty
  }

  /// Returns the content without what a group keeps beside its entries. A count is an expense of the kitty: what the books
  /// expected then, they do not expect here.
  private func plain(_ old: EntryContent) -> EntryContent {
    var content = old.replacingCategories { keptCategories[$0] }
    (content.receipts, content.recurring, content.counted, content.expected) = (nil, nil, nil, nil)
    if content.kind == .count { content.kind = .expense }
    return content
  }

  /// Returns the content with the members of the group; `nil` when its rule gives other shares for them.
  private func mapped(
    _ old: EntryContent, as source: ID, to id: ID, at place: ImportPlace
  ) -> EntryContent? {
    guard old.rate == nil || old.booked.currency == currency else { return nil }
    let named = old.namedMembers
    guard Set(named.map { memberIDs[$0] ?? $0 }).count == named.count else { return nil }
    var content = plain(old).replacingMembers { memberIDs[$0] ?? $0 }
    if let expense = old.refundOf {
      content.refundOf = expenseOfRefund(expense, content, at: place)
      guard content.refundOf != nil || content.rate == nil else { return nil }
    }
    guard let split = content.split else { return content }
    let (amount, booked) = (
      Amount(content.amount, content.currency), Amount(content.booked.amount, content.booked.currency)
    )
    let shares =
      content.refundOf == nil ? try? split.shares(of: amount, booked: booked, seed: id) : content.shares
    guard shares == content.shares, content.paidParts(entry: id) == old.paidParts(entry: source) else {
      return nil
    }
    return content
  }

  /// Returns the id here of the expense of a refund, when that is imported before it with the same currency and rate.
  private func expenseOfRefund(_ expense: ID, _ refund: EntryContent, at place: ImportPlace) -> ID? {
    guard let known = keptEntries[expense], known.place.precedes(place),
      known.content.currency == refund.currency,
      known.content.rate == refund.rate
    else { return nil }
    return known.id
  }

  /// Returns the content as amounts in the currency of the balances. Its items and its rate are told in its note.
  private mutating func amounts(of old: EntryContent, as source: ID, at place: ImportPlace) -> EntryContent {
    var content = plain(old).inBookedCurrency(paid: old.paidParts(entry: source)) { memberIDs[$0] ?? $0 }
    var lines: [String] = []
    if let rate = old.rate { lines.append("\(Amount(old.amount, old.currency)) at \(rate.text)") }
    lines += (old.split?.items ?? []).map { item in
      let names = (item.members ?? []).map { memberNames[$0] ?? "\($0)" }.joined(separator: ", ")
      return "\(item.description ?? "-") \(Amount(item.amount.units, old.currency)): \(names)"
    }
    note(lines, in: &content, at: place)
    if let expense = old.refundOf { content.refundOf = expenseOfRefund(expense, content, at: place) }
    return content
  }

  /// Returns the content of a journal with the amount and the rate as they were entered, when the shares stay the same;
  /// otherwise the note tells them.
  private mutating func restored(
    _ content: EntryContent, _ original: ImportedEntry.Original, to id: ID, at place: ImportPlace
  ) -> EntryContent {
    var restored = content
    let (amount, booked) = (original.amount, Amount(content.booked.amount, content.booked.currency))
    restored.rate = original.rate
    (restored.amount, restored.currency) = (amount.minorUnits, amount.currency)
    var fits =
      booked.currency == currency && amount.currency != currency
      && (try? original.rate.worth(of: amount, in: currency)) == booked
    if let payers = content.payers, let shares = content.shares {
      restored.payers = payers.map { Payer($0.account, amount: .minorUnits(amount.minorUnits)) }
      let weights = shares.map { (id: $0.member, weight: UInt128($0.amount.magnitude)) }
      let parts = Apportionment.parts(of: amount.minorUnits, weights: weights, seed: id)
      let exact = SplitRule(
        .exact, parts: zip(shares, parts).map { .init($0.member, amount: .minorUnits($1)) })
      let splits = [SplitRule.equally(shares.map(\.member)), exact]
      restored.split = splits.first { (try? $0.shares(of: amount, booked: booked, seed: id)) == shares }
      fits = fits && payers.count == 1 && content.split?.items == nil && restored.split != nil
    }
    if fits { return restored }
    var told = content
    note(["\(amount) at \(original.rate.text)"], in: &told, at: place)
    return told
  }

  /// Adds lines to a note, as far as they fit.
  private mutating func note(_ lines: [String], in content: inout EntryContent, at place: ImportPlace) {
    guard !lines.isEmpty else { return }
    let text = ([content.note].compactMap(\.self) + lines).joined(separator: "\n")
    if text.unicodeScalars.count > 2000 { cut.append(place) }
    content.note = text.cut(to: 2000)
  }

  /// Returns a refund as an expense below zero, for a refund whose expense is not imported with it: that may have other refunds
  /// in the group.
  func withoutExpense(_ refund: Planned) -> Planned {
    var content = refund.content
    // The shares come from the expense: items alone do not give them.
    if content.rate != nil || content.split?.items != nil {
      content = content.inBookedCurrency(paid: content.paidParts(entry: refund.id)) { $0 }
    }
    content.refundOf = nil
    return Planned(place: refund.place, id: refund.id, content: content)
  }
}

extension ImportPlace {
  /// `true` for an element of a list before another one.
  fileprivate func precedes(_ other: ImportPlace) -> Bool {
    guard case .element(_, let index) = self, case .element(_, let otherIndex) = other else { return false }
    return index < otherIndex
  }
}

extension EntryContent {
  /// The members that the content names, each once.
  fileprivate var namedMembers: Set<ID> {
    Set(
      ((payers ?? []).map(\.account) + [from, to].compactMap(\.self)).compactMap(\.member)
        + (shares ?? []).map(\.member) + (split?.parts ?? []).map(\.member)
        + (split?.items ?? []).flatMap { $0.members ?? [] })
  }

  fileprivate func replacingMembers(_ other: (ID) -> ID) -> EntryContent {
    func account(_ account: LedgerAccount) -> LedgerAccount {
      account.member.map { .member(other($0)) } ?? account
    }
    var content = self
    (content.from, content.to) = (from.map(account), to.map(account))
    content.payers = payers?.map { Payer(account($0.account), amount: $0.amount) }
    content.shares = shares?.map { .init(member: other($0.member), amount: $0.amount) }
    for index in (split?.parts ?? []).indices {
      content.split?.parts?[index].member = other(split?.parts?[index].member ?? .first)
    }
    for index in (split?.items ?? []).indices {
      content.split?.items?[index].members = split?.items?[index].members?.map(other)
    }
    return content
  }

  /// Returns the content as amounts in the booked currency: what each account paid, and the share of each member.
  fileprivate func inBookedCurrency(paid: [Int64], _ other: (ID) -> ID) -> EntryContent {
    var content = replacingMembers(other)
    (content.amount, content.currency, content.rate) = (booked.amount, booked.currency, nil)
    guard let payers = content.payers, let shares = content.shares else { return content }
    content.payers = Self.sums(zip(payers, paid).map { ($0.account, $1) }).map {
      Payer($0, amount: .minorUnits($1))
    }
    let sums = Self.sums(shares.map { ($0.member, $0.amount) })
    content.shares = sums.map { .init(member: $0, amount: $1) }
    content.split = SplitRule(.exact, parts: sums.map { .init($0, amount: .minorUnits($1)) })
    let categories = Set((split?.items ?? []).map { $0.category ?? category })
    if categories.count == 1 { content.category = categories.first ?? nil }
    let tags = allTags.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    content.tags = tags.isEmpty ? nil : Array(tags.prefix(Tags.max))
    return content
  }

  /// Returns the sums by key, in the order of the keys, without those of zero.
  private static func sums<Key: Hashable>(_ parts: [(Key, Int64)]) -> [(Key, Int64)] {
    var (sums, order): ([Key: Int64], [Key]) = ([:], [])
    for (key, amount) in parts {
      if sums[key] == nil { order.append(key) }
      sums[key, default: 0] += amount
    }
    return order.compactMap { key in sums[key].flatMap { $0 == 0 ? nil : (key, $0) } }
  }

  /// Returns the content with an equal split when that gives the same shares: it is easier to change later.
  fileprivate func withEqualSplit(entry: ID) -> EntryContent {
    guard let shares, split?.method == .exact, rate == nil else { return self }
    let equally = SplitRule.equally(shares.map(\.member))
    let whole = Amount(amount, currency)
    guard (try? equally.shares(of: whole, booked: whole, seed: entry)) == shares else { return self }
    var content = self
    content.split = equally
    return content
  }
}
