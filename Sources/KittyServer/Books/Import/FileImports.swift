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
    /// `true` to import entries although the group has others of the same day, text and amounts.
    var keepsTwins = false

    /// Returns the options for a group with some members.
    func options(for members: [Member]) -> ImportOptions {
      var options = options
      options.names = Set((members.map(\.name) + names.keys).map(\.nameKey))
      return options
    }
  }

  /// A file that was matched with a group.
  struct Plan {
    var report: ImportReport
    let match: ImportMatch
    var members: [Member] = []
    var categories: [Category] = []
  }

  /// The number of entries that are written in one transaction: some ten milliseconds of the writer of SQLite.
  private static let writtenTogether = 25

  /// Imports a file into a group, or for a dry run only tells what would be done.
  /// - Throws: `Rejection` that names the place in the file, or says why the group cannot take it. Then nothing is written.
  func run(_ file: some ByteSource, _ wish: Wish, by caller: Bookkeeping.Caller) async throws -> ImportReport
  {
    var plan = try await plan(file, wish, by: caller)
    if caller.isDryRun { return plan.report }
    guard !plan.report.differs || wish.acceptsDifferences else { throw Self.differs(plan.report) }
    let entries = plan.report.expenses + plan.report.payments
    guard entries > 0 else { return plan.report }
    let record = ImportRecord(
      id: ID(at: caller.now), format: plan.report.format, entries: entries,
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

  // MARK: Writing

  private func write(_ plan: Plan, _ record: ImportRecord, by caller: Bookkeeping.Caller) async throws {
    let group = caller.group
    try await store.begin(
      record, members: plan.members, names: plan.match.contents.members.byKey, categories: plan.categories,
      in: group,
      bookkeeping.entries.limits, caller.write)
    // Another import may have been written or undone since the file was matched.
    let known = try await store.known(plan.match.ids, in: group)
    guard known.mapValues(\.isDeleted) == plan.match.known.mapValues(\.isDeleted) else {
      throw Rejection.groupChanged
    }
    var (piece, postings): ([EntryRevision], Int) = ([], 0)
    func writePiece() async throws {
      try Task.checkCancellation()
      try await bookkeeping.entries.insert(piece, of: record.id, at: .now, caller.write)
      (piece, postings) = ([], 0)
    }
    for index in plan.match.new {
      guard let planned = try plan.match.content(at: index) else { continue }
      var revision = EntryRevision(
        creating: planned.content, id: planned.id, in: group, by: caller.membership.member, at: caller.now)
      revision.importing = record.id
      revision.isLatePayout = plan.match.isLate(index)
      // A count after an entry of the kitty would have to be adjusted to it.
      revision.nextCounts = revision.kittyChanges.keys.map { .init(place: $0, count: nil) }
      piece.append(revision)
      postings += revision.newPostings.count
      if piece.count == Self.writtenTogether || postings >= ImportStore.postingsTogether {
        try await writePiece()
      }
    }
    try await writePiece()
    guard try await store.finish(record.id, in: group, caller.write) else { throw Rejection.groupChanged }
  }

  /// Removes what a failed import wrote. What fails now, the job of the worker does.
  private func undoFailed(_ id: ID, in group: ID) async {
    // In a task of its own, which is not cancelled with the request.
    await Task.detached { [self] in
      do {
        _ = try await remove(id, in: group) { write in
          try await store.beginUndo(id, in: group, .failed, at: .now, write) ? .failed : nil
        }
      } catch {
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
    guard let stored = try await store.find(id, in: group), stored.state == .done || stored.isWished else {
      throw Rejection.notFound("import")
    }
    if let first = try await store.firstDay(of: id, in: group),
      let refusal = caller.membership.rights.refusal(ofDate: first)
    {
      throw refusal
    }
    let refunds = try await store.refunds(of: id, in: group, limit: Self.named + 1)
    guard refunds.isEmpty else {
      throw Rejection.conflict(
        "has_refunds",
        "Expenses of this import were refunded: \(Self.list(refunds)). Delete the refunds first.")
    }
    let counts = try await store.counts(after: id, in: group, limit: Self.named + 1)
    guard counts.isEmpty else {
      throw Rejection.conflict(
        "counted_since",
        "The kitty was counted after entries of this import: \(Self.list(counts)). Delete these counts first, undo the import, and count again."
      )
    }
    let changed = try await store.changed(since: id, in: group)
    guard changed.isEmpty || force else { throw Self.changedSince(changed) }
    for entry in changed.reversed() {
      // An expense is deleted after its refunds, which are those of this import.
      for id in try await store.refunds(ofExpense: entry.id, in: group) + [entry.id] {
        guard let found = try await bookkeeping.entries.find(.id(id), in: group), found.deletedAt == nil
        else { continue }
        try await bookkeeping.delete(found, version: nil, by: caller)
      }
    }
    guard try await store.beginUndo(id, in: group, .wished, at: caller.now, caller.write) else {
      throw ImportStore.underWay
    }
    do { try await store.remove(id, in: group, .wished, caller.write) } catch {
      throw await keepRest(of: stored, in: group, after: error, caller.write)
    }
  }

  /// Ends an undo that was refused or failed: what is left of the import can be undone again.
  /// - Returns: The error to answer with.
  private func keepRest(
    of stored: ImportStore.Stored, in group: ID, after error: any Error, _ write: WriteContext
  ) async -> any Error {
    // In a task of its own, which is not cancelled with the request.
    await Task.detached { [self] in
      do {
        try await store.keepRest(of: stored.id, in: group, write)
        guard let rejection = error as? Rejection, rejection.code == Rejection.groupChanged.code,
          let left = try await store.find(stored.id, in: group)?.entries, left < stored.entries
        else { return error }
        return Rejection.conflict(
          rejection.code,
          "The group was changed while the import was undone. Of its entries, \(stored.entries - left) are removed and \(left) are still here, as an import of their own: undo it again, or import the file again."
        )
      } catch let failure {
        logger.warning(
          "an import is not undone yet: a job does it",
          metadata: ["group": "\(group)", "import": "\(stored.id)", "error": "\(failure)"])
        return error
      }
    }.value
  }

  private static func list(_ numbers: [Int64]) -> String { list(numbers.map { "#\($0)" }) }

  private static func list(_ words: [String]) -> String {
    words.prefix(named).joined(separator: ", ") + (words.count > named ? ", …" : "")
  }

  private static func changedSince(_ entries: [ImportStore.ChangedEntry]) -> Rejection {
    func sentence(_ one: String, _ several: String, _ words: [String]) -> String {
      let count =
        words.count == 1
        ? "1 entry of this import \(one)" : "\(words.count) entries of this import \(several)"
      return words.isEmpty ? "" : "\(count) changed, deleted or commented since: \(list(words)). "
    }
    let own = sentence("was", "were", entries.filter { $0.refund == nil }.map { "#\($0.number)" })
    let refunded = sentence(
      "has a refund that was", "have refunds that were",
      entries.compactMap { entry in entry.refund.map { "#\(entry.number) (refund #\($0))" } })
    return .conflict(
      "changed_since",
      "\(own)\(refunded)Send force=true to delete these with their history, and to undo the rest.")
  }

  /// Undoes the imports that a server left unfinished.
  func undoUnfinished(at now: Instant) async throws {
    for (group, id) in try await store.unfinished(since: now.advanced(by: .zero - ImportStore.patience)) {
      let outcome = try await remove(id, in: group) { try await store.resumeUndo(id, in: group, at: now, $0) }
      guard let outcome else { continue }
      logger.notice(
        outcome == .removed
          ? "an unfinished import was undone" : "an import was not undone to its end: the group was changed",
        metadata: ["group": "\(group)", "import": "\(id)"])
    }
  }

  private enum Outcome {
    case removed
    /// The rest of an import whose wished undo was refused is an import again.
    case kept
  }

  /// Removes an import whose request does not do it any more.
  /// - Parameter begin: Returns the reason; `nil` when another request removes it.
  /// - Returns: `nil` when another request does.
  private func remove(
    _ id: ID, in group: ID, begin: (WriteContext) async throws -> ImportStore.Undo?
  ) async throws -> Outcome? {
    let write = WriteContext()
    let tags = CacheTag.tags(of: group)
    return try await write.changing(tags, in: cache) {
      guard let reason = try await begin(write) else { return nil }
      do { try await store.remove(id, in: group, reason, write) } catch let refusal as Rejection {
        guard reason == .wished else { throw refusal }
        try await store.keepRest(of: id, in: group, write)
        return .kept
      }
      return .removed
    } changed: {
      $0 == nil ? [] : tags
    }
  }
}
