import KittyShared

/// Groups as rows, each seen by one of its members.
struct GroupStore: Sendable {
  let database: any Database

  /// Makes the group, its kitty and its first member.
  /// - Throws: `Problem` when the id is taken.
  func insert(_ group: NewGroup, id: ID, owner: ID, named name: String, user: ID, at now: Instant)
    async throws
  {
    do {
      try await database.transact([
        """
        insert into groups (id, name, currency, created_at)
        values (\(id), \(group.name.trimmed), \(group.currency), \(now))
        """,
        """
        insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at)
        values (\(id), \(id), 'kitty', 'Kitty', 'kitty', \(nil as ID?), 'kitty', \(now)),
          (\(id), \(owner), 'member', \(name), \(name.lowercased()), \(user), 'owner', \(now))
        """,
      ])
    } catch DatabaseFailure.notUnique("groups_id") {
      throw Problem.conflict("id_taken", "There is a group with this id already.")
    }
  }

  /// The group, or `nil` when the user is not in it.
  func find(_ group: ID, for user: ID) async throws -> Group? {
    let rows = try await database.read([
      """
      select g.id, g.name, g.currency, a.id, g.photo_hash, g.photo_width, g.photo_height, g.created_at,
        g.archived_at, g.version, \(part: Self.memberCount)
      from groups g join accounts a on a.group_id = g.id
      where g.id = \(group) and a.user_id = \(user) and a.removed_at is null
      """,
      """
      select b.group_id, b.currency, b.paid - b.share from balances b
      join accounts a on a.group_id = b.group_id and a.id = b.account_id
      where a.group_id = \(group) and a.user_id = \(user) and a.removed_at is null and b.paid <> b.share
      order by b.currency
      """,
    ])
    return try Self.groups(rows[0], balances: rows[1]).first
  }

  /// The groups of a user, newest first.
  /// - Parameter before: The id of the last group of the page before.
  func list(for user: ID, archived: Bool, limit: Int, before: ID?) async throws -> [Group] {
    // A text that sorts after every id stands for "from the start".
    let start = before ?? ID.last
    let rows = try await database.read([
      """
      select g.id, g.name, g.currency, a.id, g.photo_hash, g.photo_width, g.photo_height, g.created_at,
        g.archived_at, g.version, \(part: Self.memberCount)
      from groups g join accounts a on a.group_id = g.id
      where a.user_id = \(user) and a.removed_at is null and g.id < \(start)
        and (g.archived_at is not null) = \(archived)
      order by g.id desc limit \(limit)
      """,
      """
      select b.group_id, b.currency, b.paid - b.share from balances b
      join accounts a on a.group_id = b.group_id and a.id = b.account_id
      where a.user_id = \(user) and a.removed_at is null and b.group_id < \(start) and b.paid <> b.share
        and b.group_id in (
          select g.id from groups g join accounts m on m.group_id = g.id
          where m.user_id = \(user) and m.removed_at is null and g.id < \(start)
            and (g.archived_at is not null) = \(archived)
          order by g.id desc limit \(limit))
      order by b.currency
      """,
    ])
    return try Self.groups(rows[0], balances: rows[1])
  }

  /// Changes the group if it still has `version`; any version will do when that is `nil`.
  /// - Returns: Whether it was changed.
  func change(_ group: ID, _ change: GroupChange, version: Int64?, at now: Instant) async throws -> Bool {
    let rows = try await database.transact([
      """
      update groups set version = version + 1, name = coalesce(\(change.name?.trimmed), name),
        archived_at = case when \(change.archived == nil) then archived_at
          when \(change.archived == true) then coalesce(archived_at, \(now)) else null end
      where id = \(group) and (\(version == nil) or version = \(version ?? 0))
      returning id
      """
    ])
    return !rows[0].isEmpty
  }

  /// Sets or removes the photo, and asks the worker to remove the files of the one before.
  func setPhoto(_ photo: Photo?, of group: ID, at now: Instant) async throws {
    try await database.transact([
      JobStore.enqueueRemoval(ofPhotosFrom: "select photo_hash from groups where id = \(group)", at: now),
      """
      update groups set version = version + 1, photo_hash = \(photo?.hash), photo_width = \(photo?.width),
        photo_height = \(photo?.height)
      where id = \(group)
      """,
    ])
  }

  private static let memberCount: SQL = """
    (select count(*) from accounts m where m.group_id = g.id and m.kind = 'member' and m.removed_at is null)
    """

  private static func groups(_ rows: [Row], balances: [Row]) throws -> [Group] {
    var nets: [ID: [Money]] = [:]
    for row in balances {
      let (group, currency, net) = try row.decode(ID.self, Currency.self, Int64.self)
      nets[group, default: []].append(Money(amount: net, currency: currency))
    }
    return try rows.map { row in
      let (id, name, currency, me, photo, width, height, created, archived, version, members) =
        try row.decode(
          ID.self, String.self, Currency.self, ID.self, String?.self, Int?.self, Int?.self, Instant.self,
          Instant?.self, Int64.self, Int.self)
      return Group(
        id: id, name: name, currency: currency, me: me, balances: nets[id] ?? [], memberCount: members,
        photo: Photo(hash: photo, width: width, height: height), createdAt: created, archivedAt: archived,
        version: version)
    }
  }
}
