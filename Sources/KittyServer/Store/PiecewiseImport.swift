import KittyShared
import Logging

/// An import in many short transactions, for a database with one writer: others write between them.
///
/// Until the last transaction, the group is marked as deleted and as being imported, and no request sees any of it. The
/// members of the file are added as former members with a mark, beside those that the group has. The last transaction
/// replaces the members, and shows the group again. Everything before it can be undone: `abandon` leaves the group as it
/// was. After a crash, the next start of a server abandons the imports that are not finished.
struct PiecewiseImport: Sendable {
  private let database: any Database
  private let file: GroupFile
  private let group: ID
  private let owner: ID
  private let logger: Logger
  /// The change sequence of the group before the import.
  private let sequence: Int64

  /// The mark of a member of the file in `removed_sequence`.
  private static let isNew: Int64 = -1
  /// The largest mark of a member of the file whose id a member of the group has already. A smaller one keeps the number
  /// that the member had: invites made before a removal ask for it.
  private static let isKnown: Int64 = -2
  /// The number of entries that are deleted in one transaction.
  private static let entriesOfPiece = 50

  /// - Throws: `Rejection` when the group does not exist any more.
  init(of file: GroupFile, into group: ID, owner: ID, _ database: any Database, _ logger: Logger) async throws
  {
    (self.file, self.group, self.owner) = (file, group, owner)
    (self.database, self.logger) = (database, logger)
    let rows = try await database.read("select sequence from groups where id = \(group)")
    guard let row = rows.first else { throw Rejection.notFound("group") }
    sequence = try row.decode(Int64.self)
  }

  /// The last number of the change sequence before the first entry: the members have those before it. The categories,
  /// the rules and the settling rounds come between them.
  var base: Int64 { baseOfRounds + Int64(file.settlements?.count ?? 0) }
  private var baseOfRounds: Int64 { baseOfRules + Int64(file.recurring?.count ?? 0) }
  private var baseOfRules: Int64 { baseOfCategories + Int64(file.categories?.count ?? 0) }
  private var baseOfCategories: Int64 { sequence + 1 + Int64(file.members.count) }

  /// Writes the file.
  /// - Parameters:
  ///   - end: The statements of the last transaction that concern the entries.
  ///   - write: The context of the last transaction, which alone has its guard.
  ///   - onChange: Called when the group was hidden, or shown again after a failure: what is cached of it is stale.
  ///   - writeEntries: Inserts the entries: it runs each transaction by its argument.
  /// - Throws: `Rejection` when the group has entries or was changed meanwhile; `DatabaseFailure`. Then nothing is changed,
  ///   or the next start of a server undoes it.
  func run(
    end: [SQL], _ write: WriteContext, onChange: @escaping @Sendable () async -> Void,
    writeEntries: (_ run: @escaping StatementRunner) async throws -> Void
  ) async throws {
    try await hide(write)
    do {
      await onChange()
      for members in file.members.chunks(of: 500) {
        try await database.transact(members.chunks(of: 100).map(insertion), in: WriteContext())
      }
      try await writeEntries { try await database.transact($0, in: WriteContext()) }
      try await database.transact(try replacement() + end, in: write)
    } catch {
      await undo(onChange)
      throw error
    }
  }

  /// Undoes the import. What fails now, on a full disk for example, is tried again for some minutes after the request; after
  /// them, the next start of a server does it. It undoes nothing when the last transaction was committed all the same.
  private func undo(_ onChange: @escaping @Sendable () async -> Void) async {
    // In tasks of their own, which are neither cancelled with the request nor in its share of the database.
    let failure = await Task.detached { [group, database] in await Self.tryToAbandon(group, database) }.value
    await onChange()
    guard let failure else { return }
    let place: Logger.Metadata = ["group": "\(group)"]
    logger.warning(
      "a failed import is not undone yet: its group answers 503 until it is",
      metadata: place.merging(["error": "\(failure)"]) { $1 })
    Task.detached { [group, database, logger] in
      var last: (any Error)? = failure
      for attempt in 0..<20 where last != nil {
        try await Task.sleep(for: .milliseconds(min(500 << attempt, 30_000)))
        last = await Self.tryToAbandon(group, database)
      }
      if let last {
        logger.error(
          "a failed import could not be undone: its group answers 503 until the next start",
          metadata: place.merging(["error": "\(last)"]) { $1 })
      } else {
        logger.notice("a failed import was undone", metadata: place)
      }
      await onChange()
    }
  }

  private func hide(_ write: WriteContext) async throws {
    let rows = try await database.transact(
      [
        """
        update groups set deleted_at = \(Instant.now), importing = \(Instant.now), sequence = \(base)
        where id = \(group) and deleted_at is null and sequence = \(sequence)
          and not exists (select 1 from entries where group_id = \(group))
          and not exists (\(part: GroupImportStore.otherUsers(in: group, than: owner)))
        returning id
        """
      ], in: WriteContext())
    guard rows[0].isEmpty else { return }
    // The guard fails when this very request has been done already; that matters more than what it has left behind.
    try await database.transact(["select 1"], in: write)
    let entries = try await database.read("select 1 from entries where group_id = \(group) limit 1")
    throw entries.isEmpty
      ? Rejection.conflict("changed_meanwhile", "The group was changed meanwhile. Try again.")
      : GroupImportStore.notEmpty
  }

  /// Returns the statement that adds members of the file as former members.
  private func insertion(of members: [GroupFile.FileMember]) -> SQL {
    let rows: [SQL] = members.map { member in
      """
      (\(group), \(member.id), 'member', \(member.name), \(member.name.nameKey), \(Member.Role.guest.rawValue),
        \(member.weight), \(member.createdAt), \(member.createdAt), \(Self.isNew), 1)
      """
    }
    return """
      insert into accounts (
        group_id, id, kind, name, name_key, role, weight, created_at, removed_at, removed_sequence, sequence)
      values \(list: rows)
      on conflict (group_id, id) do update
        set removed_sequence = \(Self.isKnown) - accounts.removed_sequence, sequence = accounts.sequence + 1
      """
  }

  /// The statements that replace the members of the group and its fields, and show it again.
  private func replacement() throws -> [SQL] {
    let removals: [SQL] =
      [
        "delete from targets where group_id = \(group)",
        GroupImportStore.deleteCategories(of: group),
      ] + GroupImportStore.deleteRecurring(of: group) + [
        "delete from balances where group_id = \(group)",
        "delete from settlement_payments where group_id = \(group)",
        "delete from settlements where group_id = \(group)",
        "delete from invites where group_id = \(group)",
        """
        delete from accounts where group_id = \(group) and kind = 'member' and removed_sequence >= 0
          and (user_id is null or user_id = \(owner) or removed_at is not null)
        """,
        // Names and users are unique among the present members: first all of the file are former ones. A member without a
        // user is a guest.
        """
        update accounts set removed_at = created_at, user_id = null, role = \(Member.Role.guest.rawValue), sequence = -1
        where group_id = \(group) and removed_sequence <= \(Self.isKnown)
        """,
      ]
    let split = try file.storedDefaultSplit
    let members: [SQL] = Array(file.members.enumerated()).chunks(of: 100).map(update)
    let fields: SQL = """
      update groups set name = \(file.name.trimmed), currency = \(file.currency), created_at = \(file.createdAt),
        closed_until = \(file.closedUntil), last_number = \(file.lastNumber),
        own_entries_only = \(file.ownEntriesOnly == true ? 1 : 0), version = version + 1,
        default_split = \(split), first_sequence = \(sequence + 1), sequence = \(base), importing = null,
        deleted_at = case when importing is null then deleted_at end
      where id = \(group)
      """
    let categories = GroupImportStore.categories(of: file, in: group, after: "\(baseOfCategories)")
    let rules = try GroupImportStore.recurring(of: file, in: group, after: "\(baseOfRules)")
    let rounds = try SettlementStore.rounds(of: file, in: group, after: "\(baseOfRounds)")
    let lists = GroupImportStore.targets(of: file, in: group) + categories + rules + rounds
    return removals + members + [fields] + lists
  }

  /// Returns the statement that gives members of the file their fields. They have numbers of the change sequence in the
  /// order of the file.
  private func update(_ members: [(offset: Int, element: GroupFile.FileMember)]) -> SQL {
    // The owner may delete the account meanwhile, and the group with it.
    let user: SQL = "(select id from users where id = \(owner))"
    let role: SQL =
      "case when \(part: user) is null then \(Member.Role.guest.rawValue) else \(Member.Role.owner.rawValue) end"
    let rows: [SQL] = members.map { index, member in
      let isOwner = member.id == file.owner
      return """
        (\(member.id), \(member.name), \(member.name.nameKey), \(part: isOwner ? user : "null"),
          \(part: isOwner ? role : "\(Member.Role.guest.rawValue)"), \(member.weight),
          \(member.createdAt), \(member.removedAt), \(sequence + 2 + Int64(index)),
          \(member.removedAt == nil ? member.iban.flatMap(IBAN.init)?.text : nil))
        """
    }
    return """
      update accounts set name = f.column2, name_key = f.column3, user_id = f.column4, role = f.column5,
        weight = f.column6, created_at = f.column7, removed_at = f.column8, removed_sequence = 0, version = 1,
        sequence = f.column9, iban = f.column10
      from (values \(list: rows)) f where accounts.group_id = \(group) and accounts.id = f.column1
      """
  }

  /// Undoes the unfinished imports of all groups, in short transactions. A server calls it before it answers requests, when
  /// no import can be running.
  static func abandonAll(_ database: any Database) async throws -> Int {
    let groups = try await database.read("select id from groups where importing is not null")
      .map { try $0.decode(ID.self) }
    for group in groups { try await abandon(group, database) }
    return groups.count
  }

  /// - Returns: The error of an attempt that failed.
  private static func tryToAbandon(_ group: ID, _ database: any Database) async -> (any Error)? {
    do {
      try await abandon(group, database)
      return nil
    } catch {
      return error
    }
  }

  /// Undoes an unfinished import. It does nothing to a group that is not being imported.
  private static func abandon(_ group: ID, _ database: any Database) async throws {
    let hidden: SQL = "(select id from groups where id = \(group) and importing is not null)"
    while true {
      let found = try await database.read(
        "select id from entries where group_id in \(part: hidden) limit \(entriesOfPiece)")
      guard !found.isEmpty else { break }
      let ids = try found.map { try $0.decode(ID.self) }
      let entries: [SQL] = ids.map { "\($0)" }
      let rows: SQL = "group_id in \(part: hidden) and entry_id in (\(list: entries))"
      try await database.transact(
        [
          "delete from comments where \(part: rows)",
          "delete from entry_categories where \(part: rows)",
          "delete from entry_texts where \(part: rows)",
          "delete from comment_texts where \(part: rows)",
          "delete from spending where \(part: rows)",
          "delete from postings where \(part: rows)",
          "delete from entries where group_id in \(part: hidden) and id in (\(list: entries))",
          "delete from revisions where \(part: rows)",
        ], in: WriteContext())
    }
    try await database.transact(
      [
        "delete from accounts where group_id in \(part: hidden) and removed_sequence = \(isNew)",
        """
        update accounts set removed_sequence = \(isKnown) - removed_sequence, sequence = sequence + 1
        where group_id in \(part: hidden) and removed_sequence <= \(isKnown)
        """,
        "update groups set deleted_at = null, importing = null where id in \(part: hidden)",
      ], in: WriteContext())
  }
}
