import KittyShared

extension StatisticsStore {
  /// The names of what statistics name by ids.
  struct Names: Sendable {
    /// The paths of categories: `Food › Groceries`.
    let categories: [ID: String]
    fileprivate let accounts: [ID: String]

    func name(of account: LedgerAccount) -> String {
      account.member.map { accounts[$0] ?? $0.description } ?? "Kitty"
    }
  }

  /// Returns the names of the categories and accounts of a group, removed ones too.
  func names(in group: ID) async throws -> Names {
    let rows = try await database.read([
      """
      select c.id, case when p.name is null then c.name else p.name || ' › ' || c.name end from categories c
      left join categories p on p.group_id = c.group_id and p.id = c.parent_id
      where c.group_id = \(group)
      """,
      "select id, name from accounts where group_id = \(group)",
    ])
    func names(_ rows: [Row]) throws -> [ID: String] {
      var names: [ID: String] = [:]
      for row in rows {
        let (id, name) = try row.decode(ID.self, String.self)
        names[id] = name
      }
      return names
    }
    return Names(categories: try names(rows[0]), accounts: try names(rows[1]))
  }
}
