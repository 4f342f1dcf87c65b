import KittyShared

extension Membership {
  /// Returns the query for the membership of a user in a group.
  /// - Parameter user: Selects the id of the user.
  static func query(in group: ID, of user: SQL) -> SQL {
    """
    select a.id, a.role, g.currency, g.archived_at, g.closed_until, g.deleted_at, g.importing,
      g.own_entries_only, g.default_split
    from accounts a join groups g on g.id = a.group_id
    where a.group_id = \(group) and a.user_id = \(part: user) and a.removed_at is null
    """
  }

  /// Decodes a row of `query`.
  init(_ row: Row, in group: ID) throws {
    var columns = row.reader
    self.init(
      group: group, member: try columns.next(), role: try Member.Role(stored: columns.next()),
      currency: try columns.next(), isArchived: try columns.next(Instant?.self) != nil,
      closedUntil: try columns.next(), isDeleted: try columns.next(Instant?.self) != nil,
      isImporting: try columns.next(Instant?.self) != nil,
      ownEntriesOnly: try columns.next(Int.self) == 1, defaultSplit: try columns.next())
  }
}

extension Member.Role {
  /// Decodes the column of a role.
  /// - Throws: `DatabaseFailure` for a word that is not a role.
  init(stored text: String) throws {
    guard let role = Self(rawValue: text) else { throw DatabaseFailure.fault("unknown role \(text)") }
    self = role
  }
}
