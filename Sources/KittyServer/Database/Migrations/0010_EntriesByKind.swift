extension Migration {
  /// Most entries are expenses: a list of the others would read them all to find a few.
  static let listsByKind = Migration(version: 10, name: "lists by kind") { _ in
    """
    create index entries_others_by_date on entries (group_id, date desc, number desc) where kind <> 'expense';
    create index entries_others_by_sequence on entries (group_id, sequence) where kind <> 'expense'
    """
  }
}
