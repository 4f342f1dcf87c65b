import KittyShared

/// Members as rows: the accounts of a group's books that are people.
struct MemberStore: Sendable {
  let database: any Database

  /// Selects what a user is in a group; see `Membership.init`.
  static func membership(in group: ID, of user: SQL) -> SQL {
    """
    select a.id, a.role, g.currency, g.archived_at, g.closed_until, g.deleted_at, g.own_entries_only
    from accounts a join groups g on g.id = a.group_id
    where a.group_id = \(group) and a.user_id = \(part: user) and a.removed_at is null
    """
  }

  /// - Throws: `Rejection` when the name or the id is taken, or the group was archived meanwhile.
  func insert(_ member: Member, in group: ID, _ write: WriteContext) async throws {
    do {
      let rows = try await database.transact(
        [
          Self.lock(group),
          """
          insert into accounts (group_id, id, kind, name, name_key, role, weight, created_at)
          select id, \(member.id), 'member', \(member.name), \(member.name.lowercased()),
            \(member.role.rawValue), \(member.weight), \(member.createdAt)
          from groups where id = \(group) and archived_at is null and deleted_at is null
          returning id
          """,
        ], in: write)
      guard !rows[1].isEmpty else { throw Membership.archived }
    } catch DatabaseFailure.notUnique("accounts_name_key") {
      throw Self.nameTaken(member.name)
    } catch DatabaseFailure.notUnique("accounts_id") {
      throw Rejection.conflict("id_taken", "There is a member with this id already.")
    }
  }

  /// Members in the order of their ids, which is the order in which they joined.
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

  /// The members that changed after `place` in the change sequence, former ones too, in the order of their
  /// latest changes.
  /// - Throws: `Rejection` when that cannot be told.
  func changes(in group: ID, since place: Int64, limit: Int) async throws -> ChangeSet<Member> {
    let rows = try await database.read([
      ChangeSequence.of(group),
      """
      \(part: Self.columns)
      where a.group_id = \(group) and a.kind = 'member' and a.sequence > \(place)
      order by a.sequence limit \(limit)
      """,
    ])
    let sequence = try ChangeSequence(rows[0])
    try sequence.require(place)
    return ChangeSet(
      items: try rows[1].map { (try Self.member($0), try $0.last(Int64.self)) }, sequence: sequence.now)
  }

  func find(_ member: ID, in group: ID) async throws -> Member? {
    try await database.read(Self.one(member, in: group)).first.map(Self.member)
  }

  private static func one(_ member: ID, in group: ID) -> SQL {
    "\(part: columns) where a.group_id = \(group) and a.id = \(member) and a.kind = 'member'"
  }

  /// ChangeSet a member if they are still what they were; the version is not looked at when it is `nil`.
  /// - Parameter old: The member as the rules found that they may be changed.
  /// - Returns: Whether they were changed, and what they are now.
  /// - Throws: `Rejection` when the name is taken.
  func change(
    _ old: Member, in group: ID, _ change: MemberChange, version: Int64?, _ write: WriteContext
  ) async throws -> (isDone: Bool, now: Member?) {
    let name = change.name?.trimmed
    do {
      let rows = try await database.transact(
        [
          Self.lock(group),
          """
          update accounts set version = version + 1, name = coalesce(\(name), name),
            name_key = coalesce(\(name?.lowercased()), name_key), weight = coalesce(\(change.weight), weight),
            role = coalesce(\(change.role?.rawValue), role)
          where group_id = \(group) and id = \(old.id) and kind = 'member' and removed_at is null
            and role = \(old.role.rawValue) and (\(version == nil) or version = \(version ?? 0))
          returning id
          """,
          Self.one(old.id, in: group),
        ], in: write)
      return (!rows[1].isEmpty, try rows[2].first.map(Self.member))
    } catch DatabaseFailure.notUnique("accounts_name_key") {
      throw Self.nameTaken(name ?? "")
    }
  }

  /// Makes another member with an account the owner; who was it is an admin afterwards.
  /// - Returns: Whether it was done: not when either of them is no longer what they were.
  func handOver(_ group: ID, from old: ID, to new: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        Self.lock(group),
        """
        update accounts set role = 'admin', version = version + 1
        where group_id = \(group) and id = \(old) and role = 'owner' and removed_at is null and exists (
          select 1 from accounts n
          where n.group_id = \(group) and n.id = \(new) and n.user_id is not null and n.removed_at is null)
        returning id
        """,
        // There can be only one, so this does nothing where the first did nothing.
        """
        update accounts set role = 'owner', version = version + 1
        where group_id = \(group) and id = \(new) and user_id is not null and removed_at is null and not exists (
          select 1 from accounts o where o.group_id = \(group) and o.role = 'owner' and o.removed_at is null)
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty && !rows[2].isEmpty
  }

  /// Who is in the group now, with their weights; and who may be named as well.
  /// - Parameters:
  ///   - former: Whom an old entry names.
  ///   - currency: For a payment: also who left and has a balance in this currency, so that it can be settled.
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
        join balances b on b.group_id = a.group_id and b.account_id = a.id and b.currency = \(currency)
        where a.group_id = \(group) and a.kind = 'member' and a.removed_at is not null
          and b.paid - b.share + b.sent - b.received <> 0
        """)
    }
    let rows = try await database.read(statements)
    return Participants(
      present: try rows[0].map {
        let (id, weight) = try $0.decode(ID.self, Int64.self)
        return (id: id, weight: weight)
      }, former: former + (try rows.dropFirst().joined().map { try $0.decode(ID.self) }))
  }

  /// Removes a member unless they own the group or their balance is not zero. What they had agreed to put into
  /// the kitty goes with them.
  /// - Parameter force: Removes them with whatever balance; it stays in the books, and payments can settle it.
  /// - Returns: Whether they were removed.
  func remove(_ member: ID, from group: ID, force: Bool, at now: Instant, _ write: WriteContext) async throws
    -> Bool
  {
    let rows = try await database.transact(
      [
        // Expenses are entered under the same lock, so the balance cannot change in between.
        Self.lock(group),
        """
        update accounts set removed_at = \(now), version = version + 1
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
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Takes the next number of the change sequence, and holds the group's row until the transaction ends, so that
  /// changes of one group follow each other. It is the first statement of all that change something in a group:
  /// who held another row of it already could wait for one that waits for them.
  static func lock(_ group: ID) -> SQL {
    "update groups set sequence = sequence + 1 where id = \(group)"
  }

  private static let columns: SQL = """
    select a.id, a.name, a.user_id, a.role, a.weight, u.photo_hash, u.photo_width, u.photo_height, a.created_at,
      a.removed_at, a.version, a.sequence
    from accounts a left join users u on u.id = a.user_id
    """

  private static func member(_ row: Row) throws -> Member {
    let (id, name, user, role, weight, photo, width, height, created, removed, version) = try row.decode(
      ID.self, String.self, ID?.self, String.self, Int64.self, String?.self, Int?.self, Int?.self,
      Instant.self, Instant?.self, Int64.self)
    return Member(
      id: id, name: name, user: user, role: try Member.Role(stored: role), weight: weight,
      photo: Photo(hash: photo, width: width, height: height), createdAt: created, removedAt: removed,
      version: version)
  }

  private static func nameTaken(_ name: String) -> Rejection {
    Rejection(
      .conflict, "name_taken", "The name is taken",
      "A member of this group is called \"\(name)\" already. Choose another name.",
      errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
  }
}

/// What a user is in one group.
struct Membership: Sendable {
  let group: ID
  let member: ID
  let role: Member.Role
  let currency: Currency
  let isArchived: Bool
  /// The last day of what is closed.
  let closedUntil: Day?
  /// Deleted, and still to be brought back.
  let isDeleted: Bool
  /// Whether members change only what they entered themselves.
  var ownEntriesOnly = false

  /// 409: an archived group is only read.
  static let archived = Rejection.conflict(
    "archived", "This group is archived. Bring it back before you change it.")
}

extension Membership {
  /// From a row of `MemberStore.membership`.
  init(_ row: Row, in group: ID) throws {
    let (member, role, currency, archived, closed, deleted, ownOnly) = try row.decode(
      ID.self, String.self, Currency.self, Instant?.self, Day?.self, Instant?.self, Int.self)
    self.group = group
    self.member = member
    self.role = try Member.Role(stored: role)
    self.currency = currency
    isArchived = archived != nil
    closedUntil = closed
    isDeleted = deleted != nil
    ownEntriesOnly = ownOnly == 1
  }
}

extension Member.Role {
  init(stored text: String) throws {
    guard let role = Self(rawValue: text) else { throw DatabaseFailure.fault("unknown role \(text)") }
    self = role
  }
}
