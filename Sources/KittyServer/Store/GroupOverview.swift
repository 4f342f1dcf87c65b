import KittyShared

/// Groups as an administrator sees them: from outside, whoever is in them.
struct GroupOverview: Codable, Sendable {
  let id: ID
  let name: String
  let currency: Currency
  /// The names that its owners sign in with.
  let owners: [String]
  let memberCount: Int
  let entryCount: Int
  let createdAt: Instant
  let archivedAt: Instant?
  let deletedAt: Instant?
}

extension GroupStore {
  /// Groups in the order in which they were made, deleted ones too.
  /// - Parameter after: The last one of the page before.
  func overview(after: ID, limit: Int) async throws -> [GroupOverview] {
    try await overview(where: "g.id > \(after) order by g.id limit \(limit)")
  }

  func overview(of group: ID) async throws -> GroupOverview? {
    try await overview(where: "g.id = \(group)").first
  }

  private func overview(where condition: SQL) async throws -> [GroupOverview] {
    let chosen: SQL = "select g.id from groups g where \(part: condition)"
    let rows = try await database.read([
      """
      select g.id, g.name, g.currency, g.created_at, g.archived_at, g.deleted_at,
        (select count(*) from accounts a
          where a.group_id = g.id and a.kind = 'member' and a.removed_at is null),
        (select count(*) from entries e where e.group_id = g.id and e.deleted_at is null)
      from groups g where g.id in (\(part: chosen)) order by g.id
      """,
      """
      select a.group_id, u.name from accounts a join users u on u.id = a.user_id
      where a.group_id in (\(part: chosen)) and a.role = 'owner' and a.removed_at is null
      order by a.id
      """,
    ])
    let owners = Dictionary(
      grouping: try rows[1].map { try $0.decode(ID.self, String.self) }, by: { $0.0 })
    return try rows[0].map { row in
      let (id, name, currency, created, archived, deleted, members, entries) = try row.decode(
        ID.self, String.self, Currency.self, Instant.self, Instant?.self, Instant?.self, Int.self, Int.self)
      return GroupOverview(
        id: id, name: name, currency: currency, owners: owners[id]?.map(\.1) ?? [], memberCount: members,
        entryCount: entries, createdAt: created, archivedAt: archived, deletedAt: deleted)
    }
  }
}
