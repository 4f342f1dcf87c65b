import KittyShared

/// Groups as rows, each seen by one of its members.
struct GroupStore: Sendable {
  let database: any Database

  /// Makes the group, its kitty and its first member.
  /// - Throws: `Rejection` when the id is taken.
  func insert(
    _ group: NewGroup, id: ID, owner: ID, named name: String, user: ID, at now: Instant, _ write: WriteContext
  )
    async throws
  {
    do {
      try await database.transact(
        [
          """
          insert into groups (id, name, currency, created_at)
          values (\(id), \(group.name.trimmed), \(group.currency), \(now))
          """,
          """
          insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at)
          values (\(id), \(id), 'kitty', 'Kitty', 'kitty', \(nil as ID?), 'kitty', \(now)),
            (\(id), \(owner), 'member', \(name), \(name.lowercased()), \(user), 'owner', \(now))
          """,
        ], in: write)
    } catch DatabaseFailure.notUnique("groups_id") {
      throw Rejection.conflict("id_taken", "There is a group with this id already.")
    }
  }

  /// The group, or `nil` when the user is not in it.
  func find(_ group: ID, for user: ID) async throws -> Group? {
    try await groups(of: user, limit: 1, where: "g.id = \(group)").first
  }

  /// The groups of a user, newest first.
  /// - Parameters:
  ///   - only: The only one that may be seen; all when `nil`.
  ///   - before: The id of the last group of the page before.
  func list(
    for user: ID, _ state: GroupState, only: ID? = nil, limit: Int, before: ID?
  ) async throws -> [Group] {
    let visible: SQL = only.map { "and g.id = \($0)" } ?? ""
    let condition: SQL =
      switch state {
      case .inUse: "g.deleted_at is null and g.archived_at is null"
      case .archived: "g.deleted_at is null and g.archived_at is not null"
      case .deleted: "g.deleted_at is not null and a.role = 'owner'"
      }
    return try await groups(
      of: user, limit: limit, where: "g.id < \(before ?? ID.last) and \(part: condition) \(part: visible)")
  }

  private func groups(of user: ID, limit: Int, where condition: SQL) async throws -> [Group] {
    let mine: SQL = """
      from groups g join accounts a on a.group_id = g.id
      where a.user_id = \(user) and a.removed_at is null and \(part: condition)
      order by g.id desc limit \(limit)
      """
    let rows = try await database.read([
      """
      select g.id, g.name, g.currency, a.id, g.photo_hash, g.photo_width, g.photo_height, g.created_at,
        g.archived_at, g.closed_until, g.deleted_at, g.version, g.sequence, \(part: Self.memberCount), a.role,
        g.own_entries_only
      \(part: mine)
      """,
      """
      select b.group_id, b.account_id, b.currency, b.paid - b.share + b.sent - b.received
      from (select g.id as group_id, a.id as me \(part: mine)) mine
      join balances b on b.group_id = mine.group_id and b.account_id in (mine.me, mine.group_id)
      where b.paid - b.share + b.sent - b.received <> 0
      order by b.currency
      """,
    ])
    return try Self.groups(rows[0], balances: rows[1])
  }

  /// ChangeSet the group if it still has `version`; any version will do when that is `nil`.
  /// - Returns: Whether it was changed.
  func change(_ group: ID, _ change: GroupChange, version: Int64?, at now: Instant, _ write: WriteContext)
    async throws -> Bool
  {
    let rows = try await database.transact(
      [
        """
        update groups set version = version + 1, sequence = sequence + 1, name = coalesce(\(change.name?.trimmed), name),
          archived_at = case when \(change.archived == nil) then archived_at
            when \(change.archived == true) then coalesce(archived_at, \(now)) else null end,
          closed_until = case when \(change.closedUntil == .keep) then closed_until
            else \(change.closedUntil.applied(to: nil)) end,
          own_entries_only = coalesce(\(change.ownEntriesOnly.map { $0 ? 1 : 0 }), own_entries_only)
        where id = \(group) and deleted_at is null and (\(version == nil) or version = \(version ?? 0))
        returning id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Marks the group as deleted, when nobody in it owes anything or that does not matter.
  /// - Returns: Whether it was done.
  func delete(_ group: ID, force: Bool, at now: Instant, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        // Entries are made under the same lock, so that no balance can change in between.
        MemberStore.lock(group),
        """
        update groups set deleted_at = \(now), version = version + 1
        where id = \(group) and deleted_at is null and (\(force) or not exists (
          select 1 from balances b
          where b.group_id = \(group) and b.paid - b.share + b.sent - b.received <> 0))
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Deletes the group for its owner, who leaves it, if nobody else in it has an account and nobody owes anything.
  /// - Returns: Whether it was done, and how many others have an account.
  func leave(_ group: ID, asOwner owner: ID, at now: Instant, _ write: WriteContext) async throws -> (
    isDone: Bool, others: Int
  ) {
    let others: SQL = """
      select count(*) from accounts
      where group_id = \(group) and user_id is not null and removed_at is null and id <> \(owner)
      """
    let rows = try await database.transact(
      [
        MemberStore.lock(group),
        """
        update groups set deleted_at = \(now), version = version + 1
        where id = \(group) and deleted_at is null and 0 = (\(part: others)) and not exists (
          select 1 from balances b
          where b.group_id = \(group) and b.paid - b.share + b.sent - b.received <> 0)
        returning id
        """,
        others,
      ], in: write)
    return (!rows[1].isEmpty, try rows[2][0].decode(Int.self))
  }

  /// Brings a deleted group back.
  func restore(_ group: ID, _ write: WriteContext) async throws {
    try await database.transact(
      [
        """
        update groups set deleted_at = null, version = version + 1, sequence = sequence + 1
        where id = \(group) and deleted_at is not null
        """
      ], in: write)
  }

  /// How long a deleted group can be brought back.
  static let recoverable: Duration = .seconds(30 * 86_400)

  /// Removes one group that was deleted long ago, with all that is in it, unless it is brought back meanwhile.
  /// - Returns: Whether there was one.
  func purge(at now: Instant, _ write: WriteContext) async throws -> Bool {
    let limit = now.advanced(by: .zero - Self.recoverable)
    let rows = try await database.read("select id from groups where deleted_at < \(limit) limit 1")
    guard let group = try rows.first?.decode(ID.self) else { return false }
    // Under the lock nobody can bring it back between two of the statements, and each looks whether somebody
    // did before.
    let doomed: SQL = "(select id from groups where id = \(group) and deleted_at < \(limit))"
    try await database.transact(
      [
        MemberStore.lock(group),
        JobStore.enqueueRemoval(
          ofPhotosFrom: "select photo_hash from groups where id in \(part: doomed)", at: now),
        "delete from invites where group_id in \(part: doomed)",
        "delete from comments where group_id in \(part: doomed)",
        "delete from targets where group_id in \(part: doomed)",
        "delete from balances where group_id in \(part: doomed)",
        "delete from postings where group_id in \(part: doomed)",
        "delete from entries where group_id in \(part: doomed)",
        "delete from revisions where group_id in \(part: doomed)",
        "delete from accounts where group_id in \(part: doomed)",
        "delete from groups where id in \(part: doomed)",
      ], in: write)
    return true
  }

  /// Sets or removes the photo, and asks the worker to remove the files of the one before.
  func setPhoto(_ photo: Photo?, of group: ID, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        JobStore.enqueueRemoval(ofPhotosFrom: "select photo_hash from groups where id = \(group)", at: now),
        """
        update groups set version = version + 1, sequence = sequence + 1, photo_hash = \(photo?.hash), photo_width = \(photo?.width),
          photo_height = \(photo?.height)
        where id = \(group)
        """,
      ], in: write)
  }

  private static let memberCount: SQL = """
    (select count(*) from accounts m where m.group_id = g.id and m.kind = 'member' and m.removed_at is null)
    """

  private static func groups(_ rows: [Row], balances: [Row]) throws -> [Group] {
    var nets: [ID: [Money]] = [:]
    var pots: [ID: [Money]] = [:]
    for row in balances {
      let (group, account, currency, net) = try row.decode(ID.self, ID.self, Currency.self, Int64.self)
      if account == group {
        pots[group, default: []].append(Money(amount: -net, currency: currency))
      } else {
        nets[group, default: []].append(Money(amount: net, currency: currency))
      }
    }
    return try rows.map { row in
      let (
        id, name, currency, me, photo, width, height, created, archived, closed, deleted, version, sequence,
        members, role, ownOnly
      ) =
        try row.decode(
          ID.self, String.self, Currency.self, ID.self, String?.self, Int?.self, Int?.self, Instant.self,
          Instant?.self, Day?.self, Instant?.self, Int64.self, Int64.self, Int.self, String.self, Int.self)
      return Group(
        id: id, name: name, currency: currency, me: me, role: try Member.Role(stored: role),
        balances: nets[id] ?? [], kitty: pots[id] ?? [], memberCount: members,
        photo: Photo(hash: photo, width: width, height: height), createdAt: created,
        archivedAt: archived, closedUntil: closed, ownEntriesOnly: ownOnly == 1, deletedAt: deleted,
        version: version, sequence: sequence)
    }
  }
}

/// Which groups are wanted.
enum GroupState: Sendable {
  case inUse, archived, deleted
}
