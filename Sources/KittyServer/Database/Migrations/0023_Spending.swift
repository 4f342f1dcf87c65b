import FoundationEssentials
import KittyShared

extension Migration {
  /// Adds the rows from which statistics are added up: the current version of each expense and count, by category.
  static let spending = Migration(
    version: 23, name: "spending",
    rewrites: [
      // What has items or tags is divided by the program.
      Rewrite(
        pages: { row in
          let (group, entry) = try row?.decode(ID.self, ID.self) ?? (ID.first, ID.first)
          return """
            select e.group_id, e.id, r.content from entries e
            join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
            where e.deleted_at is null and e.kind in ('expense', 'count')
              and (r.content like '%"items"%' or r.content like '%"tags"%')
              and (e.group_id, e.id) > (\(group), \(entry)) order by e.group_id, e.id limit 500
            """
        },
        { rows in
          try rows.flatMap { row -> [SQL] in
            let (group, entry, text) = try row.decode(ID.self, ID.self, String.self)
            // The audit reports a content that cannot be read; the migration is not the place to stop for it.
            let content = try? JSON.decode(EntryContent.self, from: Data(text.utf8))
            return (content?.spendingRows(group: group, entry: entry) ?? []).map { row -> SQL in
              """
              insert into spending
                (group_id, month, category_id, currency, entry_id, date, kind, categories, tags, amount)
              values (\(group), \(row.month), \(row.category), \(row.amount.currency), \(entry), \(row.day),
                \(row.kind.rawValue), \(row.categories), \(row.tags), \(row.amount.minorUnits))
              """
            }
          }
        })
    ]
  ) { dialect in
    let (id, integer) = (dialect.id, dialect.integer)
    // The order of the key is that of the statistics by month and category, so that they are read in order.
    let key = "primary key (group_id, month, category_id, currency, entry_id)"
    let included = dialect == .postgres ? " include (date, kind, categories, amount)" : ""
    func field(_ path: String...) -> String {
      dialect == .postgres
        ? "(r.content::json #>> '{\(path.joined(separator: ","))}')"
        : "json_extract(r.content, '$.\(path.joined(separator: "."))')"
    }
    let category =
      dialect == .postgres
      ? "coalesce(\(field("category"))::uuid, e.group_id)" : "coalesce(\(field("category")), e.group_id)"
    let month =
      dialect == .postgres
      ? "(extract(year from e.date) * 12 + extract(month from e.date) - 1)::bigint"
      : "cast(substr(e.date, 1, 4) as integer) * 12 + cast(substr(e.date, 6, 2) as integer) - 1"
    return """
      create table spending (
        group_id \(id) not null,
        -- The year times twelve, and the month of the year from 0.
        month \(integer) not null,
        -- The category, or the group itself for none.
        category_id \(id) not null,
        currency text not null,
        entry_id \(id) not null,
        date \(dialect.date) not null,
        kind text not null,
        -- The number of categories of the entry in its first row, 0 in all others.
        categories \(integer) not null,
        -- The tags of the entry and of its items, with spaces between them.
        tags text not null,
        amount \(integer) not null,
        \(key)\(included)
      )\(dialect == .postgres ? "" : " strict, without rowid");
      insert into spending (group_id, month, category_id, currency, entry_id, date, kind, categories, tags, amount)
      select e.group_id, \(month), \(category), \(field("booked", "currency")), e.id, e.date, e.kind, 1, '',
        cast(\(field("booked", "amount")) as \(dialect.integer))
      from entries e
      join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
      where e.deleted_at is null and e.kind in ('expense', 'count')
        and r.content not like '%"items"%' and r.content not like '%"tags"%'
        and \(field("booked", "currency")) is not null and \(field("booked", "amount")) is not null
      """
  }
}
