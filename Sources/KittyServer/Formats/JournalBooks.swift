import KittyShared

/// The books of a journal that KittyCash wrote, whatever its language: accounts, and entries with their postings.
struct JournalBooks {
  private(set) var books = ImportedBooks(categories: [])
  private var accounts: [String: LedgerAccount] = [:]
  private var places: [ID: Int] = [:]
  private var names = DistinctNames()
  private var categories: [String: ID] = [:]
  private var numbers: Set<Int64> = []
  /// The sums of the postings to each member.
  private var sums: [Key: Int64] = [:]
  private var (refunds, counts) = (0, 0)
  private var hasPromise = false
  /// The number of entries in the line at the end.
  private var endsWith: Int?
  /// The members so far.
  private var people: Participants?

  private struct Key: Hashable {
    let member: Int
    let currency: Currency
  }

  /// An entry with its postings, as the journal has it.
  struct Transaction {
    let place: ImportPlace
    let date: Day
    let number: Int64
    let kind: EntryContent.Kind
    var description: String
    var note: String?
    /// The amount as it was paid, in another currency.
    var original: ImportedEntry.Original?
    /// The category from the upper level down.
    var category: [String] = []
    var tags: [String] = []
    var postings: [Posting] = []
  }

  /// A line of an entry. The journal has it below zero for what an account owes.
  struct Posting {
    let place: ImportPlace
    let account: LedgerAccount
    var kind: Kind?
    let amount: Amount
    var category: [String]?

    enum Kind: String { case paid, share, sent, received }
  }

  /// The account, the kind and the category of a posting: an entry has one of each.
  private struct Cell: Hashable {
    let account: LedgerAccount
    let kind: Posting.Kind?
    let category: [String]?
  }

  /// Names the group.
  mutating func name(_ name: String) { books.name = name }

  /// Adds an account that the journal declares.
  /// - Parameter name: The name of the member; `nil` for the kitty.
  mutating func declare(_ account: String, _ name: String?, _ place: ImportPlace) throws(Rejection) {
    guard accounts[account] == nil else {
      throw .unreadable(place, "twice", "The account \(account.cut(to: 80)) is declared twice.")
    }
    guard let name else { return accounts[account] = .kitty }
    let index = books.members.count
    guard index < Group.maxMembersEver else {
      throw .unreadable(place, "too_many", "A group has at most \(Group.maxMembersEver) members.")
    }
    let id = ID(of: .first, number: Int64(index))
    people = nil
    books.members.append(.init(name: names.add(name, orElse: "Member \(index + 1)"), id: id))
    places[id] = index
    accounts[account] = .member(id)
  }

  /// Returns an account that was declared.
  func account(_ name: String, _ place: ImportPlace) throws(Rejection) -> LedgerAccount {
    guard let account = accounts[name] else {
      throw .unreadable(
        place, "unknown_account",
        "The account \(name.cut(to: 80)) is not declared above: KittyCash declares each one it writes.")
    }
    return account
  }

  /// Reads an amount with its currency, such as `12.50 EUR`.
  static func amount(_ text: String, _ place: ImportPlace) throws(Rejection) -> Amount {
    let words = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    guard words.count == 2, let currency = Currency(code: words[1]),
      let amount = try? Amount(decimal: words[0], currency: currency)
    else {
      throw .unreadable(
        place, "not_an_amount",
        "\"\(text.cut(to: 40))\" is not an amount with its currency, such as 12.50 EUR.")
    }
    guard amount.minorUnits.magnitude <= Amount.limit else { throw .tooLarge("\(place)") }
    return amount
  }

  /// Reads the amount and the rate of an entry in another currency.
  static func original(
    _ amount: String, _ rate: String, _ place: ImportPlace
  ) throws(Rejection) -> ImportedEntry.Original {
    let amount = try Self.amount(amount, place)
    guard let rate = Rate(rate) else {
      throw .unreadable(place, "not_a_rate", "\"\(rate.cut(to: 40))\" is not a rate, such as 0.9123.")
    }
    return .init(amount: amount, rate: rate)
  }

  /// Adds an entry.
  mutating func add(_ entry: Transaction) throws(Rejection) {
    guard numbers.insert(entry.number).inserted else {
      throw .unreadable(entry.place, "twice", "The journal has #\(entry.number) twice.")
    }
    guard let currency = entry.postings.first?.amount.currency,
      entry.postings.allSatisfy({ $0.amount.currency == currency })
    else {
      throw .unreadable(
        entry.place, "not_zero", "The entry needs postings of one currency, which add up to zero.")
    }
    // An entry has less than a million lines, each of at most `Amount.limit`: nothing here can overflow.
    let rest = entry.postings.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
    guard rest == 0 else {
      throw .unreadable(
        entry.place, "not_zero", "The postings add up to \(Amount(rest, currency)), and not to zero.")
    }
    var cells: Set<Cell> = []
    for posting in entry.postings {
      let cell = Cell(account: posting.account, kind: posting.kind, category: posting.category)
      guard cells.insert(cell).inserted else {
        throw .unreadable(
          posting.place, "twice",
          "The entry has this posting of the same account twice: KittyCash writes one.")
      }
      guard let place = posting.account.member.flatMap({ places[$0] }) else { continue }
      sums[Key(member: place, currency: currency), default: 0] += posting.amount.minorUnits
    }
    guard entry.category.count <= 2, entry.postings.allSatisfy({ ($0.category ?? []).count <= 2 }) else {
      throw .unreadable(entry.place, "too_deep", "A category has at most two levels.")
    }
    let content = entry.kind.isSpending ? try expense(entry, currency) : try payment(entry, currency)
    try check(content, entry)
    books.entries.append(
      ImportedEntry(
        place: entry.place, kind: .kept(content, nil), description: entry.description,
        amount: Amount(content.amount, currency), original: entry.original, date: entry.date))
  }

  // MARK: The end

  /// The comment in the head of a journal that tells the number of its entries in its last line. Earlier versions of KittyCash
  /// wrote none.
  static let promise = "; The last line has the number of entries."

  /// Returns the last line of a journal.
  static func lastLine(_ entries: Int) -> String { "; end: \(entries) \(entries == 1 ? "entry" : "entries")" }

  /// Reads a comment outside of the entries.
  mutating func comment(_ line: String) {
    if line == Self.promise { hasPromise = true }
    if line == Self.lastLine(numbers.count) { endsWith = numbers.count }
  }

  /// Returns the books, once all entries are added.
  /// - Parameter lines: The number of lines of the journal.
  /// - Throws: `Rejection` when the journal has other entries than it should have.
  func end(lines: Int) throws(Rejection) -> ImportedBooks {
    guard !hasPromise || endsWith == numbers.count else {
      throw .unreadable(
        .line(lines), "cut_off",
        "The journal does not end with \"\(Self.lastLine(numbers.count))\", the number of the entries before it: it is cut off, or was changed. Export it again."
      )
    }
    var books = books
    books.notices += names.notices
    if !hasPromise {
      books.notices.append(
        "The journal is of an earlier version of KittyCash, which wrote no number of entries at the end: nothing tells that it is whole."
      )
    }
    books.balances = sums.map { .init(member: $0.member, amount: Amount($1, $0.currency)) }
    books.count(
      refunds, "1 refund does not name its expense here: a journal does not say which it is.",
      "\(refunds) refunds do not name their expenses here: a journal does not say which they are.")
    books.count(
      counts, "1 count of the kitty is an expense of the kitty.",
      "\(counts) counts of the kitty are expenses of the kitty.")
    return books
  }
}

extension JournalBooks {
  private mutating func expense(
    _ entry: Transaction, _ currency: Currency
  ) throws(Rejection) -> EntryContent {
    var (payers, shares): ([LedgerAccount: Int64], [ID: Int64]) = ([:], [:])
    var (payerOrder, shareOrder): ([LedgerAccount], [ID]) = ([], [])
    for posting in entry.postings {
      switch posting.kind {
      case .paid:
        if payers[posting.account] == nil { payerOrder.append(posting.account) }
        payers[posting.account, default: 0] += posting.amount.minorUnits
      case .share:
        guard let member = posting.account.member else {
          throw .unreadable(posting.place, "not_a_member", "The kitty bears no share of an expense.")
        }
        if shares[member] == nil { shareOrder.append(member) }
        shares[member, default: 0] -= posting.amount.minorUnits
      default: throw .unreadable(posting.place, "not_for_this_kind", "An expense has paid and share alone.")
      }
    }
    let total = Amount(payers.values.reduce(0, +), currency)
    guard total.minorUnits.magnitude <= Amount.limit else { throw .tooLarge("\(entry.place)") }
    if entry.kind == .count { counts += 1 } else if total.minorUnits < 0 { refunds += 1 }
    let divided = entry.postings.filter { $0.kind == .share }
    let isDivided = Set(divided.map { $0.category ?? [] }).count > 1
    let split =
      isDivided
      ? SplitRule(
        .items,
        items: divided.map { posting in
          .init(
            amount: .minorUnits(-posting.amount.minorUnits), members: posting.account.member.map { [$0] },
            category: category(posting.category ?? []))
        })
      : SplitRule(.exact, parts: shareOrder.map { .init($0, amount: .minorUnits(shares[$0] ?? 0)) })
    var note = entry.note
    if entry.tags.count > Tags.max {
      // Those of the items, which together are more than an expense has.
      let rest = entry.tags.dropFirst(Tags.max).map { "#\($0)" }.joined(separator: " ")
      note = [note, rest].compactMap(\.self).joined(separator: "\n")
    }
    let tags = Array(entry.tags.prefix(Tags.max))
    return EntryContent(
      kind: .expense, description: entry.description, amount: total, rate: nil, booked: total,
      date: entry.date, note: note, category: category(entry.category), tags: tags.isEmpty ? nil : tags,
      payers: payerOrder.map { Payer($0, amount: .minorUnits(payers[$0] ?? 0)) }, split: split,
      shares: shareOrder.map { .init(member: $0, amount: shares[$0] ?? 0) })
  }

  private func payment(_ entry: Transaction, _ currency: Currency) throws(Rejection) -> EntryContent {
    let sent = entry.postings.filter { $0.kind == .sent }
    let received = entry.postings.filter { $0.kind == .received }
    guard sent.count == 1, received.count == 1, entry.postings.count == 2 else {
      throw .unreadable(
        entry.place, "not_for_this_kind", "A \(entry.kind.rawValue) has one posting sent and one received.")
    }
    return EntryContent(
      kind: entry.kind, description: entry.description, amount: sent[0].amount, rate: nil,
      booked: sent[0].amount, date: entry.date, note: entry.note, from: sent[0].account,
      to: received[0].account)
  }

  /// Checks that the content is one that KittyCash could have written.
  private mutating func check(_ content: EntryContent, _ entry: Transaction) throws(Rejection) {
    var checks = FieldChecks()
    let people =
      people ?? Participants(present: books.members.compactMap { $0.id.map { (id: $0, weight: 1) } })
    self.people = people
    try content.check(&checks, entry: .first, people, content.booked.currency)
    if let error = checks.errors.first {
      throw .unreadable(entry.place, error.code, "\(error.field): \(error.message)")
    }
    // `ImportedEntries` keeps it as JSON, and cannot refuse it any more.
    do { _ = try JSON.decode(EntryContent.self, from: JSON.encode(content)) } catch {
      throw .unreadable(
        entry.place, "not_readable", "The entry is none that KittyCash could have written: \(error)")
    }
  }

  /// Returns the id of a category, which is added to the books; `nil` for none.
  private mutating func category(_ path: [String]) -> ID? {
    guard let name = path.last else { return nil }
    let parent = category(Array(path.dropLast()))
    if let known = categories[name.nameKey] { return known }
    let id = ID(of: .last, number: Int64(categories.count))
    categories[name.nameKey] = id
    books.categories?.append(.init(id: id, name: name, parent: parent))
    return id
  }
}
