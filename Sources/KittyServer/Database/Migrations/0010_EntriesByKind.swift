extension Migration {
  /// Adds indexes of the entries that are not expenses: a list of them would otherwise read all expenses.
  static let entriesByKind = Migration(version: 10, name: "lists by kind") { _ in
    """
    create index entries_others_by_date on entries (group_id, date desc, number desc) where kind <> 'expense';
    create index entries_others_by_sequence on entries (group_id, sequence) where kind <> 'expense'
    """
  }
}
