import KittyShared

/// The rows of invites to groups.
///
/// The codes are stored as they are, unlike the secrets of sessions: the members who manage a group look a code up again
/// to pass it on. A code identifies no user and expires soon, and a reader of the database has the group anyway.
struct InviteStore: Sendable {
  let database: any Database
  var limits = GroupLimits()

  /// Returns the condition that an invite (`i`) can be used: it has not expired, has uses left, its maker may still
  /// invite, and the guest that it names is still a guest.
  /// - Parameter user: A user whose sign-up may have used it already.
  private static func isUsable(at now: Instant, by user: ID? = nil) -> SQL {
    let hasUses: SQL =
      user.map { "(i.uses < i.max_uses or \(part: isReserved(for: $0)))" } ?? "i.uses < i.max_uses"
    return """
      i.expires_at > \(now) and \(part: hasUses)
        and exists (
          select 1 from accounts m join users u on u.id = m.user_id
          where m.group_id = i.group_id and m.id = i.created_by and m.removed_at is null
            and m.role in ('owner', 'admin') and u.disabled_at is null)
        and (i.guest_id is null or exists (
          select 1 from accounts t
          where t.group_id = i.group_id and t.id = i.guest_id and t.role = 'guest' and t.removed_at is null))
      """
  }

  /// Returns the condition that a user signed up with an invite (`i`), which was counted as its use.
  private static func isReserved(for user: ID) -> SQL {
    "exists (select 1 from users r where r.id = \(user) and r.group_invite = i.secret)"
  }

  /// Returns the condition that a user has not left the group of an invite (`i`) after it was made: a former
  /// member may know the codes of that time.
  private static func isNew(to user: ID) -> SQL {
    """
    not exists (
      select 1 from accounts f
      where f.group_id = i.group_id and f.user_id = \(user) and f.removed_at is not null
        and f.removed_sequence >= i.sequence)
    """
  }

  /// Returns the statement that ends all invites of a group if `condition` holds for a member who may know their codes.
  static func endAll(of group: ID, where condition: SQL, of member: ID) -> SQL {
    """
    delete from invites where group_id = \(group) and exists (
      select 1 from accounts where group_id = \(group) and id = \(member) and \(part: condition))
    """
  }

  /// Inserts an invite.
  /// - Returns: `false` when the guest is not a guest of the group, or the group is archived.
  /// - Throws: `Rejection` when the id exists already, or the group has the maximum number of invites.
  func insert(_ invite: Invite, _ key: InviteKey, _ write: WriteContext) async throws -> Bool {
    let hasRoom: SQL = """
      (select count(*) from invites i
       where i.group_id = \(key.group) and \(part: Self.isUsable(at: invite.createdAt))) < \(limits.invites)
      """
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: key.group),
          """
          insert into invites (
            group_id, id, secret, role, guest_id, max_uses, created_by, created_at, expires_at, sequence)
          select id, \(invite.id), \(key.secret), \(invite.role.rawValue), \(invite.guest), \(invite.maxUses),
            \(invite.createdBy), \(invite.createdAt), \(invite.expiresAt), sequence
          from groups where id = \(key.group) and archived_at is null and deleted_at is null
            and (\(invite.guest == nil) or exists (
              select 1 from accounts
              where group_id = \(key.group) and id = \(invite.guest) and role = 'guest' and removed_at is null))
            and \(part: hasRoom)
          returning id
          """,
          "select 1 from groups where id = \(key.group) and \(part: hasRoom)",
        ], in: write)
      if rows[1].isEmpty, rows[2].isEmpty { throw limits.tooManyInvites }
      return !rows[1].isEmpty
    } catch DatabaseFailure.notUnique("invites_id") {
      throw Rejection.conflict("id_taken", "An invite with this id exists already.")
    }
  }

  /// Returns a page of the invites that can be used, oldest first.
  /// - Parameter after: The id of the last invite on the previous page.
  func list(in group: ID, at now: Instant, limit: Int, after: ID?) async throws -> [Invite] {
    try await database.read(
      """
      \(part: Self.columns) where i.group_id = \(group) and i.id > \(after ?? ID.first)
        and \(part: Self.isUsable(at: now))
      order by i.id limit \(limit)
      """
    ).map { try Self.invite($0, in: group) }
  }

  /// Returns an invite, also one that can no longer be used.
  func find(_ invite: ID, in group: ID) async throws -> Invite? {
    try await database.read("\(part: Self.columns) where i.group_id = \(group) and i.id = \(invite)").first
      .map { try Self.invite($0, in: group) }
  }

  /// Deletes an invite.
  /// - Returns: `false` when it did not exist.
  func delete(_ invite: ID, in group: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      ["delete from invites where group_id = \(group) and id = \(invite) returning id"], in: write)
    return !rows[0].isEmpty
  }

  /// Deletes the expired invites of all groups.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from invites where expires_at <= \(now)"], in: write)
  }

  private static let columns: SQL = """
    select i.id, i.secret, i.role, i.guest_id, i.max_uses, i.uses, i.created_by, i.created_at, i.expires_at
    from invites i
    """

  private static func invite(_ row: Row, in group: ID) throws -> Invite {
    var columns = row.reader
    return Invite(
      id: try columns.next(), code: InviteKey(group: group, secret: try columns.next()).code,
      role: try Member.Role(stored: columns.next()), guest: try columns.next(), maxUses: try columns.next(),
      uses: try columns.next(), createdBy: try columns.next(), createdAt: try columns.next(),
      expiresAt: try columns.next())
  }
}

// MARK: - Accepting an invite

extension InviteStore {
  /// Returns the details of an invite for a user who may accept it; `nil` when it does not exist.
  /// - Throws: `Rejection` while the group is being imported.
  func details(of key: InviteKey, for user: ID) async throws -> InviteDetails? {
    let rows = try await database.read([
      """
      select g.importing, g.name, g.archived_at, i.role,
        i.max_uses - i.uses + case when \(part: Self.isReserved(for: user)) then 1 else 0 end, i.expires_at,
        m.name, m.role, coalesce(m.removed_at, v.disabled_at), i.guest_id, t.name, t.role, t.removed_at,
        (select count(*) from accounts e where e.group_id = g.id and e.kind = 'member'),
        case when \(part: Self.isNew(to: user)) then 1 else 0 end
      from invites i
      join groups g on g.id = i.group_id
      join accounts m on m.group_id = i.group_id and m.id = i.created_by
      left join users v on v.id = m.user_id
      left join accounts t on t.group_id = i.group_id and t.id = i.guest_id
      where i.group_id = \(key.group) and i.secret = \(key.secret)
        and (g.deleted_at is null or g.importing is not null)
      """,
      "select name from accounts where group_id = \(key.group) and kind = 'member' and removed_at is null",
      """
      select id, name, removed_at from accounts where group_id = \(key.group) and user_id = \(user)
      order by removed_at desc, id desc
      """,
      """
      select display_name, (select count(*) from accounts where user_id = \(user) and removed_at is null)
      from users where id = \(user)
      """,
    ])
    guard let row = rows[0].first else { return nil }
    let memberships = try rows[2].map { row in
      let (id, name, removed) = try row.decode(ID.self, String.self, Instant?.self)
      return (id: id, name: name, isPresent: removed == nil)
    }
    let (displayName, groupCount) = try rows[3].first?.decode(String.self, Int.self) ?? ("", 0)
    var columns = row.reader
    guard try columns.next(Instant?.self) == nil else { throw Rejection.importing }
    let group: String = try columns.next()
    let archivedAt: Instant? = try columns.next()
    let role = try Member.Role(stored: columns.next())
    let usesLeft: Int = try columns.next()
    let expires: Instant = try columns.next()
    let inviter: String = try columns.next()
    let inviterRole: String = try columns.next()
    let inviterGoneAt: Instant? = try columns.next()
    let guest: ID? = try columns.next()
    let guestName: String? = try columns.next()
    let guestRole: String? = try columns.next()
    let guestRemovedAt: Instant? = try columns.next()
    let memberCount: Int = try columns.next()
    let isNew = try columns.next(Int.self) == 1
    return InviteDetails(
      group: group, isArchived: archivedAt != nil, names: try rows[1].map { try $0.decode(String.self) },
      memberCount: memberCount, role: role, usesLeft: usesLeft, expires: expires, inviter: inviter,
      inviterRole: inviterGoneAt == nil ? try Member.Role(stored: inviterRole) : nil,
      guest: guest.map { (id: $0, name: guestName ?? "") },
      isGuestFree: guest == nil || (guestRemovedAt == nil && guestRole == Member.Role.guest.rawValue),
      present: memberships.first { $0.isPresent }?.id,
      former: memberships.first { !$0.isPresent }.map { (id: $0.id, name: $0.name) }, isNew: isNew,
      displayName: displayName, groupCount: groupCount)
  }

  /// Returns the state of an invite for a user who signs up with it: `expired` also when it ended in another way.
  func state(_ key: InviteKey, at now: Instant) async throws -> SignUpInviteStore.State {
    let rows = try await database.read(
      """
      select i.max_uses - i.uses, case when \(part: Self.isOpen(at: now)) then 1 else 0 end from invites i
      where i.group_id = \(key.group) and i.secret = \(key.secret)
      """)
    guard let (usesLeft, isOpen) = try rows.first?.decode(Int.self, Int.self) else { return .unknown }
    if isOpen == 1 { return .open }
    return usesLeft > 0 ? .expired : .used
  }

  /// Returns the statements that use an invite once for a sign-up, if it can be used, and the condition that they did.
  static func signUp(with key: InviteKey, at now: Instant) -> (uses: [SQL], isUsed: SQL) {
    let use = ID(at: now)
    return (
      [
        GroupStore.lockRows(of: "\(key.group)"),
        """
        update invites as i set uses = uses + 1, last_use = \(use)
        where i.group_id = \(key.group) and i.secret = \(key.secret) and \(part: isOpen(at: now))
        """,
      ],
      """
      exists (
        select 1 from invites where group_id = \(key.group) and secret = \(key.secret) and last_use = \(use))
      """
    )
  }

  /// Returns the condition that an invite (`i`) can be used and its group accepts members.
  private static func isOpen(at now: Instant) -> SQL {
    """
    \(part: isUsable(at: now)) and exists (
      select 1 from groups g where g.id = i.group_id and g.deleted_at is null and g.archived_at is null)
    """
  }

  /// Uses an invite once, unless the sign-up of the user did, and makes the user a member: both or nothing.
  /// - Returns: `false` when the invite can no longer be used, the user is a member already, or another member has the
  ///   name.
  func accept(
    _ key: InviteKey, as member: JoinAs, role: Member.Role, user: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let use = ID(at: now)
    // The member is written only if the update of the invite found its row.
    let isUsed: SQL = """
      exists (
        select 1 from invites
        where group_id = \(key.group) and secret = \(key.secret) and last_use = \(use))
      """
    let room: SQL =
      switch member {
      // A guest is in the group already.
      case .guest: "1 = 1"
      case .former: MemberStore.hasRoom(in: key.group, limits)
      case .new:
        """
        \(part: MemberStore.hasRoom(in: key.group, limits))
          and \(part: MemberStore.hasRoomForNew(in: key.group))
        """
      }
    let join: SQL =
      switch member {
      case .guest(let id):
        """
        update accounts set user_id = \(user), role = \(role.rawValue), version = version + 1
        where group_id = \(key.group) and id = \(id) and \(part: isUsed)
        """
      case .former(let id, let name):
        """
        update accounts set removed_at = null, role = \(role.rawValue), name = \(name),
          name_key = \(name.nameKey), version = version + 1
        where group_id = \(key.group) and id = \(id) and user_id = \(user) and \(part: isUsed)
        """
      case .new(let name):
        """
        insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at)
        select id, \(use), 'member', \(name), \(name.nameKey), \(user), \(role.rawValue), \(now)
        from groups where id = \(key.group) and \(part: isUsed)
        """
      }
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: key.group),
          UserStore.lockRow(of: user),
          """
          update invites as i set last_use = \(use),
            uses = uses + case when \(part: Self.isReserved(for: user)) then 0 else 1 end
          where i.group_id = \(key.group) and i.secret = \(key.secret)
            and \(part: Self.isUsable(at: now, by: user)) and \(part: Self.isNew(to: user))
            and exists (
              select 1 from groups g
              where g.id = i.group_id and g.archived_at is null and g.deleted_at is null)
            and not exists (
              select 1 from accounts a
              where a.group_id = i.group_id and a.user_id = \(user) and a.removed_at is null)
            and \(part: room) and \(part: GroupStore.hasRoom(for: user, limits))
          returning id
          """,
          join,
        ], in: write)
      return !rows[2].isEmpty
    } catch DatabaseFailure.notUnique {
      return false
    }
  }
}
