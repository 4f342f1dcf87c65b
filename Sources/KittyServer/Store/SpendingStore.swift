import KittyShared

/// The rows from which statistics are added up. They follow from the current versions of the entries, and are written
/// with them.
enum SpendingStore {
  /// Returns the statements that write the rows of an entry.
  /// - Parameters:
  ///   - old: The rows that it has.
  ///   - new: The rows that it gets.
  static func replace(_ old: [SpendingRow], by new: [SpendingRow], of entry: ID, in group: ID) -> [SQL] {
    guard old != new else { return [] }
    var statements: [SQL] = []
    if !old.isEmpty {
      // All rows of an entry have one day and one currency.
      let categories: [SQL] = old.map { "\($0.category)" }
      statements.append(
        """
        delete from spending where group_id = \(group) and month = \(old[0].month)
          and category_id in (\(list: categories)) and currency = \(old[0].amount.currency)
          and entry_id = \(entry)
        """)
    }
    if !new.isEmpty {
      statements.append("\(part: inserting) \(list: new.map { row($0, of: entry, in: group) })")
    }
    return statements
  }

  /// The statement that inserts rows, up to the first of them.
  static let inserting: SQL = """
    insert into spending (group_id, month, category_id, currency, entry_id, date, kind, categories, tags, amount) values
    """

  /// Returns the statement that removes a row where a condition holds.
  static func delete(_ key: SpendingKey, where condition: SQL) -> SQL {
    """
    delete from spending where group_id = \(key.group) and month = \(key.month) and category_id = \(key.category)
      and currency = \(key.currency) and entry_id = \(key.entry) and \(part: condition)
    """
  }

  /// Returns the statement that inserts or replaces a row where a condition holds.
  static func write(_ row: SpendingRow, of entry: ID, in group: ID, where condition: SQL) -> SQL {
    """
    insert into spending (group_id, month, category_id, currency, entry_id, date, kind, categories, tags, amount)
    select g.id, \(row.month), \(row.category), \(row.amount.currency), \(entry), \(row.day), \(row.kind.rawValue),
      \(row.categories), \(row.tags), \(row.amount.minorUnits)
    from groups g where g.id = \(group) and \(part: condition)
    on conflict (group_id, month, category_id, currency, entry_id) do update set date = excluded.date,
      kind = excluded.kind, categories = excluded.categories, tags = excluded.tags, amount = excluded.amount
    """
  }

  static func row(_ row: SpendingRow, of entry: ID, in group: ID) -> SQL {
    """
    (\(group), \(row.month), \(row.category), \(row.amount.currency), \(entry), \(row.day), \(row.kind.rawValue),
      \(row.categories), \(row.tags), \(row.amount.minorUnits))
    """
  }
}
