import FoundationEssentials
import KittyShared
import Logging

/// The use cases of files of other programs: one is read, matched with a group, and written or only shown; an import is undone.
///
/// The entries are written in short transactions, so that no other request waits for them. When one fails, those before it are
/// removed again; after a crash, a job does it.
struct FileImports: Sendable {
  let bookkeeping: Bookkeeping
  let store: ImportStore
  let cache: (any CacheInvalidation)?
  let logger: Logger

  /// The wishes of a request beside the file.
  struct Wish: Sendable {
    var options = ImportOptions()
    /// For a name in the file: the name or the id of a member, `me`, or the name of a new guest.
    var names: [String: String] = [:]
    /// `true` to import a file whose balances here differ from those there.
    var acceptsDifferences = false
  }

  /// A file that was matched with a group.
  private struct Plan {
    var report: ImportReport
    /// The entries that the group does not have.
    var entries: [ImportedContents.Planned] = []
    var members: [Member] = []
    var categories: [Category] = []
  }

  /// The number of entries that are written in one transaction: some ten milliseconds of the writer of SQLite.
  private static let writtenTogether = 50

  /// Imports a file into a group, or for a dry run only tells what would be done.
  /// - Throws: `Rejection` that names the place in the file, or says why the group cannot take it. Then nothing is written.
  func run(_ bytes: Data, _ wish: Wish, by caller: Bookkeeping.Caller) async throws -> ImportReport {
    var plan = try await plan(bytes, wish, by: caller)
    if caller.isDryRun { return plan.report }
    guard !plan.report.differs || wish.acceptsDifferences else { throw Self.differs(plan.report) }
    guard !plan.entries.isEmpty else { return plan.report }
    let record = ImportRecord(
      id: ID(at: caller.now), format: plan.report.format, entries: plan.entries.count,
      createdBy: caller.membership.member, createdAt: caller.now)
    do {
      try await write(plan, record, by: caller)
    } catch {
      await undoFailed(record.id, in: caller.group)
      throw error
    }
    plan.report.id = record.id
    return plan.report
  }

  // MARK: Reading

  private func plan(_ bytes: Data, _ wish: Wish, by caller: Bookkeeping.Caller) async throws -> Plan {
    var options = wish.options
    let currency = caller.membership.currency
    options.groupCurrency = currency
    let (format, content) = try ImportedFiles.read(bytes, options)
    let books = content.books
    guard !books.entries.isEmpty else {
      throw Rejection.unreadable(.file, "no_entries", "The file has no expense and no payment.")
    }
    let present = try await bookkeeping.members.list(
      in: caller.group, removed: false, limit: Group.maxMembersEver, after: nil
    ).items
    let members = try ImportedMembers(
      books.members, present: present, caller: caller.membership.member, names: wish.names, at: caller.now)
    let known = try await bookkeeping.categories.all(in: caller.group).filter { $0.removedAt == nil }
    let (categories, new) = Self.categories(of: books, known, at: caller.now)
    var contents = ImportedContents(
      group: caller.group, currency: currency, format: format, members: members, categories: categories,
      today: caller.today)
    var report = ImportReport(
      format: format, readings: content.readings, name: books.name, leftOut: books.leftOut,
      notices: books.notices)
    var planned: [ImportedContents.Planned] = []
    for entry in books.entries {
      if let made = try contents.entry(entry) {
        planned.append(made)
      } else {
        report.leftOut.append(
          .init(
            place: "\(entry.place)", text: entry.description,
            reason: "It is a payment of a member to themselves."))
      }
      await Task.yield()
    }
    try Self.requireDays(of: planned, by: caller)
    report.from = planned.map(\.content.date).min()
    report.to = planned.map(\.content.date).max()
    report.currencies = Dictionary(grouping: planned, by: \.content.booked.currency)
      .sorted { ($1.value.count, $0.key.code) < ($0.value.count, $1.key.code) }.map(\.key)
    (report.balances, report.differs) = Self.balances(of: books, planned, members, caller.group)
    let fresh = try await withoutDuplicates(planned, in: caller.group)
    report.duplicates = planned.count - fresh.count
    report.payments = fresh.count { $0.content.kind == .payment }
    report.expenses = fresh.count - report.payments
    var plan = Plan(report: report, entries: fresh)
    Self.complete(&plan, members, new, at: caller.now, isDryRun: caller.isDryRun)
    return plan
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
  ) -> (all: [String: ID], new: [Category]) {
    var all = Dictionary(
      known.filter { $0.archivedAt == nil }.map { ($0.name.nameKey, $0.id) },
      uniquingKeysWith: { first, _ in first })
    var new: [Category] = []
    let archived = Set(known.filter { $0.archivedAt != nil }.map(\.name.nameKey))
    for name in books.entries.compactMap(\.category) {
      let plain = name.composed.replacingScalars { $0.isInvisibleControl || $0 == ":" ? " " : nil }.trimmed
      let key = name.nameKey
      var checks = FieldChecks()
      checks.categoryName(plain, "category")
      guard all[key] == nil, !noCategory.contains(key), !archived.contains(key), checks.errors.isEmpty,
        !known.contains(where: { $0.name.nameKey == plain.nameKey }),
        known.count + new.count < Category.maxPresent
      else { continue }
      let category = Category(id: ID(at: now), name: plain, createdAt: now)
      all[key] = category.id
      new.append(category)
    }
    return (all, new)
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
    of books: ImportedBooks, _ planned: [ImportedContents.Planned], _ members: ImportedMembers, _ group: ID
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
    for entry in planned {
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

  private static func differs(_ report: ImportReport) -> Rejection {
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
    _ planned: [ImportedContents.Planned], in group: ID
  ) async throws -> [ImportedContents.Planned] {
    guard let from = planned.map(\.content.date).min(), let to = planned.map(\.content.date).max() else {
      return []
    }
    let known = try await store.known(planned.map(\.id), in: group)
    var others: [ImportedContents.Fingerprint: Int] = [:]
    try await store.forEachEntry(in: group, from: from, to: to) { entry in
      guard !entry.isDeleted, !known.contains(entry.id) else { return }
      others[.init(entry.content, group: group, entry: entry.id), default: 0] += 1
    }
    return planned.filter { entry in
      if known.contains(entry.id) { return false }
      let fingerprint = ImportedContents.Fingerprint(entry.content, group: group, entry: entry.id)
      guard let count = others[fingerprint], count > 0 else { return true }
      others[fingerprint] = count - 1
      return false
    }
  }

  // MARK: Writing

  private func write(_ plan: Plan, _ record: ImportRecord, by caller: Bookkeeping.Caller) async throws {
    let group = caller.group
    try await store.begin(
      record, members: plan.members, categories: plan.categories, in: group, bookkeeping.entries.limits,
      caller.write)
    for piece in plan.entries.chunks(of: Self.writtenTogether) {
      try Task.checkCancellation()
      let revisions = piece.map { planned in
        var revision = EntryRevision(
          creating: planned.content, id: planned.id, in: group, by: caller.membership.member, at: caller.now)
        revision.importing = record.id
        return revision
      }
      try await bookkeeping.entries.insert(revisions, of: record.id, at: .now, caller.write)
    }
    guard try await store.finish(record.id, in: group, caller.write) else { throw Rejection.groupChanged }
  }

  /// Removes what a failed import wrote. What fails now, the job of the worker does.
  private func undoFailed(_ id: ID, in group: ID) async {
    // In a task of its own, which is not cancelled with the request.
    await Task.detached { [self] in
      do { try await remove(id, in: group, at: .now) } catch {
        logger.warning(
          "a failed import is not undone yet: a job does it",
          metadata: ["group": "\(group)", "import": "\(id)", "error": "\(error)"])
      }
    }.value
  }

  // MARK: Undoing

  /// The most entries that a refusal names.
  private static let named = 10

  /// Undoes an import: the group is as before it.
  /// - Parameter force: `true` to delete entries that were changed, commented or refunded since as a member deletes them: with
  ///   their history. Without it they are refused.
  func undo(_ id: ID, force: Bool, by caller: Bookkeeping.Caller) async throws {
    let group = caller.group
    guard let stored = try await store.find(id, in: group), stored.state != .writing else {
      throw Rejection.notFound("import")
    }
    let changed = try await store.changed(since: id, in: group, limit: Int.max >> 1)
    guard changed.isEmpty || force else {
      let numbers = changed.prefix(Self.named).map { "#\($0.number)" }.joined(separator: ", ")
      throw Rejection.conflict(
        "changed_since",
        "\(changed.count) entries of this import were changed, deleted, commented or refunded since: \(numbers)\(changed.count > Self.named ? ", …" : ""). Send force=true to delete these with their history, and to undo the rest."
      )
    }
    for entry in changed.reversed() {
      guard let found = try await bookkeeping.entries.find(.id(entry.id), in: group), found.deletedAt == nil
      else {
        continue
      }
      try await bookkeeping.delete(found, version: nil, by: caller)
    }
    try await remove(id, in: group, at: caller.now, caller.write)
  }

  /// Undoes the imports that a server left unfinished.
  func undoUnfinished(at now: Instant) async throws {
    for (group, id) in try await store.unfinished(since: now.advanced(by: .seconds(-300))) {
      try await remove(id, in: group, at: now)
      logger.notice("an unfinished import was undone", metadata: ["group": "\(group)", "import": "\(id)"])
    }
  }

  private func remove(_ id: ID, in group: ID, at now: Instant, _ write: WriteContext? = nil) async throws {
    if let write { return try await removeAll(id, in: group, at: now, write) }
    let write = WriteContext()
    let tags = CacheTag.tags(of: group)
    try await write.changing(tags, in: cache) {
      try await removeAll(id, in: group, at: now, write)
    } changed: { _ in
      tags
    }
  }

  private func removeAll(_ id: ID, in group: ID, at now: Instant, _ write: WriteContext) async throws {
    try await store.beginUndo(id, in: group, at: now, write)
    try await store.remove(id, in: group, write)
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
