import FoundationEssentials
import KittyShared

extension FileImports {
  /// Reads a file and matches it with the group.
  /// - Throws: `Rejection` with the place in the file.
  func plan(_ file: some ByteSource, _ wish: Wish, by caller: Bookkeeping.Caller) async throws -> Plan {
    let everyone = try await bookkeeping.members.list(
      in: caller.group, removed: true, limit: Group.maxMembersEver, after: nil
    ).items
    let file = try await Self.read(
      file, wish.options(for: everyone.filter { $0.removedAt == nil }), in: caller.membership.currency)
    let known = try await bookkeeping.categories.all(in: caller.group).filter { $0.removedAt == nil }
    return try await plan(file, wish, among: everyone, known, by: caller)
  }

  /// Matches what was read of a file with the group.
  /// - Parameters:
  ///   - everyone: The members of the group, former ones too.
  ///   - known: Its categories.
  /// - Throws: `Rejection` with the place in the file.
  func plan(
    _ file: ReadFile, _ wish: Wish, among everyone: [Member], _ known: [Category],
    by caller: Bookkeeping.Caller
  ) async throws -> Plan {
    let (books, currency) = (file.content.books, caller.membership.currency)
    guard !books.entries.isEmpty else {
      throw Rejection.unreadable(.file, "no_entries", "The file has no expense and no payment.")
    }
    let present = everyone.filter { $0.removedAt == nil }
    var report = ImportReport(
      format: file.format, readings: file.content.readings, name: books.name, currency: currency,
      leftOut: books.leftOut, notices: books.notices)
    var (categories, new, dropped) = Self.categories(of: books, known, at: caller.now)
    let kept = Self.keptCategories(of: books, known, at: caller.now)
    new += kept.new
    dropped += kept.dropped
    if !dropped.isEmpty {
      report.notices.append(
        "The group cannot have these categories, and their entries have none: \(dropped.prefix(20).joined(separator: ", "))."
      )
    }
    let (contents, found) = try await contents(of: file, wish, among: everyone, by: caller) { members in
      var contents = ImportedContents(
        group: caller.group, currency: currency, format: file.format, members: members,
        categories: categories,
        today: caller.today)
      (contents.keptCategories, contents.refunded) = (kept.all, books.refunded)
      return contents
    }
    let match = try await match(books, contents, found, keepingTwins: wish.keepsTwins, by: caller)
    if !match.contents.cut.isEmpty {
      report.notices.append(
        "Notes that were cut because they are too long: \(match.contents.cut.prefix(20).map(\.description).joined(separator: ", "))."
      )
    }
    report.leftOut += match.leftOut
    report.from = match.days?.lowerBound
    report.to = match.days?.upperBound
    report.currencies = match.currencies.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }.map(
      \.key)
    report.notices += match.notices
    (report.balances, report.differs) = match.comparison
    report.showsBalances = match.showsBalances
    (report.expenses, report.payments) = (match.expenses, match.payments)
    report.duplicates = match.states.count { $0 == .here }
    report.twins = match.twins.count
    report.missing = match.missing
    var plan = Plan(report: report, match: match)
    Self.complete(&plan, contents.members, new, at: caller.now, isDryRun: caller.isDryRun)
    try requireRoom(for: plan.members.count, present: present.count, ever: everyone.count)
    return plan
  }

  /// Matches the entries of a file with those of the group.
  /// - Throws: `Rejection` with the place in the file.
  private func match(
    _ books: ImportedBooks, _ contents: ImportedContents, _ found: Found, keepingTwins: Bool,
    by caller: Bookkeeping.Caller
  ) async throws -> ImportMatch {
    let (group, (ids, known)) = (caller.group, found)
    var match = ImportMatch(books, contents, ids: ids, known: known)
    for start in stride(from: 0, to: ids.count, by: Self.matchedTogether) {
      try Task.checkCancellation()
      let range = start..<min(start + Self.matchedTogether, ids.count)
      let present = try await store.entries(ids[range].filter { known[$0] != nil }, in: group)
      try match.add(
        range,
        present: Dictionary(present.map { ($0.id, $0.content) }, uniquingKeysWith: { first, _ in first }))
      await Task.yield()
    }
    guard let days = match.days else { return match }
    if !keepingTwins {
      match.beginTwins()
      try await store.forEachEntry(in: group, from: days.lowerBound, to: days.upperBound) { entry in
        guard !entry.isDeleted, known[entry.id] == nil else { return }
        try match.leaveOutTwin(of: entry)
      }
    }
    match.endTwins()
    try await addMissing(to: &match, in: group)
    // A file whose entries are all here is no change of closed books.
    try match.forEachNewDay { place, day throws(Rejection) in try Self.require(day, at: place, by: caller) }
    match.writeLast(try await latePayouts(of: match, in: group))
    return match
  }

  /// Adds the entries that earlier files of the same books had and this one does not have, in whichever format. A file is of the same
  /// books as an earlier one when it has a third of its entries, or the earlier one has a third of those of the file: two groups of
  /// another program may have a line in common.
  private func addMissing(to match: inout ImportMatch, in group: ID) async throws {
    let ofFormat = try await store.imports(of: match.contents.format, in: group)
    var missing: [ID] = []
    for origin in ofFormat.union(match.origins.keys) {
      let common = match.origins[origin] ?? 0
      let all = common == 0 ? [] : try await store.entries(of: [origin], in: group)
      if Self.areSameBooks(common: common, all.count, match.states.count) {
        missing += all.filter { !match.hasEntry($0) }
      } else if ofFormat.contains(origin) {
        match.hasOtherImports = true
      }
    }
    for piece in missing.chunks(of: Self.matchedTogether) {
      try Task.checkCancellation()
      for entry in try await store.entries(piece, in: group) where !entry.isDeleted {
        match.addMissing(entry)
      }
    }
    match.endMissing()
  }

  /// Returns `true` when two files have so many entries in common that they are of the same books.
  static func areSameBooks(common: Int, _ one: Int, _ other: Int) -> Bool {
    common > 0 && 3 * common >= min(one, other)
  }

  /// The number of entries that are matched at once: some milliseconds of a processor.
  private static let matchedTogether = 100

  /// A file as it was read.
  typealias ReadFile = (format: ImportFormat, content: ImportedContent)

  /// Reads a file.
  /// - Parameters:
  ///   - currency: The currency where the file names none; `nil` refuses such a file.
  ///   - origin: The origin of this currency, which the report tells.
  static func read(
    _ file: some ByteSource, _ wished: ImportOptions, in currency: Currency?,
    from origin: String = "that of the group"
  ) async throws -> ReadFile {
    let document = try ImportedDocument(file, as: wished.encoding)
    do { return try await ImportedFiles.read(document, wished) } catch let error as Rejection {
      guard currency != nil, error.errors?.contains(where: { $0.code == "currency_missing" }) == true else {
        throw error
      }
    }
    var options = wished
    options.groupCurrency = currency
    var (format, content) = try await ImportedFiles.read(document, options)
    if let currency {
      content.readings.append("currency: \(currency.code), \(origin), because the file does not name one")
    }
    return (format, content)
  }

  /// Returns the id of each entry, and those that the group has already. An entry that stayed as a deleted one when its import
  /// was undone is not the same: the file gets another id for it.
  func ids(of entries: ImportedEntries, _ contents: ImportedContents, in group: ID) async throws -> Found {
    var ids = contents.ids(of: entries)
    var known = try await store.known(ids, in: group)
    known.merge(try await keep(&ids, of: entries, contents, known, in: group)) { $1 }
    // The entry of a file of KittyCash has its own id: that it was deleted here is a fact, too.
    let others = ids.indices.filter { if case .kept(_, _?) = entries[$0].kind { false } else { true } }
    var stale = others.filter { known[ids[$0]].map { $0.isDeleted && $0.origin == nil } ?? false }
    while !stale.isEmpty {
      for index in stale {
        known[ids[index]] = nil
        ids[index] = ID(of: ids[index], number: 1)
      }
      known.merge(try await store.known(stale.map { ids[$0] }, in: group)) { $1 }
      stale = stale.filter { known[ids[$0]].map { $0.isDeleted && $0.origin == nil } ?? false }
    }
    return (ids, known)
  }

  /// - Throws: `Rejection` when the group cannot have so many new members.
  private func requireRoom(for new: Int, present: Int, ever: Int) throws(Rejection) {
    let room = min(bookkeeping.entries.limits.members - present, Group.maxMembersEver - ever)
    guard new > max(room, 0) else { return }
    throw .invalid(
      "members", "too_many",
      "The file has \(new) members whom the group does not have, and the group has room for \(max(room, 0)). Name members of the group for them with map=."
    )
  }

  /// Leaves out the members and categories that no new entry names.
  private static func complete(
    _ plan: inout Plan, _ members: ImportedMembers, _ categories: [Category], at now: Instant, isDryRun: Bool
  ) {
    let match = plan.match
    // An upper category is needed for those below it.
    let needed = Set(categories.filter { match.isUsed($0.id) }.flatMap { [$0.id, $0.parent ?? $0.id] })
    plan.categories = categories.filter { needed.contains($0.id) }
    plan.report.newCategories = plan.categories.map(\.name)
    var added: Set<ID> = []
    for member in members.all
    where member.isNew && match.isUsed(member.id) && added.insert(member.id).inserted {
      plan.members.append(
        Member(
          id: member.id, name: member.here, user: nil, role: .guest, weight: member.weight, photo: nil,
          createdAt: now, removedAt: nil))
    }
    plan.report.members = members.all.map { member in
      if let former = member.former.first, member.isNew, !match.isUsed(member.id) {
        return .init(name: member.name, member: former, here: member.here, isNew: false)
      }
      let isMade = !member.isNew || (!isDryRun && match.isUsed(member.id))
      return .init(
        name: member.name, member: isMade ? member.id : nil, here: member.here, isNew: member.isNew)
    }
  }

  /// Returns the category of each name in a file, and those that the group gets for them. A program's word for no category is
  /// none.
  private static func categories(
    of books: ImportedBooks, _ known: [Category], at now: Instant
  ) -> (all: [String: ID], new: [Category], dropped: [String]) {
    var all = Dictionary(
      known.filter { $0.archivedAt == nil }.map { ($0.name.nameKey, $0.id) },
      uniquingKeysWith: { first, _ in first })
    var new: [Category] = []
    var dropped: [String] = []
    var seen: Set<String> = []
    let archived = Set(known.filter { $0.archivedAt != nil }.map(\.name.nameKey))
    for name in books.entries.lazy.compactMap(\.category) {
      guard seen.insert(name).inserted else { continue }
      let plain = name.composed.replacingScalars { $0.isInvisibleControl || $0 == ":" ? " " : nil }.trimmed
      let (key, plainKey) = (name.nameKey, plain.nameKey)
      guard all[key] == nil, !ImportedBooks.noCategory.contains(key) else { continue }
      if let same = all[plainKey] {
        all[key] = same
        continue
      }
      var checks = FieldChecks()
      checks.categoryName(plain, "category")
      guard checks.errors.isEmpty, !archived.contains(plainKey), known.count + new.count < Category.maxPresent
      else {
        dropped.append(name.cut(to: 64))
        continue
      }
      // Lists are in the order of ids, and those of one millisecond have none.
      let id = ID(at: now.advanced(by: .milliseconds(new.count)))
      let category = Category(id: id, name: plain, createdAt: now)
      all[key] = category.id
      all[plainKey] = category.id
      new.append(category)
    }
    return (all, new, dropped)
  }

  /// - Throws: `Rejection` for a day in closed books, or too far ahead, with the place in the file.
  private static func require(
    _ day: Day, at place: ImportPlace, by caller: Bookkeeping.Caller
  ) throws(Rejection) {
    try day.requireNear(caller.now.day, "\(place)")
    if let refusal = caller.membership.rights.refusal(ofDate: day) {
      throw .conflict(
        refusal.code,
        "\(place): \(refusal.detail) Open the books up to the first day of the file, import it, and close them again."
      )
    }
  }

  /// The refusal of a file whose balances here would be others.
  static func differs(_ report: ImportReport) -> Rejection {
    let rows = report.balances.filter { $0.there != $0.here }.prefix(5).map {
      "\($0.name.cut(to: 64)): \(Amount($0.there, $0.currency)) there, \(Amount($0.here, $0.currency)) here"
    }
    let missing = report.missing.prefix(5).map { "#\($0.number) \"\($0.text.cut(to: 60))\"" }
    let more = report.missing.count > missing.count ? ", …" : ""
    let earlier =
      missing.isEmpty
      ? ""
      : " This file does not have \(missing.joined(separator: ", "))\(more), which an earlier import of it made: undo that import first, so that this file takes its place."
    return .conflict(
      "balances_differ",
      "The balances would not be those of the file. \(rows.joined(separator: "; ")).\(earlier) See the lines that are left out with dryRun=true; send differences=accept to import it all the same."
    )
  }
}
