import FoundationEssentials
import KittyShared

/// The JSON of a group of KittyCash, of which the current entries are read. Its checks are those of the import as a new
/// group.
enum KittyCashFile: ImportedFile {
  static let format = ImportFormat.kittycash

  static func recognizes(_ file: ImportedDocument) -> Bool {
    file.isJSON && file.beginning.contains("\"kittycash-group-")
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) async throws -> ImportedContent {
    let json: any ByteSource = file.json ?? Data()
    do {
      let document = try await GroupFileDocument(json)
      var reader = Reader()
      try await document.forEachEntry { reader.add($0) }
      return ImportedContent(books: reader.books(of: document.group))
    } catch let rejection as Rejection where rejection.errors == nil {
      throw Rejection.unreadable(
        .file, "not_readable", "The file is not a whole export: it is cut off, or was changed by hand.")
    }
  }

  /// The state of reading.
  private struct Reader {
    private var entries = ImportedEntries()
    private var (categories, refunded): (Set<ID>, Set<ID>) = ([], [])
    private var leftOut: [(place: ImportPlace, text: String)] = []
    /// The balance of each account.
    private var sums: [Key: Int64] = [:]
    private var index = 0
    private var (deleted, comments, revisions, receipts, booked, counts) = (0, 0, 0, 0, 0, 0)

    private struct Key: Hashable {
      let member: ID
      let currency: Currency
    }

    mutating func add(_ entry: GroupFile.FileEntry) {
      let place = ImportPlace.element(list: "entries", index)
      index += 1
      guard let last = entry.revisions.last, last.action != .deleted else {
        deleted += 1
        return
      }
      let content = last.content
      comments += entry.comments.count
      revisions += entry.revisions.count - 1
      receipts += content.receipts?.count ?? 0
      categories.formUnion(content.categories)
      if let expense = content.refundOf { refunded.insert(expense) }
      booked += content.recurring == nil ? 0 : 1
      guard content.amount != 0 else { return leftOut.append((place, content.description)) }
      counts += content.kind == .count ? 1 : 0
      for (account, amount) in content.changes(entry: entry.id) {
        // At most a million entries of at most `Amount.limit`: this cannot overflow.
        guard let member = account.member else { continue }
        sums[Key(member: member, currency: content.booked.currency), default: 0] += amount
      }
      entries.append(
        ImportedEntry(
          place: place, key: nil, kind: .kept(content, entry.id), description: content.description,
          amount: Amount(content.booked.amount, content.booked.currency), date: content.date))
    }

    /// Returns the books. Former members are in them when an entry names them.
    func books(of group: GroupFile) -> ImportedBooks {
      var books = ImportedBooks(name: group.name, currency: group.currency, entries: entries)
      let named = Set(sums.keys.map(\.member))
      var names = DistinctNames()
      let listed =
        group.members.filter { $0.removedAt == nil }
        + group.members.filter { $0.removedAt != nil && named.contains($0.id) }
      var places: [ID: Int] = [:]
      for member in listed {
        places[member.id] = books.members.count
        books.members.append(
          .init(
            name: names.add(member.name, orElse: "Member \(books.members.count + 1)"), weight: member.weight,
            id: member.id, hasOwnID: true))
      }
      books.balances = sums.compactMap { key, sum in
        places[key.member].map { .init(member: $0, amount: Amount(sum, key.currency)) }
      }
      books.refunded = refunded
      books.categories = namedCategories(of: group)
      for (place, text) in leftOut { books.leaveOut(place, text, "It is a count without a difference.") }
      books.notices = names.notices
      addNotices(of: group, to: &books)
      return books
    }

    /// Returns the categories that entries name, and those above them, the upper level first.
    private func namedCategories(of group: GroupFile) -> [ImportedBooks.Category] {
      let all = (group.categories ?? []).filter { $0.removedAt == nil }
      let upper = all.filter { categories.contains($0.id) }.compactMap(\.parent)
      let named = all.filter { categories.contains($0.id) || upper.contains($0.id) }
      let ordered = named.filter { $0.parent == nil } + named.filter { $0.parent != nil }
      return ordered.map { .init(id: $0.id, name: $0.name, parent: $0.parent) }
    }

    private func addNotices(of group: GroupFile, to books: inout ImportedBooks) {
      func left(_ number: Int, _ one: String, _ many: String) {
        books.count(number, "1 \(one) is not imported.", "\(number) \(many) are not imported.")
      }
      left(deleted, "deleted entry", "deleted entries")
      left(revisions, "earlier version of an entry", "earlier versions of entries")
      left(comments, "comment", "comments")
      left(receipts, "receipt", "receipts")
      left((group.recurring ?? []).count, "rule for recurring entries", "rules for recurring entries")
      left((group.settlements ?? []).count, "settling round", "settling rounds")
      left(group.targets.count, "target for the kitty", "targets for the kitty")
      books.count(
        booked, "1 entry of a rule is an entry of its own.",
        "\(booked) entries of rules are entries of their own.")
      books.count(
        counts, "1 count of the kitty is an expense of the kitty.",
        "\(counts) counts of the kitty are expenses of the kitty.")
    }
  }
}

extension EntryContent {
  /// Returns the changes of the accounts that the content names, in minor units of the booked currency.
  fileprivate func changes(entry: ID) -> [(account: LedgerAccount, amount: Int64)] {
    var changes: [(account: LedgerAccount, amount: Int64)] = []
    if let from, let to { changes += [(from, booked.amount), (to, -booked.amount)] }
    if let payers { changes += zip(payers, paidParts(entry: entry)).map { ($0.account, $1) } }
    return changes + (shares ?? []).map { (.member($0.member), -$0.amount) }
  }
}
