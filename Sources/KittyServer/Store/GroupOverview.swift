import KittyShared

/// A group as an administrator sees it, independent of its members.
struct GroupOverview: Codable, Sendable {
  let id: ID
  let name: String
  let currency: Currency
  /// The names with which its owners sign in.
  let owners: [String]
  let memberCount: Int
  let entryCount: Int
  let createdAt: Instant
  let archivedAt: Instant?
  let deletedAt: Instant?
}

extension GroupStore {
  /// Returns a page of the groups in the order in which they were made, deleted ones included.
  /// - Parameter after: The id of the last group on the previous page.
  func overview(after: ID, limit: Int) async throws -> [GroupOverview] {
    try await overview(where: "g.id > \(after) order by g.id limit \(limit)")
  }

  /// Returns one group.
  func overview(of group: ID) async throws -> GroupOverview? {
    try await overview(where: "g.id = \(group)").first
  }

  private func overview(where condition: SQL) async throws -> [GroupOverview] {
    let chosen: SQL = "select g.id from groups g where \(part: condition)"
    let rows = try await database.read([
      """
      select g.id, g.name, g.currency,
        (select count(*) from accounts a
          where a.group_id = g.id and a.kind = 'member' and a.removed_at is null),
        (select count(*) from entries e where e.group_id = g.id and e.deleted_at is null),
        g.created_at, g.archived_at, g.deleted_at
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
      var columns = row.reader
      let id: ID = try columns.next()
      return GroupOverview(
        id: id, name: try columns.next(), currency: try columns.next(), owners: owners[id]?.map(\.1) ?? [],
        memberCount: try columns.next(), entryCount: try columns.next(), createdAt: try columns.next(),
        archivedAt: try columns.next(), deletedAt: try columns.next())
    }
  }
}
