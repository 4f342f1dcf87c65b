import KittyShared
import Logging

/// The rows that an import writes.
struct GroupImportStore: Sendable {
  let database: any Database
  let logger: Logger
  var limits = GroupLimits()

  /// Returns whether a user other than the owner is a member of the group.
  func hasOtherUsers(in group: ID, than owner: ID) async throws -> Bool {
    try await !database.read(Self.otherUsers(in: group, than: owner)).isEmpty
  }

  /// Returns the query for the members with an account other than that of a user.
  static func otherUsers(in group: ID, than owner: ID) -> SQL {
    "select id from accounts where group_id = \(group) and removed_at is null and user_id <> \(owner)"
  }

  /// Replaces everything in a group without entries by the content of a file: all of it or nothing. The members of the
  /// file become guests, except its owner, whose account goes to `owner`.
  /// - Parameters:
  ///   - onChange: Called when the group was hidden for the time of the import, or shown again: what is cached of it is
  ///     stale.
  ///   - forEachEntry: Calls its argument with each entry of the file. It is called twice: first everything is added up, then
  ///     it is written.
  /// - Throws: `Rejection` when the group has entries, the file is too large for it, or breaks a rule of the books.
  func insert(
    _ file: GroupFile, into group: ID, owner: ID, _ write: WriteContext,
    onChange: @escaping @Sendable () async -> Void = {},
    forEachEntry: ((GroupFile.FileEntry) async throws -> Void) async throws -> Void
  ) async throws {
    do {
      var sums = EntrySums(of: group)
      try await forEachEntry { entry in
        try sums.add(entry)
        if let limit = limits.bytes, sums.bytes > limit { throw limits.quotaExceeded }
      }
      if database.hasOneWriter {
        let pieces = try await PiecewiseImport(of: file, into: group, owner: owner, database, logger)
        try await pieces.run(end: sums.statements, write, onChange: onChange) { run in
          try await Self.insert(EntryRows(group: group, after: pieces.base), forEachEntry, run)
        }
      } else {
        let statements = try Self.replacement(of: group, by: file, owner: owner)
        try await database.transact(in: write) { run in
          try await run(statements)
          try await Self.insert(EntryRows(group: group), forEachEntry, run)
          try await run(sums.statements)
        }
      }
    } catch DatabaseFailure.brokenReference {
      throw Self.notEmpty
    } catch DatabaseFailure.outOfRange {
      throw Self.tooLarge
    } catch is Amount.Failure {
      throw Self.tooLarge
    } catch DatabaseFailure.refused(let rule) {
      // The checks of the file should have found this; the database is the last safeguard.
      throw Rejection.invalid("entries", "refused", "The file breaks a rule of the books (\(rule)).")
    } catch DatabaseFailure.notUnique {
      throw Rejection.invalid(
        "entries", "twice", "An id, a number or a name occurs twice in the file. Each must be unique.")
    }
  }

  /// Writes the entries piece by piece.
  private static func insert(
    _ rows: EntryRows, _ forEachEntry: ((GroupFile.FileEntry) async throws -> Void) async throws -> Void,
    _ run: @escaping StatementRunner
  ) async throws {
    var rows = rows
    try await forEachEntry { entry in
      try rows.add(entry)
      if rows.isFull { try await run(rows.take()) }
    }
    let rest = rows.take()
    if !rest.isEmpty { try await run(rest) }
  }

  static let notEmpty = Rejection.conflict(
    "not_empty", "This group has entries already. Import into a new group.")
  private static let tooLarge = Rejection.invalid(
    "entries", "too_large", "With these entries a balance would not fit 64 bits.")

  /// Returns the statements that replace everything in a group but its entries.
  private static func replacement(of group: ID, by file: GroupFile, owner: ID) throws -> [SQL] {
    let base: SQL = "(select sequence from groups where id = \(group))"
    var statements = try replace(group, by: file, owner: owner)
    statements += members(of: file, in: group, owner: owner)
    statements += targets(of: file, in: group)
    statements += categories(of: file, in: group, after: base)
    statements.append(counting(file.categories?.count ?? 0, in: group))
    statements += try recurring(of: file, in: group, after: base)
    statements.append(counting(file.recurring?.count ?? 0, in: group))
    statements += try SettlementStore.rounds(of: file, in: group, after: base)
    statements.append(counting(file.settlements?.count ?? 0, in: group))
    return statements
  }

  /// Returns the statements that empty a group and give it the fields of a file.
  private static func replace(_ group: ID, by file: GroupFile, owner: ID) throws -> [SQL] {
    let split = try file.storedDefaultSplit
    return [
      GroupStore.nextSequence(of: group),
      // Rounds of a group without entries have nothing that was paid.
      "delete from settlement_payments where group_id = \(group)",
      "delete from settlements where group_id = \(group)",
      // An entry of the group refers to the accounts that are deleted here, and so fails the import.
      "delete from targets where group_id = \(group)",
      deleteCategories(of: group),
    ] + deleteRecurring(of: group) + [
      "delete from balances where group_id = \(group)",
      "delete from invites where group_id = \(group)",
      """
      delete from accounts where group_id = \(group) and kind = 'member'
        and (user_id is null or user_id = \(owner) or removed_at is not null)
      """,
      """
      update groups set name = \(file.name.trimmed), currency = \(file.currency), created_at = \(file.createdAt),
        closed_until = \(file.closedUntil), last_number = \(file.lastNumber),
        own_entries_only = \(file.ownEntriesOnly == true ? 1 : 0), version = version + 1,
        default_split = \(split), first_sequence = sequence
      where id = \(group)
      """,
    ]
  }

  /// Returns the statements that insert the members of a file.
  private static func members(of file: GroupFile, in group: ID, owner: ID) -> [SQL] {
    let members: [SQL] = file.members.enumerated().map { index, member in
      let isOwner = member.id == file.owner
      let role = isOwner ? Member.Role.owner : .guest
      return """
        (\(group), \(member.id), 'member', \(member.name), \(member.name.nameKey),
          \(isOwner ? owner : nil), \(role.rawValue), \(member.weight),
          \(member.removedAt == nil ? member.iban.flatMap(IBAN.init)?.text : nil), \(member.createdAt), \(member.removedAt),
          \(index + 1) + (select sequence from groups where id = \(group)))
        """
    }
    var statements: [SQL] = members.chunks(of: 200).map { rows in
      """
      insert into accounts (
        group_id, id, kind, name, name_key, user_id, role, weight, iban, created_at, removed_at, sequence)
      values \(list: rows)
      """
    }
    // The trigger of a distributed database has numbered the members and the group already.
    statements.append(
      """
      update groups set sequence = (select max(sequence) from accounts where group_id = \(group))
      where id = \(group) and sequence < (select max(sequence) from accounts where group_id = \(group))
      """)
    return statements
  }

  /// Returns the statements that insert the targets of a file.
  static func targets(of file: GroupFile, in group: ID) -> [SQL] {
    let targets: [SQL] = file.targets.map { "(\(group), \($0.member), \($0.currency), \($0.amount))" }
    return targets.chunks(of: 200).map { rows in
      "insert into targets (group_id, account_id, currency, amount) values \(list: rows)"
    }
  }

  /// Returns the statement that counts changes of a group.
  private static func counting(_ changes: Int, in group: ID) -> SQL {
    "update groups set sequence = sequence + \(changes) where id = \(group)"
  }

  /// Returns the statement that deletes the categories that a group had.
  static func deleteCategories(of group: ID) -> SQL { "delete from categories where group_id = \(group)" }

  /// Returns the statements that insert the categories of a file.
  /// - Parameter base: The number of the change sequence before that of the first one.
  static func categories(of file: GroupFile, in group: ID, after base: SQL) -> [SQL] {
    let categories: [SQL] = (file.categories ?? []).enumerated().map { index, category in
      """
      (\(group), \(category.id), \(category.name), \(category.name.nameKey), \(category.parent),
        \(category.createdAt), \(category.archivedAt), \(category.removedAt), \(category.removedInto),
        \(index + 1) + \(part: base))
      """
    }
    return categories.chunks(of: 100).map { rows in
      """
      insert into categories (group_id, id, name, name_key, parent_id, created_at, archived_at, removed_at,
        removed_into, sequence)
      values \(list: rows)
      """
    }
  }
}

extension GroupImportStore {
  /// Returns the statements that delete the rules that a group had.
  static func deleteRecurring(of group: ID) -> [SQL] {
    ["delete from occurrences where group_id = \(group)", "delete from recurring where group_id = \(group)"]
  }

  /// Returns the statements that insert the rules of a file, and their days.
  /// - Parameter base: The number of the change sequence before that of the first one.
  static func recurring(of file: GroupFile, in group: ID, after base: SQL) throws -> [SQL] {
    let rules = file.recurring ?? []
    let rows: [SQL] = try rules.enumerated().map { index, rule in
      let days = rule.recurrence
      let due = rule.removedAt == nil ? days.day(rule.next) : nil
      return """
        (\(group), \(rule.id), \(try JSON.text(of: rule.template)), \(days.from), \(days.first), \(days.step),
          \(days.unit.rawValue), \(days.dayOfMonth), \(days.until), \(days.times), \(rule.zone),
          \(rule.mode.rawValue), \(rule.next), \(due), \(rule.held?.code), \(rule.held?.message),
          \(rule.held?.since), \(rule.series?.key ?? ""), \(rule.series?.turns ?? 0), \(rule.createdBy),
          \(rule.createdAt), \(rule.removedAt), \(index + 1) + \(part: base))
        """
    }
    let days: [SQL] = rules.flatMap { rule in
      rule.occurrences.map { day in
        """
        (\(group), \(rule.id), \(day.k), \(day.date), \(day.state.rawValue), \(day.reason), \(day.entry),
          \(day.at))
        """
      }
    }
    return rows.chunks(of: 50).map { rows in
      """
      insert into recurring (group_id, id, template, anchor, first_k, step, unit, day_of_month, until_day, times,
        zone, mode, next_k, due_on, held_code, held_message, held_at, series_key, series_turns, created_by,
        created_at, removed_at, sequence)
      values \(list: rows)
      """
    }
      + days.chunks(of: 200).map { rows in
        """
        insert into occurrences (group_id, rule_id, k, date, state, reason, entry_id, at) values \(list: rows)
        """
      }
  }
}

extension Array {
  /// Returns the elements in pieces of at most `size`.
  func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

extension GroupFile {
  /// The default split as it is stored.
  var storedDefaultSplit: String? {
    get throws { try defaultSplit.map { try JSON.text(of: $0) } }
  }
}
