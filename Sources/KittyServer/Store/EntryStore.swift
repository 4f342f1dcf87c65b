import FoundationEssentials
import KittyShared

/// The rows of entries, of their revisions and of their postings. Queries are in `EntryStore+Queries.swift`.
struct EntryStore: Sendable {
  let database: any Database
  var limits = GroupLimits()
  /// The number of bytes with which a page of entries ends.
  var pageBytes = PageBytes.limit
  /// The most candidates that a filter asks an index for.
  var maxCandidates = 2000

  /// Writes a new entry, its postings and the running totals: all or nothing, in one round trip.
  /// - Returns: The entry.
  /// - Throws: `Rejection` when the id exists already, a total would overflow, or a rule no longer holds.
  /// - Parameter adjustments: Revisions of counts that are written with it.
  func insert(
    _ revision: EntryRevision, adjusting adjustments: [EntryRevision] = [], _ write: WriteContext
  ) async throws -> Entry {
    let first = try Self.first(revision)
    let rows = try await transact([first] + adjustments.map(Self.next), isOfOne: true, in: write)
    guard let row = rows.first else { throw Rejection.groupChanged }
    return Entry(
      id: revision.entry, number: try row.decode(Int64.self), content: revision.content,
      createdBy: revision.author,
      createdAt: revision.time, changedAt: revision.time, deletedAt: nil, commentCount: 0, version: 1,
      writtenContent: first.stored)
  }

  /// Writes the next revision of an entry: all or nothing, in one round trip.
  /// - Parameter adjustments: Revisions of counts that are written with it.
  /// - Returns: The entry with the revision in it.
  /// - Throws: `Rejection`: `.stale` with the current version when another request wrote that revision first.
  func revise(
    _ old: Entry, _ revision: EntryRevision, adjusting adjustments: [EntryRevision] = [],
    _ write: WriteContext
  ) async throws -> Entry {
    do {
      _ = try await transact(
        [try Self.next(revision)] + adjustments.map(Self.next), isOfOne: true, in: write)
    } catch let rejection as Rejection where rejection.reason == .stale {
      guard let current = try await find(.id(revision.entry), in: revision.group) else { throw rejection }
      throw current.stale
    }
    return Entry(
      id: old.id, number: old.number, content: revision.content, createdBy: old.createdBy,
      createdAt: old.createdAt, changedAt: revision.time, deletedAt: revision.deletedAt,
      commentCount: old.commentCount, version: revision.version)
  }

  /// Writes new entries of an import, in one transaction and one round trip.
  /// - Throws: `Rejection`: `id_taken` when one exists already, `changed_meanwhile` when a rule no longer holds.
  func insert(_ revisions: [EntryRevision], of id: ID, at now: Instant, _ write: WriteContext) async throws {
    guard let group = revisions.first?.group else { return }
    _ = try await transact(
      try revisions.map(Self.first), isOfOne: false, in: write,
      with: ImportStore.record(revisions.map(\.entry), of: id, in: group, at: now))
  }

  /// Writes the next revisions of several entries of a group, in one transaction and one round trip.
  /// - Throws: `Rejection`: `.stale` when another request wrote one of them first.
  func revise(_ revisions: [EntryRevision]) async throws {
    guard !revisions.isEmpty else { return }
    _ = try await transact(try revisions.map(Self.next), isOfOne: false, in: WriteContext())
  }

  /// A revision with the statements that depend on whether it is the first one.
  private struct Written {
    let revision: EntryRevision
    /// The content as it is stored.
    let stored: String
    /// The statement that locks the row of the group, and counts the bytes of the revision.
    let lock: SQL
    /// The statement that writes the row of the entry itself.
    let header: SQL
  }

  /// Returns the first revision of an entry, ready to be written.
  private static func first(_ revision: EntryRevision) throws -> Written {
    let content = revision.content
    let stored = try content.stored()
    let bytes = GroupBytes.of(content: stored, postings: revision.newPostings.count)
    return Written(
      revision: revision, stored: stored,
      // Takes the next number and locks the row of the group, so that the entries of one group follow each other.
      lock: """
        update groups set last_number = last_number + 1, sequence = sequence + 1, bytes = bytes + \(bytes)
        where id = \(revision.group)
        """,
      header: """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at,
          refund_of, sequence)
        select id, \(revision.entry), last_number, \(content.kind.rawValue), \(content.description),
          \(content.amount), \(content.currency), \(content.date), \(revision.author), \(revision.time),
          \(revision.time), \(content.refundOf), sequence
        from groups where id = \(revision.group)
        returning number
        """)
  }

  /// Returns a revision that follows another one, ready to be written.
  private static func next(_ revision: EntryRevision) throws -> Written {
    let content = revision.content
    let stored = try content.stored()
    let bytes = GroupBytes.of(content: stored, postings: revision.newPostings.count)
    return Written(
      revision: revision, stored: stored,
      lock: """
        update groups set sequence = sequence + 1, bytes = bytes + \(bytes) where id = \(revision.group)
        """,
      header: """
        update entries set version = \(revision.version), kind = \(content.kind.rawValue),
          description = \(content.description), amount = \(content.amount), currency = \(content.currency),
          date = \(content.date), changed_at = \(revision.time), deleted_at = \(revision.deletedAt),
          refund_of = \(content.refundOf), sequence = (select sequence from groups where id = \(revision.group))
        where group_id = \(revision.group) and id = \(revision.entry)
        """)
  }

  /// Writes all rows of revisions in one transaction and one round trip.
  /// - Parameters:
  ///   - isOfOne: `true` when all but the first one adjust other entries to it.
  ///   - others: Statements of the same transaction, after those of the revisions.
  /// - Returns: The rows of the `header` of the first one.
  /// - Throws: `Rejection`.
  private func transact(
    _ revisions: [Written], isOfOne: Bool, in write: WriteContext, with others: [SQL] = []
  ) async throws -> [Row] {
    let isNew = revisions[0].revision.version == 1
    if isOfOne, revisions.count > 1 {
      do {
        return try await transact(revisions, isOfOne: false, in: write)
      } catch let rejection as Rejection
        where rejection.reason == .stale || rejection.code == Self.idTaken.code
      {
        // Another request may have changed the first entry, or one that is adjusted to it.
        let first = revisions[0].revision
        let current = try await find(.id(first.entry), in: first.group)
        let isOfFirst = isNew ? current != nil : (current?.version ?? 0) >= first.version
        throw isOfFirst ? rejection : Rejection.groupChanged
      }
    }
    do {
      let all = try revisions.map { try statements(for: $0) }
      return try await database.transact(all.flatMap(\.statements) + others, in: write)[all[0].header]
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("revisions") || key.hasPrefix("postings") {
      throw isNew ? Self.idTaken : Rejection.stale
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("occurrences") {
      throw Rejection.groupChanged
    } catch DatabaseFailure.notUnique(let key) where key.hasPrefix("entries") {
      throw Self.idTaken
    } catch DatabaseFailure.refused(let rule) where rule.contains("postings_closed") {
      // SQLite runs this trigger before it checks the unique key.
      throw isNew ? Self.idTaken : Rejection.stale
    } catch DatabaseFailure.brokenReference {
      throw try await isFull(for: revisions) ? limits.quotaExceeded : Rejection.groupChanged
    } catch DatabaseFailure.outOfRange {
      throw Self.overflow
    } catch is Amount.Failure {
      throw Self.overflow
    }
  }

  /// Returns all statements of a revision, and the index of `header` among them.
  private func statements(for written: Written) throws -> (statements: [SQL], header: Int) {
    let revision = written.revision
    var statements = [written.lock]
    if !revision.newPostings.isEmpty {
      let rows = Self.rows(of: revision.newPostings, revision.group, revision.entry, revision.version)
      statements.append(Self.insertPostings(rows))
    }
    let changes = try BalanceChange.changes(from: revision.oldPostings, to: revision.newPostings)
    if !changes.isEmpty { statements.append(BalanceStore.add(changes, in: revision.group)) }
    statements.append(written.header)
    let index = statements.count - 1
    statements += CategoryStore.replace(
      revision.oldCategories, by: revision.newCategories, of: revision.entry, in: revision.group)
    // A deletion changes no text; a count may be restored with another difference.
    if revision.action != .deleted, revision.action != .restored || revision.content.kind == .count {
      let texts = EntryTexts(revision.content)
      statements.append(
        revision.action == .created
          ? texts.insertion(for: revision.entry, in: revision.group)
          : texts.statement(for: revision.entry, in: revision.group))
    }
    statements += SpendingStore.replace(
      revision.oldSpending, by: revision.newSpending, of: revision.entry, in: revision.group)
    statements += ReceiptStore.replace(
      revision.oldReceipts, by: revision.newReceipts, of: revision.entry, in: revision.group,
      at: revision.time)
    if let booking = revision.booking { statements += SettlementStore.book(booking, in: revision.group) }
    statements.append(insertRevision(revision, written.stored))
    if let occurrence = revision.occurrence {
      statements += RecurringStore.book(occurrence, as: revision.entry, in: revision.group, at: revision.time)
    }
    return (statements, index)
  }

  /// Returns `true` when revisions of a group would exceed its quota, which the write alone checks.
  private func isFull(for revisions: [Written]) async throws -> Bool {
    guard let limit = limits.bytes, revisions[0].revision.action != .deleted else { return false }
    let bytes = try await database.read("select bytes from groups where id = \(revisions[0].revision.group)")
      .first?.decode(Int64.self)
    let added = revisions.reduce(0) {
      $0 + GroupBytes.of(content: $1.stored, postings: $1.revision.newPostings.count)
        + ReceiptStore.addedBytes(from: $1.revision.oldReceipts, to: $1.revision.newReceipts)
    }
    return (bytes ?? 0) + added > limit
  }

  /// Returns the statement that inserts the row of the revision where all its rules hold; see `EntryGuards`.
  private func insertRevision(_ revision: EntryRevision, _ stored: String) -> SQL {
    var rules: SQL = "id = \(revision.group)"
    // A deletion is always possible; its bytes count.
    if let limit = limits.bytes, revision.action != .deleted {
      rules = "\(part: rules) and bytes <= \(limit)"
    }
    for rule in revision.guards { rules = "\(part: rules) and \(part: rule.condition(in: revision.group))" }
    return """
      insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content, sequence)
      select id, \(revision.entry), \(revision.version), \(revision.action.stored), \(revision.author),
        \(revision.time), \(revision.newPostings.count), \(stored), sequence
      from groups where \(part: rules)
      """
  }

  /// Returns the statement that inserts rows of postings.
  private static func insertPostings(_ rows: [SQL]) -> SQL { "\(part: insertingPostings) \(list: rows)" }

  /// The statement that inserts postings, up to its first row.
  static let insertingPostings: SQL =
    "insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount) values"

  /// Returns a row of values for each posting of a revision.
  static func rows(of postings: [Posting], _ group: ID, _ entry: ID, _ version: Int64) -> [SQL] {
    let (group, entry) = (group.sqlValue, entry.sqlValue)
    return postings.enumerated().map { line, posting in
      """
      (\(group), \(entry), \(version), \(line), \(posting.account), \(posting.kind.rawValue),
        \(posting.amount.currency), \(posting.amount.minorUnits))
      """
    }
  }

  private static let idTaken = Rejection.conflict(
    "id_taken", "An entry with this id exists already. Send another id, or none.")
  private static let overflow = Rejection.invalid(
    "amount", "too_large", "With this amount a balance would no longer fit 64 bits. Enter a smaller amount.")
}

extension Entry {
  /// The rejection of a change that names another version than the current one.
  var stale: Rejection { .stale("#\(number)", version: version) }
}

extension EntryContent {
  /// Decodes the content of a stored revision.
  init(stored text: String) throws { self = try JSON.decode(EntryContent.self, from: Data(text.utf8)) }

  /// Encodes the content for a revision.
  func stored() throws -> String { try JSON.text(of: self) }
}

extension Revision.Action {
  /// Decodes the action of a stored revision.
  /// - Parameters:
  ///   - content: The content after it.
  ///   - before: The content before it; `nil` when that is not known. The money of a count is never changed by a request, so
  ///     one with other money was adjusted.
  init(stored text: String, _ content: EntryContent, after before: EntryContent?) throws {
    guard let action = Self(rawValue: text) else { throw DatabaseFailure.fault("unknown action \(text)") }
    let isSameMoney = before?.amount == content.amount && before?.expected == content.expected
    self = action == .changed && content.kind == .count && !isSameMoney ? .adjusted : action
  }

  /// The action as it is stored.
  var stored: String { self == .adjusted ? Self.changed.rawValue : rawValue }
}
