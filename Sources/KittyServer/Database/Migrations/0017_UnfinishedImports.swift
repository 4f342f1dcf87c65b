extension Migration {
  /// Adds the mark of a group that is being imported in several transactions; see `PiecewiseImport`.
  static let unfinishedImports = Migration(version: 17, name: "unfinished imports") { dialect in
    """
    -- The instant at which an import in several transactions began; null without one. Until its end the group is hidden.
    alter table groups add column importing \(dialect.integer);
    create index groups_by_import on groups (importing) where importing is not null
    """
  }
}
