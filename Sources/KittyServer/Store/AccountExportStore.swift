import KittyShared

/// The rows of the memberships of a user, for the export of their data.
struct AccountExportStore: Sendable {
  let database: any Database

  /// A membership, and the moment up to which its entries are exported.
  struct Stored: Sendable {
    let membership: AccountExport.Membership
    /// `nil` in a group that the user has left: they do not see its entries any more.
    let moment: GroupExportStore.Moment?
  }

  /// Returns the memberships of a user, former ones too, without their entries. One read sees all groups at one moment.
  func memberships(of user: ID) async throws -> [Stored] {
    try await database.read(
      """
      select g.id, g.name, a.id, a.name, a.role, a.weight, a.iban, a.created_at, a.removed_at, g.sequence, g.last_number,
        g.first_sequence,
        (select count(*) from accounts p where p.group_id = g.id and p.user_id = \(user) and p.removed_at is null)
      from accounts a join groups g on g.id = a.group_id
      where a.user_id = \(user) and g.deleted_at is null order by g.id, a.id
      """
    ).map { row in
      let (
        group, name, member, memberName, role, weight, iban, joined, left, sequence, last, first, present
      ) =
        try row.decode(
          ID.self, String.self, ID.self, String.self, String.self, Int64.self, String?.self, Instant.self,
          Instant?.self, Int64.self, Int64.self, Int64.self, Int.self)
      guard let role = Member.Role(rawValue: role) else {
        throw DatabaseFailure.fault("unknown role \(role)")
      }
      return Stored(
        membership: AccountExport.Membership(
          group: group, name: present > 0 ? name : nil, member: member, memberName: memberName, role: role,
          weight: weight, iban: iban, joinedAt: joined, leftAt: left),
        moment: present > 0 ? .init(sequence: sequence, lastNumber: last, firstSequence: first) : nil)
    }
  }

  /// Returns the names that the entries of a group refer to.
  func names(
    in group: ID
  ) async throws -> (members: [AccountExport.Name], categories: [AccountExport.Name]) {
    let rows = try await database.read([
      "select id, name from accounts where group_id = \(group) and kind = 'member' order by id",
      "select id, name from categories where group_id = \(group) order by id",
    ]).map { rows in
      try rows.map { row in
        let (id, name) = try row.decode(ID.self, String.self)
        return AccountExport.Name(id: id, name: name)
      }
    }
    return (rows[0], rows[1])
  }
}
