import KittyShared

/// The statements of a restore, inside its transaction.
struct RestoreStore {
  let transaction: any RestoreTransaction

  private static let anyUserOrGroup: SQL = """
    select 1 from (select id from users union all select id from groups) as user_or_group limit 1
    """

  /// `true` if a database has no users and no groups.
  /// - Throws: `DatabaseFailure`, here and below.
  static func isEmpty(_ database: any Database) async throws -> Bool {
    try await database.read(anyUserOrGroup).isEmpty
  }

  /// `true` if there are no users and no groups. Blocks other writers of both tables until the transaction ends.
  func isEmptyAndLocked() async throws -> Bool {
    for table in BackupTable.all where ["users", "groups"].contains("\(table.name)") {
      try await transaction.lock(table)
    }
    return try await transaction.read(Self.anyUserOrGroup).isEmpty
  }

  func deleteRows(of table: BackupTable) async throws {
    try await transaction.run("delete from \(name: table.name)")
  }

  /// Raises the change sequences of all groups by `gap` and more. No client has seen a number this high, so a client
  /// that asks for the changes since an old number is asked to start again.
  func renumberChanges(gap: Int64) async throws {
    for statement: SQL in [
      """
      update entries set sequence = sequence + \(gap) + (
        select g.sequence - g.first_sequence from groups g where g.id = entries.group_id)
      """,
      """
      update groups set sequence = sequence + \(gap) + sequence - first_sequence,
        first_sequence = sequence + \(gap)
      """,
      """
      update accounts set sequence = n.place from (
        select a.group_id, a.id,
          g.sequence + row_number() over (partition by a.group_id order by a.sequence, a.id) as place
        from accounts a join groups g on g.id = a.group_id
      ) as n where n.group_id = accounts.group_id and n.id = accounts.id
      """,
      """
      update groups set sequence = sequence + (select count(*) from accounts where group_id = groups.id)
      """,
      """
      update categories set sequence = n.place from (
        select c.group_id, c.id,
          g.sequence + row_number() over (partition by c.group_id order by c.sequence, c.id) as place
        from categories c join groups g on g.id = c.group_id
      ) as n where n.group_id = categories.group_id and n.id = categories.id
      """,
      """
      update groups set sequence = sequence + (select count(*) from categories where group_id = groups.id)
      """,
      """
      update recurring set sequence = n.place from (
        select r.group_id, r.id,
          g.sequence + row_number() over (partition by r.group_id order by r.sequence, r.id) as place
        from recurring r join groups g on g.id = r.group_id
      ) as n where n.group_id = recurring.group_id and n.id = recurring.id
      """,
      """
      update groups set sequence = sequence + (select count(*) from recurring where group_id = groups.id)
      """,
      """
      update settlements set sequence = n.place from (
        select s.group_id, s.id,
          g.sequence + row_number() over (partition by s.group_id order by s.sequence, s.id) as place
        from settlements s join groups g on g.id = s.group_id
      ) as n where n.group_id = settlements.group_id and n.id = settlements.id
      """,
      """
      update groups set sequence = sequence + (select count(*) from settlements where group_id = groups.id)
      """,
    ] { try await transaction.run(statement) }
  }
}
