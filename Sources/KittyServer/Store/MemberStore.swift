import KittyShared

/// The rows of members: the accounts of a group's books that belong to people.
struct MemberStore: Sendable {
  let database: any Database
  var limits = GroupLimits()

  /// Inserts a member.
  /// - Throws: `Rejection` when the name or the id exists already, or the group is archived or full.
  func insert(_ member: Member, in group: ID, _ write: WriteContext) async throws {
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: group),
          Self.insertion(of: member, in: group, limits),
          """
          select coalesce(sum(case when removed_at is null then 1 else 0 end), 0), count(*) from accounts
          where group_id = \(group) and kind = 'member'
          """,
        ], in: write)
      guard rows[1].isEmpty, let counts = rows[2].first else { return }
      let (present, ever) = try counts.decode(Int.self, Int.self)
      throw limits.refusal(present: present, ever: ever) ?? Rejection.archived
    } catch DatabaseFailure.notUnique("accounts_name_key") {
      throw Self.nameTaken(member.name)
    } catch DatabaseFailure.notUnique("accounts_id") {
      throw Rejection.conflict("id_taken", "A member with this id exists already.")
    }
  }

  /// Returns the statement that inserts a guest or a member and returns their id: no row when the group is archived or full.
  static func insertion(of member: Member, in group: ID, _ limits: GroupLimits) -> SQL {
    """
    insert into accounts (group_id, id, kind, name, name_key, role, weight, created_at)
    select id, \(member.id), 'member', \(member.name), \(member.name.nameKey),
      \(member.role.rawValue), \(member.weight), \(member.createdAt)
    from groups where id = \(group) and archived_at is null and deleted_at is null
      and \(part: hasRoom(in: group, limits)) and \(part: hasRoomForNew(in: group))
    returning id
    """
  }

  /// The condition that a group can have another present member.
  static func hasRoom(in group: ID, _ limits: GroupLimits) -> SQL {
    """
    (select count(*) from accounts m
     where m.group_id = \(group) and m.kind = 'member' and m.removed_at is null) < \(limits.members)
    """
  }

  /// The condition that a group can have another member who was not in it before.
  static func hasRoomForNew(in group: ID) -> SQL {
    """
    (select count(*) from accounts m
     where m.group_id = \(group) and m.kind = 'member') < \(Group.maxMembersEver)
    """
  }

  /// Returns a page of the members in the order of their ids, which is the order in which they joined.
  /// - Parameters:
  ///   - removed: `true` to include former members.
  ///   - after: The id of the last member on the previous page.
  func list(in group: ID, removed: Bool, limit: Int, after: ID?) async throws -> ListPage<Member> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns)
      where a.group_id = \(group) and a.kind = 'member' and a.id > \(after ?? ID.first)
        and (\(removed) or a.removed_at is null)
      order by a.id limit \(limit)
      """,
    ])
    return ListPage(items: try rows[1].map(Self.member), sequence: try ChangeSequence(rows[0]).now)
  }

  /// Returns the members that changed after `start` in the change sequence, former members included, in the order of
  /// their latest changes.
  /// - Throws: `Rejection` when the changes after `start` are not known.
  func changes(in group: ID, since start: Int64, limit: Int) async throws -> ChangeSet<Member> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns)
      where a.group_id = \(group) and a.kind = 'member' and a.sequence > \(start)
      order by a.sequence limit \(limit)
      """,
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(start)
    return ChangeSet(
      items: try rows[1].map { (try Self.member($0), try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  /// Returns a member, also a former one.
  func find(_ member: ID, in group: ID) async throws -> Member? {
    try await database.read(Self.query(for: member, in: group)).first.map(Self.member)
  }

  private static func query(for member: ID, in group: ID) -> SQL {
    "\(part: columns) where a.group_id = \(group) and a.id = \(member) and a.kind = 'member'"
  }

  /// Returns the current members with their weights, and the former members who may be named as well.
  /// - Parameters:
  ///   - former: The former members that an old entry names.
  ///   - currency: For a payment: the former members with a balance in this currency may be named, to settle it.
  func participants(
    in group: ID, former: [ID] = [], unsettledIn currency: Currency? = nil
  ) async throws -> Participants {
    var statements: [SQL] = [
      """
      select id, weight from accounts
      where group_id = \(group) and kind = 'member' and removed_at is null order by id
      """
    ]
    if let currency {
      statements.append(
        """
        select a.id from accounts a
        where a.group_id = \(group) and a.kind = 'member' and a.removed_at is not null and (
          select b.paid - b.share + b.sent - b.received from balances b
          where b.group_id = a.group_id and b.account_id = a.id and b.currency = \(currency)) <> 0
        """)
    }
    let rows = try await database.read(statements)
    return Participants(
      present: try rows[0].map {
        let (id, weight) = try $0.decode(ID.self, Int64.self)
        return (id: id, weight: weight)
      }, former: former + (try rows.dropFirst().joined().map { try $0.decode(ID.self) }))
  }

  /// Changes a member who still has the same role, if their version is `version`; `nil` for any version. When an admin
  /// loses that role, all invites of the group end.
  /// - Parameter old: The member for whom the rules allowed the change.
  /// - Returns: Whether they were changed, and their current state.
  /// - Throws: `Rejection` when another member has the name.
  func change(
    _ old: Member, in group: ID, _ change: MemberChange, version: Int64?, _ write: WriteContext
  ) async throws -> (isDone: Bool, current: Member?) {
    let name = change.name?.trimmed
    let iban: String? = if case .set(let text) = change.iban { IBAN(text)?.text } else { nil }
    do {
      let rows = try await database.transact(
        [
          GroupStore.nextSequence(of: group),
          """
          update accounts set version = version + 1, name = coalesce(\(name), name),
            name_key = coalesce(\(name?.nameKey), name_key), weight = coalesce(\(change.weight), weight),
            role = coalesce(\(change.role?.rawValue), role),
            iban = case when \(change.iban == .keep) then iban else \(iban) end
          where group_id = \(group) and id = \(old.id) and kind = 'member' and removed_at is null
            and role = \(old.role.rawValue) and (\(version == nil) or version = \(version ?? 0))
          returning id
          """,
          InviteStore.endAll(
            of: group, where: "\(old.role == .admin) and role in ('member', 'viewer')", of: old.id),
          Self.query(for: old.id, in: group),
        ], in: write)
      return (!rows[1].isEmpty, try rows[3].first.map(Self.member))
    } catch DatabaseFailure.notUnique("accounts_name_key") {
      throw Self.nameTaken(name ?? "")
    }
  }

  /// Makes another member the owner, and the previous owner an admin.
  /// - Returns: Whether it was done: not when `old` no longer owns the group, or `new` is no longer a member with a user.
  func handOver(_ group: ID, from old: ID, to new: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        GroupStore.nextSequence(of: group),
        """
        update accounts set role = 'admin', version = version + 1
        where group_id = \(group) and id = \(old) and role = 'owner' and removed_at is null and exists (
          select 1 from accounts n
          where n.group_id = \(group) and n.id = \(new) and n.user_id is not null and n.removed_at is null)
        returning id
        """,
        // A group has only one owner, so this changes nothing when the first update changed nothing.
        """
        update accounts set role = 'owner', version = version + 1
        where group_id = \(group) and id = \(new) and user_id is not null and removed_at is null and not exists (
          select 1 from accounts o where o.group_id = \(group) and o.role = 'owner' and o.removed_at is null)
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty && !rows[2].isEmpty
  }

  /// Removes a member with their target for the kitty, unless they own the group or have a balance. When they were an
  /// admin, all invites of the group end.
  /// - Parameter force: `true` to remove them whatever their balance is. It stays in the books, and payments can settle
  ///   it.
  /// - Returns: Whether they were removed.
  func remove(
    _ member: ID, from group: ID, force: Bool, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let rows = try await database.transact(
      [
        // Entries are written under the same lock, so the balance cannot change in between.
        GroupStore.nextSequence(of: group),
        """
        update accounts set removed_at = \(now), version = version + 1, iban = null,
          removed_sequence = (select sequence from groups where id = \(group))
        where group_id = \(group) and id = \(member) and kind = 'member' and removed_at is null
          and role <> 'owner' and (\(force) or not exists (
            select 1 from balances b
            where b.group_id = \(group) and b.account_id = \(member) and b.paid - b.share + b.sent - b.received <> 0))
        returning id
        """,
        """
        delete from targets where group_id = \(group) and account_id = \(member) and exists (
          select 1 from accounts where group_id = \(group) and id = \(member) and removed_at is not null)
        """,
        InviteStore.endAll(of: group, where: "role = 'admin' and removed_at = \(now)", of: member),
      ], in: write)
    return !rows[1].isEmpty
  }

  /// A group sees what belongs to the account of a user while they are in it, and nothing after they have left.
  private static let columns: SQL = """
    select a.id, a.name, a.user_id, a.role, a.weight, u.photo_hash, u.photo_width, u.photo_height, a.iban,
      a.created_at, a.removed_at, a.version, a.sequence
    from accounts a left join users u on u.id = a.user_id and a.removed_at is null
    """

  private static func member(_ row: Row) throws -> Member {
    var columns = row.reader
    return Member(
      id: try columns.next(), name: try columns.next(), user: try columns.next(),
      role: try Member.Role(stored: columns.next()), weight: try columns.next(),
      photo: try Photo(from: &columns), iban: try columns.next(), createdAt: try columns.next(),
      removedAt: try columns.next(),
      version: try columns.next())
  }

  private static func nameTaken(_ name: String) -> Rejection {
    Rejection(
      .conflict, "name_taken", "The name is taken",
      "A member of this group has the name \"\(name)\" already, or one that looks the same. Choose another name.",
      errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
  }
}
