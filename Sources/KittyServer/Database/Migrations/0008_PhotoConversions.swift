extension Migration {
  /// Adds the outcomes of photo conversions.
  static let photoConversions = Migration(version: 8, name: "photo conversions") { dialect in
    """
    -- An upload, from its arrival until whoever sent it has the answer.
    create table photo_conversions (
      id \(dialect.id) primary key,
      created_at \(dialect.integer) not null,
      -- JSON; null until the worker is done with it.
      outcome text
    )\(dialect.strict);
    create index photo_conversions_by_age on photo_conversions (created_at)
    """
  }
}
