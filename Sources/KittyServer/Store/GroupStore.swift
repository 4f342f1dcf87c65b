import FoundationEssentials
import KittyShared

/// The rows of groups. A group is always read for one of its members.
struct GroupStore: Sendable {
  let database: any Database
  var limits = GroupLimits()

  /// Inserts a group, its kitty and its first member.
  /// - Parameters:
  ///   - owner: The id of the first member, who owns the group.
  ///   - name: The name of the first member.
  ///   - user: The user who is the first member.
  /// - Throws: `Rejection` when the id exists already, or the user has the maximum number of groups.
  func insert(
    _ group: NewGroup, id: ID, owner: ID, named name: String, user: ID, at now: Instant, _ write: WriteContext
  ) async throws {
    do {
      let room = Self.hasRoom(for: user, limits)
      let rows = try await database.transact(
        [
          UserStore.lockRow(of: user),
          """
          insert into groups (id, name, currency, created_at)
          select \(id), \(group.name.trimmed), \(group.currency), \(now) where \(part: room)
          returning id
          """,
          """
          insert into accounts (group_id, id, kind, name, name_key, role, created_at)
          select \(id), \(id), 'kitty', 'Kitty', 'kitty', 'kitty', \(now) where \(part: room)
          """,
          """
          insert into accounts (group_id, id, kind, name, name_key, user_id, role, created_at)
          select \(id), \(owner), 'member', \(name), \(name.nameKey), \(user), 'owner', \(now) where \(part: room)
          """,
        ], in: write)
      if rows[1].isEmpty { throw limits.tooManyGroups }
    } catch DatabaseFailure.notUnique("groups_id") {
      throw Self.idTaken
    }
  }

  /// 409 for an id with which there is a group.
  static let idTaken = Rejection.conflict("id_taken", "A group with this id exists already.")

  /// Returns the id of the member who makes a group.
  static func firstMember(of group: ID) -> ID { Group.firstMember(of: group) }

  /// The condition that a user can be in another group. Other transactions that count are kept out by
  /// `UserStore.lockRow`.
  static func hasRoom(for user: ID, _ limits: GroupLimits) -> SQL {
    "(select count(*) from accounts where user_id = \(user) and removed_at is null) < \(limits.groupsOfUser)"
  }

  /// Returns a group; `nil` when the user is not a member.
  func find(_ group: ID, for user: ID) async throws -> Group? {
    try await groups(of: user, limit: 1, where: "g.id = \(group)").first
  }

  /// Returns a page of the groups of a user, newest first.
  /// - Parameters:
  ///   - only: The only group that may be seen; `nil` for all.
  ///   - before: The id of the last group on the previous page.
  func list(
    for user: ID, _ state: GroupState, only: ID? = nil, limit: Int, before: ID?
  ) async throws -> [Group] {
    let visible: SQL = only.map { "and g.id = \($0)" } ?? ""
    let condition: SQL =
      switch state {
      case .inUse: "g.deleted_at is null and g.archived_at is null"
      case .archived: "g.deleted_at is null and g.archived_at is not null"
      case .deleted: "g.deleted_at is not null and g.importing is null and a.role = 'owner'"
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
      select g.id, g.name, g.currency, a.id, a.role, \(part: Self.memberCount), g.photo_hash, g.photo_width,
        g.photo_height, g.created_at, g.archived_at, g.closed_until, g.own_entries_only,
        g.default_split, g.deleted_at, g.version, g.sequence
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

  /// Changes a group if its version is `version`; `nil` for any version.
  /// - Returns: Whether it was changed.
  func change(
    _ group: ID, _ change: GroupChange, version: Int64?, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let split: String? =
      if case .set(let rule) = change.defaultSplit { try JSON.text(of: rule) } else { nil }
    let rows = try await database.transact(
      [
        """
        update groups set version = version + 1, sequence = sequence + 1, name = coalesce(\(change.name?.trimmed), name),
          archived_at = case when \(change.archived == nil) then archived_at
            when \(change.archived == true) then coalesce(archived_at, \(now)) else null end,
          closed_until = case when \(change.closedUntil == .keep) then closed_until
            else \(change.closedUntil.applied(to: nil)) end,
          own_entries_only = coalesce(\(change.ownEntriesOnly.map { $0 ? 1 : 0 }), own_entries_only),
          default_split = case when \(change.defaultSplit == .keep) then default_split else \(split) end
        where id = \(group) and deleted_at is null and (\(version == nil) or version = \(version ?? 0))
        returning id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Sets or removes the photo, and enqueues the removal of the files of the previous one.
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

  /// Returns the statement that takes the next number of a group's change sequence. It also locks the row of the group
  /// until the transaction ends, so that the changes of one group follow each other.
  ///
  /// It must be the first statement of every transaction that changes something in a group: a transaction that locks
  /// another row of the group first can deadlock with one that holds this lock.
  static func nextSequence(of group: ID) -> SQL {
    "update groups set sequence = sequence + 1 where id = \(group)"
  }

  /// Returns the statement that locks the rows of the groups that `groups` selects, until the transaction ends, and
  /// changes nothing.
  static func lockRows(of groups: SQL) -> SQL {
    "update groups set last_number = last_number where id in (\(part: groups))"
  }

  private static let memberCount: SQL = """
    (select count(*) from accounts m where m.group_id = g.id and m.kind = 'member' and m.removed_at is null)
    """

  private static func groups(_ rows: [Row], balances: [Row]) throws -> [Group] {
    var nets: [ID: [Money]] = [:]
    var kitties: [ID: [Money]] = [:]
    for row in balances {
      let (group, account, currency, net) = try row.decode(ID.self, ID.self, Currency.self, Int64.self)
      if account == group {
        kitties[group, default: []].append(Money(amount: -net, currency: currency))
      } else {
        nets[group, default: []].append(Money(amount: net, currency: currency))
      }
    }
    return try rows.map { row in
      var columns = row.reader
      let id: ID = try columns.next()
      return Group(
        id: id, name: try columns.next(), currency: try columns.next(), me: try columns.next(),
        role: try Member.Role(stored: columns.next()), balances: nets[id] ?? [], kitty: kitties[id] ?? [],
        memberCount: try columns.next(), photo: try Photo(from: &columns), createdAt: try columns.next(),
        archivedAt: try columns.next(), closedUntil: try columns.next(),
        ownEntriesOnly: try columns.next(Int.self) == 1,
        defaultSplit: try columns.next(String?.self).map(SplitRule.init(stored:)),
        deletedAt: try columns.next(),
        version: try columns.next(), sequence: try columns.next())
    }
  }
}

extension SplitRule {
  /// Decodes a stored default split.
  init(stored text: String) throws { self = try JSON.decode(SplitRule.self, from: Data(text.utf8)) }
}

/// The states of groups that a list can show.
enum GroupState: Sendable {
  case inUse, archived, deleted
}
