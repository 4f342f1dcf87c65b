import KittyShared

/// A group whose quota counts other bytes than its rows have.
struct WrongBytes: Sendable, CustomStringConvertible {
  let group: ID
  let stored: Int64
  let expected: Int64

  var text: String { "its quota counts \(stored) bytes; its entries and comments have \(expected)" }
  var description: String { "group \(group): \(text)" }
}

extension AuditStore {
  /// Returns the groups whose quota counts other bytes than `GroupBytes` finds in their rows. O(revisions and comments).
  func wrongBytes() async throws -> [WrongBytes] {
    let rows = try await database.read(
      """
      select g.id, g.bytes, coalesce(r.bytes, 0) + coalesce(c.bytes, 0) + coalesce(f.bytes, 0) from groups g
      left join (
        select group_id, cast(sum(octet_length(content) + 200 + 150 * lines) as bigint) as bytes
        from revisions group by group_id) r on r.group_id = g.id
      left join (
        select group_id, cast(sum(octet_length(text) + 200) as bigint) as bytes
        from comments group by group_id) c on c.group_id = g.id
      left join (
        select group_id, cast(sum(bytes) as bigint) as bytes
        from entry_receipts group by group_id) f on f.group_id = g.id
      where g.importing is null and coalesce(g.deleted_at, 0) <> \(GroupPurge.mark)
        and g.bytes <> coalesce(r.bytes, 0) + coalesce(c.bytes, 0) + coalesce(f.bytes, 0)
      """)
    return try rows.map { row in
      let (group, stored, expected) = try row.decode(ID.self, Int64.self, Int64.self)
      return WrongBytes(group: group, stored: stored, expected: expected)
    }
  }

  /// Corrects the bytes of a group. It adds the difference, which stays the same while other requests write entries.
  func repair(_ wrong: WrongBytes, _ write: WriteContext) async throws {
    let difference = wrong.expected - wrong.stored
    try await database.transact(
      ["update groups set bytes = bytes + \(difference) where id = \(wrong.group)"], in: write)
  }
}
