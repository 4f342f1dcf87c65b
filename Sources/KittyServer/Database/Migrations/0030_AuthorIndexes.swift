extension Migration {
  /// Adds indexes of the authors of entries, revisions and comments on SQLite. It looks for the rows that refer to a deleted
  /// account, and read all of the group, which held up other writes at the end of a large import and of its undo. On
  /// PostgreSQL such a transaction holds up no other group.
  static let authorIndexes = Migration(version: 30, name: "author indexes") { dialect in
    guard dialect == .sqlite else { return "select 1" }
    return """
      create index entries_by_author on entries (group_id, created_by);
      create index revisions_by_author on revisions (group_id, made_by);
      create index comments_by_author on comments (group_id, created_by)
      """
  }
}
