extension Migration {
  /// Adds the imports of files of other programs, each with the entries that it wrote, so that it can be undone.
  static let imports = Migration(version: 26, name: "imports") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- The numbers whose entries were removed with an import that was undone.
      alter table groups add column removed_numbers \(integer) not null default 0;
      create table imports (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        format text not null,
        state text not null constraint imports_state check (state in ('writing', 'done', 'undoing')),
        created_by \(id) not null,
        created_at \(integer) not null,
        -- The latest transaction of an import that is being written or undone.
        touched_at \(integer) not null,
        -- The last number of an entry before it.
        last_number \(integer) not null,
        -- The members and categories that it added: JSON lists of ids.
        members text not null,
        categories text not null,
        primary key (group_id, id)
      )\(strict);
      create index imports_unfinished on imports (touched_at) where state <> 'done';
      -- One import of a group is written or undone at a time.
      create unique index imports_in_use on imports (group_id) where state <> 'done';
      create table imported_entries (
        group_id \(id) not null,
        entry_id \(id) not null,
        import_id \(id) not null,
        primary key (group_id, entry_id),
        foreign key (group_id, import_id) references imports (group_id, id)
      )\(strict);
      create index imported_entries_by_import on imported_entries (group_id, import_id)
      """
  }
}
