import KittyShared

/// Whole groups as files, out and in.
struct GroupImportStore: Sendable {
  let database: any Database

  /// How many entries are read or written at a time.
  static let chunk = 500

  /// Everything but the entries.
  func head(of group: ID) async throws -> GroupFile {
    let rows = try await database.read([
      "select name, currency, created_at, closed_until, last_number, own_entries_only from groups where id = \(group)",
      """
      select id, name, weight, created_at, removed_at, role from accounts
      where group_id = \(group) and kind = 'member' order by id
      """,
      """
      select account_id, currency, amount from targets where group_id = \(group)
      order by account_id, currency
      """,
    ])
    guard let row = rows[0].first else { throw Rejection.notFound("group") }
    let (name, currency, created, closed, last, ownOnly) = try row.decode(
      String.self, Currency.self, Instant.self, Day?.self, Int64.self, Int.self)
    var owner: ID?
    let members = try rows[1].map { row in
      let (id, name, weight, created, removed, role) = try row.decode(
        ID.self, String.self, Int64.self, Instant.self, Instant?.self, String.self)
      if role == Member.Role.owner.rawValue, removed == nil { owner = id }
      return GroupFile.FileMember(id: id, name: name, weight: weight, createdAt: created, removedAt: removed)
    }
    guard let owner else { throw DatabaseFailure.fault("group \(group) has no owner") }
    let targets = try rows[2].map { row in
      let (member, currency, amount) = try row.decode(ID.self, Currency.self, Int64.self)
      return GroupFile.FileTarget(member: member, currency: currency, amount: amount)
    }
    return GroupFile(
      name: name, currency: currency, createdAt: created, closedUntil: closed,
      ownEntriesOnly: ownOnly == 1 ? true : nil, lastNumber: last, owner: owner, members: members,
      targets: targets, entries: [])
  }

  /// The entries with numbers above `after`, at most `chunk` of them, in the order of their numbers.
  func entries(of group: ID, after: Int64) async throws -> [GroupFile.FileEntry] {
    let these: SQL = """
      select id from entries where group_id = \(group) and number > \(after) order by number
      limit \(Self.chunk)
      """
    let rows = try await database.read([
      """
      select id, number from entries where group_id = \(group) and number > \(after) order by number
      limit \(Self.chunk)
      """,
      """
      select entry_id, action, made_by, made_at, content from revisions
      where group_id = \(group) and entry_id in (\(part: these)) order by entry_id, revision
      """,
      """
      select entry_id, id, text, created_by, created_at from comments
      where group_id = \(group) and entry_id in (\(part: these)) order by entry_id, id
      """,
    ])
    var revisions: [ID: [GroupFile.FileRevision]] = [:]
    for row in rows[1] {
      let (entry, action, by, at, content) = try row.decode(
        ID.self, String.self, ID.self, Instant.self, String.self)
      revisions[entry, default: []].append(
        GroupFile.FileRevision(
          action: try Revision.Action(stored: action), by: by, at: at,
          content: try EntryContent(stored: content)))
    }
    var comments: [ID: [GroupFile.FileComment]] = [:]
    for row in rows[2] {
      let (entry, id, text, by, at) = try row.decode(ID.self, ID.self, String.self, ID.self, Instant.self)
      comments[entry, default: []].append(.init(id: id, text: text, by: by, at: at))
    }
    return try rows[0].map { row in
      let (id, number) = try row.decode(ID.self, Int64.self)
      return GroupFile.FileEntry(
        id: id, number: number, revisions: revisions[id] ?? [], comments: comments[id] ?? [])
    }
  }

  /// Every currency in the books that count, and their first day.
  func range(of group: ID) async throws -> (currencies: [Currency], firstDay: Day?) {
    let rows = try await database.read([
      """
      select distinct p.currency from postings p \(part: BalanceStore.counting)
      where p.group_id = \(group) order by p.currency
      """,
      "select min(date) from entries where group_id = \(group) and deleted_at is null",
    ])
    return (try rows[0].map { try $0.decode(Currency.self) }, try rows[1].first?.decode(Day?.self) ?? nil)
  }

  /// Takes a file into a group without entries: all of it or nothing. The group's owner takes the place of
  /// the file's owner; the other members become guests. Guests and invites that the group had go.
  /// - Throws: `Rejection` when the group has entries or other members with an account, or its books cannot hold what
  ///   the file says.
  func take(_ file: GroupFile, into group: ID, user: ID) async throws {
    // Who joins after this look stays, beside the members of the file.
    let others: SQL =
      "select id from accounts where group_id = \(group) and removed_at is null and user_id <> \(user)"
    guard try await database.read(others).isEmpty else {
      throw Rejection.conflict(
        "not_empty", "Others have joined this group already. Import into a new group, then invite them.")
    }
    var statements: [SQL] = [
      MemberStore.lock(group),
      // Entries of which any is there refer to the accounts that are removed here, and stop it.
      "delete from targets where group_id = \(group)",
      "delete from balances where group_id = \(group)",
      "delete from invites where group_id = \(group)",
      """
      delete from accounts where group_id = \(group) and kind = 'member'
        and (user_id is null or user_id = \(user) or removed_at is not null)
      """,
      """
      update groups set name = \(file.name.trimmed), currency = \(file.currency), created_at = \(file.createdAt),
        closed_until = \(file.closedUntil), last_number = \(file.lastNumber),
        own_entries_only = \(file.ownEntriesOnly == true ? 1 : 0), version = version + 1,
        first_sequence = sequence
      where id = \(group)
      """,
    ]
    let members: [SQL] = file.members.map { member in
      let isOwner = member.id == file.owner
      let role = isOwner ? Member.Role.owner : .guest
      return """
        (\(group), \(member.id), 'member', \(member.name), \(member.name.lowercased()),
          \(isOwner ? user : nil), \(role.rawValue), \(member.weight), \(member.createdAt), \(member.removedAt))
        """
    }
    for rows in members.chunks(of: 200) {
      statements.append(
        """
        insert into accounts (group_id, id, kind, name, name_key, user_id, role, weight, created_at, removed_at)
        values \(list: rows)
        """)
    }
    let targets: [SQL] = file.targets.map { "(\(group), \($0.member), \($0.currency), \($0.amount))" }
    for rows in targets.chunks(of: 200) {
      statements.append("insert into targets (group_id, account_id, currency, amount) values \(list: rows)")
    }
    do {
      statements += try books(of: file, in: group)
      try await database.transact(statements)
    } catch DatabaseFailure.brokenReference {
      throw Rejection.conflict("not_empty", "This group has entries already. Import into a new group.")
    } catch DatabaseFailure.outOfRange {
      throw Rejection.invalid("entries", "too_large", "With these entries a balance would not fit 64 bits.")
    } catch is Amount.Failure {
      throw Rejection.invalid("entries", "too_large", "With these entries a balance would not fit 64 bits.")
    } catch DatabaseFailure.refused(let rule) {
      // The file's own checks should have said what; the database's are the last word.
      throw Rejection.invalid("entries", "refused", "The books refuse what is in the file (\(rule)).")
    } catch DatabaseFailure.notUnique {
      throw Rejection.invalid("entries", "twice", "Something in the file is there twice.")
    }
  }

  private func books(of file: GroupFile, in group: ID) throws -> [SQL] {
    var postings: [SQL] = []
    var statements: [SQL] = []
    // PostgreSQL sums up each statement, so a revision's postings are never spread over two; and a statement
    // has at most 32,766 parameters on SQLite.
    func writePostings() {
      guard !postings.isEmpty else { return }
      statements.append(
        """
        insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)
        values \(list: postings)
        """)
      postings = []
    }
    var revisions: [SQL] = []
    var entries: [SQL] = []
    var comments: [SQL] = []
    var totals: [Posting] = []
    for (place, entry) in file.entries.enumerated() {
      guard let first = entry.revisions.first, let last = entry.revisions.last else { continue }
      for (index, revision) in entry.revisions.enumerated() {
        let version = Int64(index + 1)
        let lines =
          revision.action == .deleted ? [] : revision.content.postings(group: group, entry: entry.id)
        postings += EntryWrite.rows(group, entry.id, version, lines)
        if postings.count > 2000 { writePostings() }
        revisions.append(
          """
          (\(group), \(entry.id), \(version), \(revision.action.rawValue), \(revision.by), \(revision.at),
            \(lines.count), \(try revision.content.stored()))
          """)
        if index == entry.revisions.count - 1 { totals += lines }
      }
      let content = last.content
      entries.append(
        """
        (\(group), \(entry.id), \(entry.number), \(content.kind.rawValue), \(content.description),
          \(content.amount), \(content.currency), \(content.date), \(first.by), \(first.at), \(last.at),
          \(last.action == .deleted ? last.at : nil), \(entry.revisions.count),
          \(place + 1) + (select sequence from groups where id = \(group)))
        """)
      comments += entry.comments.map {
        "(\(group), \(entry.id), \($0.id), \($0.text), \($0.by), \($0.at))"
      }
    }
    writePostings()
    let changes = try BalanceChange.changes(from: [], to: totals)
    return statements
      + changes.chunks(of: 1000).map { EntryWrite.add($0, in: group) }
      + entries.chunks(of: 1000).map { rows in
        """
        insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by,
          created_at, changed_at, deleted_at, version, sequence)
        values \(list: rows)
        """
      }
      + revisions.chunks(of: 1000).map { rows in
        """
        insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)
        values \(list: rows)
        """
      }
      + comments.chunks(of: 1000).map { rows in
        """
        insert into comments (group_id, entry_id, id, text, created_by, created_at) values \(list: rows)
        """
      } + ["update groups set sequence = sequence + \(file.entries.count) where id = \(group)"]
  }
}

extension Array {
  /// The elements in pieces of at most `size`.
  func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
