extension Migration {
  /// Adds to each group the number of bytes that its entries and comments store, as `GroupBytes` counts them, so that a
  /// write can be held to a quota without adding them up.
  static let groupBytes = Migration(version: 13, name: "bytes of groups") { dialect in
    func octets(_ column: String) -> String {
      dialect == .postgres ? "octet_length(\(column))" : "length(cast(\(column) as blob))"
    }
    return """
      alter table groups add column bytes \(dialect.integer) not null default 0;
      update groups set bytes =
        coalesce((
          select sum(\(octets("r.content")) + 200 + 150 * r.lines) from revisions r
          where r.group_id = groups.id), 0)
        + coalesce((
          select sum(\(octets("c.text")) + 200) from comments c where c.group_id = groups.id), 0)
      """
  }
}
