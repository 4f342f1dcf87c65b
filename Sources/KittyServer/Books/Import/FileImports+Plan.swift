import FoundationEssentials
import KittyShared

extension FileImports {
  /// Reads a file and matches it with the group.
  /// - Throws: `Rejection` with the place in the file.
  func plan(_ bytes: Data, _ wish: Wish, by caller: Bookkeeping.Caller) async throws -> Plan {
    let currency = caller.membership.currency
    let (format, content) = try Self.read(bytes, wish.options, in: currency)
    let books = content.books
    guard !books.entries.isEmpty else {
      throw Rejection.unreadable(.file, "no_entries", "The file has no expense and no payment.")
    }
    let everyone = try await bookkeeping.members.list(
      in: caller.group, removed: true, limit: Group.maxMembersEver, after: nil
    ).items
    let present = everyone.filter { $0.removedAt == nil }
    let members = try ImportedMembers(
      books.members, present: present, caller: caller.membership.member, names: wish.names, at: caller.now)
    let known = try await bookkeeping.categories.all(in: caller.group).filter { $0.removedAt == nil }
    var report = ImportReport(
      format: format, readings: content.readings, name: books.name, leftOut: books.leftOut,
      notices: books.notices)
    let (categories, new, dropped) = Self.categories(of: books, known, at: caller.now)
    if !dropped.isEmpty {
      report.notices.append(
        "The group cannot have these categories, and their entries have none: \(dropped.prefix(20).joined(separator: ", "))."
      )
    }
    var contents = ImportedContents(
      group: caller.group, currency: currency, format: format, members: members, categories: categories,
      today: caller.today)
    let (ids, existing) = try await self.ids(of: books.entries, contents, in: caller.group)
    let planned = try await Self.contents(of: books.entries, ids, &contents, &report)
    if !contents.cut.isEmpty {
      report.notices.append(
        "Notes that were cut because they are too long: \(contents.cut.prefix(20).map(\.description).joined(separator: ", "))."
      )
    }
    try Self.requireDays(of: planned, by: caller)
    report.from = planned.map(\.content.date).min()
    report.to = planned.map(\.content.date).max()
    report.currencies = Dictionary(grouping: planned, by: \.content.booked.currency)
      .sorted { ($1.value.count, $0.key.code) < ($0.value.count, $1.key.code) }.map(\.key)
    let here = Self.here(planned, existing, in: caller.group, &report)
    (report.balances, report.differs) = Self.balances(of: books, here, members, caller.group)
    let fresh = try await withoutDuplicates(planned, existing, in: caller.group)
    report.duplicates = planned.count - fresh.count
    report.payments = fresh.count { $0.content.kind == .payment }
    report.expenses = fresh.count - report.payments
    var plan = Plan(report: report, entries: fresh, known: existing, ids: ids)
    Self.complete(&plan, members, new, at: caller.now, isDryRun: caller.isDryRun)
    try requireRoom(for: plan.members.count, present: present.count, ever: everyone.count)
    return plan
  }

  /// Reads a file. The currency of the group is said where the file names none.
  private static func read(
    _ bytes: Data, _ wished: ImportOptions, in currency: Currency
  ) throws(Rejection) -> (format: ImportFormat, content: ImportedContent) {
    do throws(Rejection) { return try ImportedFiles.read(bytes, wished) } catch {
      guard error.errors?.contains(where: { $0.code == "currency_missing" }) == true else { throw error }
    }
    var options = wished
    options.groupCurrency = currency
    var (format, content) = try ImportedFiles.read(bytes, options)
    content.readings.append(
      "currency: \(currency.code), that of the group, because the file does not name one")
    return (format, content)
  }

  /// Returns the id of each entry, and those that the group has already. An entry that stayed as a deleted one when its import
  /// was undone is not the same: the file gets another id for it.
  private func ids(
    of entries: [ImportedEntry], _ contents: ImportedContents, in group: ID
  ) async throws -> (ids: [ID], known: [ID: ImportStore.Known]) {
    var ids = contents.ids(of: entries)
    var known = try await store.known(ids, in: group)
    var stale = ids.indices.filter { known[ids[$0]].map { $0.isDeleted && !$0.isImported } ?? false }
    while !stale.isEmpty {
      for index in stale {
        known[ids[index]] = nil
        ids[index] = ID(of: ids[index], number: 1)
      }
      known.merge(try await store.known(stale.map { ids[$0] }, in: group)) { $1 }
      stale = stale.filter { known[ids[$0]].map { $0.isDeleted && !$0.isImported } ?? false }
    }
    return (ids, known)
  }

  private static func contents(
    of entries: [ImportedEntry], _ ids: [ID], _ contents: inout ImportedContents, _ report: inout ImportReport
  ) async throws -> [ImportedContents.Planned] {
    var planned: [ImportedContents.Planned] = []
    for (entry, id) in zip(entries, ids) {
      try Task.checkCancellation()
      if let made = try contents.entry(entry, id: id) {
        planned.append(made)
      } else {
        report.leftOut.append(
          .init(
            place: "\(entry.place)", text: entry.description,
            reason: "It is a payment of a member to themselves."))
      }
      await Task.yield()
    }
    return planned
  }

  /// Returns the contents that the entries of the file have here, or will have. Those that were changed or deleted here are
  /// listed.
  private static func here(
    _ planned: [ImportedContents.Planned], _ known: [ID: ImportStore.Known], in group: ID,
    _ report: inout ImportReport
  ) -> [(id: ID, content: EntryContent)] {
    planned.compactMap { entry in
      guard let existing = known[entry.id] else { return (entry.id, entry.content) }
      let there = ImportedContents.Fingerprint(entry.content, group: group, entry: entry.id)
      let here = ImportedContents.Fingerprint(existing.content, group: group, entry: entry.id)
      if existing.isDeleted || !there.isSameMoney(as: here) {
        report.leftOut.append(
          .init(
            place: "\(entry.place)", text: entry.content.description,
            reason: existing.isDeleted
              ? "It was imported as #\(existing.number) and deleted here."
              : "It is here as #\(existing.number), with other amounts."))
      }
      return existing.isDeleted ? nil : (entry.id, existing.content)
    }
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
    let named = Set(plan.entries.flatMap { $0.content.accounts })
    let used = Set(plan.entries.compactMap(\.content.category))
    plan.categories = categories.filter { used.contains($0.id) }
    plan.report.newCategories = plan.categories.map(\.name)
    var added: Set<ID> = []
    for match in members.all where match.isNew && named.contains(match.id) && added.insert(match.id).inserted
    {
      plan.members.append(
        Member(
          id: match.id, name: match.here, user: nil, role: .guest, weight: match.weight, photo: nil,
          createdAt: now,
          removedAt: nil))
    }
    plan.report.members = members.all.map { match in
      let isMade = !match.isNew || (!isDryRun && named.contains(match.id))
      return .init(name: match.name, member: isMade ? match.id : nil, here: match.here, isNew: match.isNew)
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
    for name in books.entries.compactMap(\.category) {
      guard seen.insert(name).inserted else { continue }
      let plain = name.composed.replacingScalars { $0.isInvisibleControl || $0 == ":" ? " " : nil }.trimmed
      let (key, plainKey) = (name.nameKey, plain.nameKey)
      guard all[key] == nil, !noCategory.contains(key) else { continue }
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
      let category = Category(id: ID(at: now), name: plain, createdAt: now)
      all[key] = category.id
      all[plainKey] = category.id
      new.append(category)
    }
    return (all, new, dropped)
  }

  private static let noCategory: Set<String> = ["general", "uncategorized", "none", "other"]

  /// - Throws: `Rejection` for a day in closed books, or too far ahead, with the place in the file.
  private static func requireDays(of planned: [ImportedContents.Planned], by caller: Bookkeeping.Caller)
    throws
  {
    for entry in planned {
      do throws(Rejection) { try entry.content.date.requireNear(caller.now.day, "\(entry.place)") } catch {
        throw error
      }
      if let refusal = caller.membership.rights.refusal(ofDate: entry.content.date) {
        throw Rejection.conflict(
          refusal.code,
          "\(entry.place): \(refusal.detail) Open the books up to the first day of the file, import it, and close them again."
        )
      }
    }
  }

  private static func balances(
    of books: ImportedBooks, _ entries: [(id: ID, content: EntryContent)], _ members: ImportedMembers,
    _ group: ID
  ) -> (rows: [ImportReport.Balance], differs: Bool) {
    typealias Key = ImportedBooks.ShownBalances.Key
    let shown = books.shownBalances()
    // The first member of the file that is a member here has all of it: two in the file may be one here.
    let first = Dictionary(
      members.all.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
    func home(_ member: Int) -> Int { first[members.all[member].id] ?? member }
    var (there, here, tolerance): ([Key: Int64], [Key: Int64], [Key: Int64]) = ([:], [:], [:])
    for balance in shown.balances {
      there[Key(member: home(balance.member), currency: balance.amount.currency), default: 0] &+=
        balance.amount.minorUnits
    }
    for (key, units) in shown.tolerance {
      tolerance[Key(member: home(key.member), currency: key.currency), default: 0] += units
    }
    for entry in entries {
      for posting in entry.content.postings(group: group, entry: entry.id) {
        guard let member = first[posting.account] else { continue }
        here[Key(member: member, currency: posting.amount.currency), default: 0] &+= posting.amount.minorUnits
      }
    }
    let keys = Set(there.keys).union(here.keys).sorted {
      ($0.member, $0.currency.code) < ($1.member, $1.currency.code)
    }
    let rows = keys.map {
      ImportReport.Balance(
        name: members.all[$0.member].name, currency: $0.currency, there: there[$0] ?? 0, here: here[$0] ?? 0)
    }
    let differs = zip(keys, rows).contains { key, row in
      (row.there &- row.here).magnitude > UInt64(tolerance[key] ?? 0)
    }
    return (rows, differs)
  }

  /// The refusal of a file whose balances here would be others.
  static func differs(_ report: ImportReport) -> Rejection {
    let rows = report.balances.filter { $0.there != $0.here }.prefix(5).map {
      "\($0.name.cut(to: 64)): \(Amount($0.there, $0.currency)) there, \(Amount($0.here, $0.currency)) here"
    }
    return .conflict(
      "balances_differ",
      "The balances would not be those of the file. \(rows.joined(separator: "; ")). See the lines that are left out with dryRun=true; send differences=accept to import it all the same."
    )
  }

  /// Leaves out the entries that the group has: those that the same file made, also if they were changed or deleted since, and
  /// those of the same day, text and amounts. Two such entries in the file are two in the group.
  private func withoutDuplicates(
    _ planned: [ImportedContents.Planned], _ known: [ID: ImportStore.Known], in group: ID
  ) async throws -> [ImportedContents.Planned] {
    guard let from = planned.map(\.content.date).min(), let to = planned.map(\.content.date).max() else {
      return []
    }
    var others: [ImportedContents.Fingerprint: Int] = [:]
    try await store.forEachEntry(in: group, from: from, to: to) { entry in
      guard !entry.isDeleted, known[entry.id] == nil else { return }
      others[.init(entry.content, group: group, entry: entry.id), default: 0] += 1
    }
    return planned.filter { entry in
      if known[entry.id] != nil { return false }
      let fingerprint = ImportedContents.Fingerprint(entry.content, group: group, entry: entry.id)
      guard let count = others[fingerprint], count > 0 else { return true }
      others[fingerprint] = count - 1
      return false
    }
  }
}

extension EntryContent {
  /// The members that the content names as payers, participants, sender or receiver.
  fileprivate var accounts: [ID] {
    let payers = (payers ?? []).compactMap(\.account.member)
    let shares = (shares ?? []).map(\.member)
    return payers + shares + (split?.parts ?? []).map(\.member)
      + [from?.member, to?.member].compactMap(\.self)
  }
}
