extension Migration {
  /// Adds to each revision and each comment the number of its change in the group's change sequence, so that an export
  /// can leave out what is written while it is read. Older rows have 0: they were there before any export.
  static let revisionSequence = Migration(version: 11, name: "sequence of revisions") { dialect in
    """
    alter table revisions add column sequence \(dialect.integer) not null default 0;
    alter table comments add column sequence \(dialect.integer) not null default 0
    """
  }
}
