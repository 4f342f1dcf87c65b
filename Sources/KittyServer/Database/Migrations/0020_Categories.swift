extension Migration {
  /// Adds the categories of groups, and the categories of entries, to find them by. What an entry says is in its revisions.
  static let categories = Migration(version: 20, name: "categories") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      create table categories (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        name text not null,
        -- Two names with the same key look alike.
        name_key text not null,
        -- The category above it. It has none above itself: there are two levels.
        parent_id \(id),
        created_at \(integer) not null,
        archived_at \(integer),
        -- A removed category is kept for the history of entries.
        removed_at \(integer),
        -- The category that its entries got.
        removed_into \(id),
        version \(integer) not null default 1,
        -- The number of the latest change in the change sequence of the group.
        sequence \(integer) not null,
        primary key (group_id, id),
        foreign key (group_id, parent_id) references categories (group_id, id) deferrable initially deferred,
        foreign key (group_id, removed_into) references categories (group_id, id) deferrable initially deferred
      )\(strict);
      create unique index categories_name_key on categories (group_id, name_key) where removed_at is null;
      create index categories_sequence on categories (group_id, sequence);

      -- The categories that the current revision of an entry names, for itself or for an item.
      create table entry_categories (
        group_id \(id) not null,
        entry_id \(id) not null,
        category_id \(id) not null,
        primary key (group_id, entry_id, category_id)
      )\(strict);
      create index entry_categories_by_category on entry_categories (group_id, category_id, entry_id)
      """
  }
}
