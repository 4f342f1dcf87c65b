import KittyShared

/// Invites as rows.
///
/// The codes are kept as they are, unlike the tokens of sessions: an invite is made to be passed on, and whoever
/// manages the group looks it up again to do so. It is nobody's identity, and ends soon; who reads the database
/// has read the group anyway.
struct InviteStore: Sendable {
  let database: any Database

  /// What makes an invite (`i`) good: its time, its uses, that its maker may still invite, and that the guest it
  /// names is still one.
  private static func isGood(at now: Instant) -> SQL {
    """
    i.expires_at > \(now) and i.uses < i.max_uses
      and exists (
        select 1 from accounts m join users u on u.id = m.user_id
        where m.group_id = i.group_id and m.id = i.created_by and m.removed_at is null
          and m.role in ('owner', 'admin') and u.disabled_at is null)
      and (i.guest_id is null or exists (
        select 1 from accounts t
        where t.group_id = i.group_id and t.id = i.guest_id and t.role = 'guest' and t.removed_at is null))
    """
  }

  /// - Returns: Whether it was made: not when its guest is none, or the group was archived meanwhile.
  /// - Throws: `Rejection` when the id is taken.
  func insert(_ invite: Invite, _ key: InviteKey, _ write: WriteContext) async throws -> Bool {
    do {
      let rows = try await database.transact(
        [
          MemberStore.lock(key.group),
          """
          insert into invites (
            group_id, id, secret, role, guest_id, max_uses, created_by, created_at, expires_at)
          select id, \(invite.id), \(key.secret), \(invite.role.rawValue), \(invite.guest), \(invite.maxUses),
            \(invite.createdBy), \(invite.createdAt), \(invite.expiresAt)
          from groups where id = \(key.group) and archived_at is null and deleted_at is null
            and (\(invite.guest == nil) or exists (
              select 1 from accounts
              where group_id = \(key.group) and id = \(invite.guest) and role = 'guest' and removed_at is null))
          returning id
          """,
        ], in: write)
      return !rows[1].isEmpty
    } catch DatabaseFailure.notUnique("invites_id") {
      throw Rejection.conflict("id_taken", "There is an invite with this id already.")
    }
  }

  /// The invites that can still be used, oldest first.
  func list(in group: ID, at now: Instant, limit: Int, after: ID?) async throws -> [Invite] {
    try await database.read(
      """
      \(part: Self.columns) where i.group_id = \(group) and i.id > \(after ?? ID.first)
        and \(part: Self.isGood(at: now))
      order by i.id limit \(limit)
      """
    ).map { try Self.invite($0, in: group) }
  }

  /// One invite, good or not.
  func find(_ invite: ID, in group: ID) async throws -> Invite? {
    try await database.read("\(part: Self.columns) where i.group_id = \(group) and i.id = \(invite)").first
      .map { try Self.invite($0, in: group) }
  }

  /// - Returns: Whether there was such an invite.
  func delete(_ invite: ID, in group: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        "delete from invites where group_id = \(group) and id = \(invite) returning id"
      ], in: write)
    return !rows[0].isEmpty
  }

  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from invites where expires_at <= \(now)"], in: write)
  }

  /// Everything that there is to know of an invite before a user accepts it; `nil` when there is none.
  func look(at key: InviteKey, for user: ID) async throws -> InviteDetails? {
    let rows = try await database.read([
      """
      select i.role, i.max_uses - i.uses, i.expires_at, m.name, m.role, m.removed_at, g.name, g.archived_at,
        i.guest_id, t.name, t.role, t.removed_at
      from invites i
      join groups g on g.id = i.group_id
      join accounts m on m.group_id = i.group_id and m.id = i.created_by
      left join accounts t on t.group_id = i.group_id and t.id = i.guest_id
      where i.group_id = \(key.group) and i.secret = \(key.secret) and g.deleted_at is null
      """,
      "select name from accounts where group_id = \(key.group) and kind = 'member' and removed_at is null",
      """
      select id, name, removed_at from accounts where group_id = \(key.group) and user_id = \(user)
      order by removed_at desc, id desc
      """,
      "select display_name from users where id = \(user)",
    ])
    guard let row = rows[0].first else { return nil }
    let (
      role, left, expires, inviter, makerRole, makerRemoved, group, archived, guestID, guest, guestRole,
      guestRemoved
    ) = try row.decode(
      String.self, Int.self, Instant.self, String.self, String.self, Instant?.self, String.self,
      Instant?.self, ID?.self, String?.self, String?.self, Instant?.self)
    let maker = makerRemoved == nil ? try Member.Role(stored: makerRole) : nil
    let seats = try rows[2].map { row in
      let (id, name, removed) = try row.decode(ID.self, String.self, Instant?.self)
      return (id: id, name: name, isPresent: removed == nil)
    }
    return InviteDetails(
      group: group, isArchived: archived != nil, names: try rows[1].map { try $0.decode(String.self) },
      role: try Member.Role(stored: role), left: left, expires: expires, inviter: inviter,
      maker: maker,
      guest: guestID.map { (id: $0, name: guest ?? "") },
      isGuestFree: guestID == nil || (guestRemoved == nil && guestRole == Member.Role.guest.rawValue),
      present: seats.first { $0.isPresent }?.id,
      former: seats.first { !$0.isPresent }.map { (id: $0.id, name: $0.name) },
      displayName: try rows[3].first?.decode(String.self) ?? "")
  }

  /// Whether somebody could still accept an invite.
  func isOpen(_ key: InviteKey, at now: Instant) async throws -> Bool {
    let rows = try await database.read(
      """
      select 1 from invites i join groups g on g.id = i.group_id
      where i.group_id = \(key.group) and i.secret = \(key.secret) and \(part: Self.isGood(at: now))
        and g.deleted_at is null and g.archived_at is null
      """)
    return !rows.isEmpty
  }

  /// Uses an invite once, and makes the user a member: all of it or nothing.
  /// - Returns: Whether it was done: not when the invite is no longer good, or they are in the group already.
  /// - Throws: `DatabaseFailure.notUnique` when the name was taken meanwhile.
  func accept(
    _ key: InviteKey, as seat: InviteDetails.JoinAs, role: Member.Role, user: ID, at now: Instant,
    _ write: WriteContext
  )
    async throws -> Bool
  {
    let use = ID(at: now)
    // What follows the first statement happens only if that one did.
    let isUsed: SQL = """
      exists (
        select 1 from invites
        where group_id = \(key.group) and secret = \(key.secret) and last_use = \(use))
      """
    let join: SQL =
      switch seat {
      case .guest(let id):
        """
        update accounts set user_id = \(user), role = \(role.rawValue), version = version + 1
        where group_id = \(key.group) and id = \(id) and \(part: isUsed)
        """
      case .former(let id, let name):
        """
        update accounts set removed_at = null, role = \(role.rawValue), name = \(name),
          name_key = \(name.lowercased()), version = version + 1
        where group_id = \(key.group) and id = \(id) and user_id = \(user) and \(part: isUsed)
        """
      case .new(let name):
        """
        insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at)
        select id, \(use), 'member', \(name), \(name.lowercased()), \(user), \(role.rawValue), \(now)
        from groups where id = \(key.group) and \(part: isUsed)
        """
      }
    let rows = try await database.transact(
      [
        MemberStore.lock(key.group),
        """
        update invites as i set uses = uses + 1, last_use = \(use)
        where i.group_id = \(key.group) and i.secret = \(key.secret) and \(part: Self.isGood(at: now))
          and exists (
            select 1 from groups g
            where g.id = i.group_id and g.archived_at is null and g.deleted_at is null)
          and not exists (
            select 1 from accounts a
            where a.group_id = i.group_id and a.user_id = \(user) and a.removed_at is null)
        returning id
        """,
        join,
      ], in: write)
    return !rows[1].isEmpty
  }

  private static let columns: SQL = """
    select i.id, i.secret, i.role, i.guest_id, i.max_uses, i.uses, i.created_by, i.created_at, i.expires_at
    from invites i
    """

  private static func invite(_ row: Row, in group: ID) throws -> Invite {
    let (id, secret, role, guest, max, uses, by, created, expires) = try row.decode(
      ID.self, String.self, String.self, ID?.self, Int.self, Int.self, ID.self, Instant.self, Instant.self)
    return Invite(
      id: id, code: InviteKey(group: group, secret: secret).code, role: try Member.Role(stored: role),
      guest: guest, maxUses: max, uses: uses, createdBy: by, createdAt: created, expiresAt: expires)
  }
}
