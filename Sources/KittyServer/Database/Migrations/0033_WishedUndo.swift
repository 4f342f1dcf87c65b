extension Migration {
  /// Adds whether the undo of an import was wished, which a worker has to know that goes on with it, and which member each name
  /// of a file became.
  static let wishedUndo = Migration(version: 33, name: "wished undo") { dialect in
    """
    alter table imports add column wished \(dialect.integer) not null default 0;
    alter table imports add column names text not null default '{}'
    """
  }
}
