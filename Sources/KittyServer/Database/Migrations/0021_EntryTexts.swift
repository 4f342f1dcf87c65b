import KittyShared

extension Migration {
  /// Adds the texts in which the words of filters are looked for, with indexes of their trigrams and of the marks. What an entry says is
  /// in its revisions.
  static let entryTexts = Migration(
    version: 21, name: "texts of entries",
    rewrites: [
      Rewrite(
        pages: { row in
          let (group, entry) = try row?.decode(ID.self, ID.self) ?? (ID.first, ID.first)
          return """
            select e.group_id, e.id, r.content from entries e
            join revisions r on r.group_id = e.group_id and r.entry_id = e.id and r.revision = e.version
            where (e.group_id, e.id) > (\(group), \(entry)) order by e.group_id, e.id limit 500
            """
        },
        { rows in
          try rows.compactMap { row in
            let (group, entry, content) = try row.decode(ID.self, ID.self, String.self)
            // The audit reports a content that cannot be read; the migration is not the place to stop for it.
            guard let content = try? EntryContent(stored: content) else { return nil }
            return EntryTexts(content).statement(for: entry, in: group)
          }
        }),
      Rewrite(
        pages: { row in
          let (group, entry, id) =
            try row?.decode(ID.self, ID.self, ID.self) ?? (ID.first, ID.first, ID.first)
          return """
            select group_id, entry_id, id, text from comments
            where (group_id, entry_id, id) > (\(group), \(entry), \(id))
            order by group_id, entry_id, id limit 500
            """
        },
        { rows in
          try rows.map { row in
            let (group, entry, id, text) = try row.decode(ID.self, ID.self, ID.self, String.self)
            return CommentText(text).statement(for: id, on: entry, in: group)
          }
        }),
    ]
  ) { dialect in
    dialect == .postgres ? postgresTexts : sqliteTexts
  }

  /// The extensions come with PostgreSQL. Where the role may not create them, a search reads all texts of the group.
  private static let postgresTexts = """
    create table entry_texts (
      group_id uuid not null,
      entry_id uuid not null,
      -- The folded texts of the current revision, a line for each.
      own text not null,
      -- What the entry has and names, as words: see EntryTexts.
      marks text not null,
      primary key (group_id, entry_id)
    );
    create table comment_texts (
      group_id uuid not null,
      entry_id uuid not null,
      comment_id uuid not null,
      -- The folded comment.
      text text not null,
      primary key (group_id, entry_id, comment_id)
    );
    do $$
    declare
      trigrams text;
    begin
      begin
        -- Of two migrations of one database at a time, one creates the extensions.
        perform pg_advisory_xact_lock(hashtext('kittycash extensions'));
        create extension if not exists pg_trgm with schema public;
        create extension if not exists btree_gin with schema public;
      exception when others then
        raise notice 'searches have no index: %', sqlerrm;
      end;
      select quote_ident(n.nspname) || '.gin_trgm_ops' into trigrams
      from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace where o.opcname = 'gin_trgm_ops' limit 1;
      if trigrams is not null and exists (select 1 from pg_extension where extname = 'btree_gin') then
        execute 'create index entry_texts_marks on entry_texts using gin (group_id, string_to_array(marks, '' ''))';
        execute 'create index entry_texts_trigrams on entry_texts using gin (group_id, own ' || trigrams || ')';
        execute 'create index comment_texts_trigrams on comment_texts using gin (group_id, text ' || trigrams || ')';
      end if;
    end $$
    """

  /// An index has a number of the row and no text: it is a table of its own, which triggers keep up to date. It is
  /// dropped first, since a restore removes the tables of the texts alone.
  private static let sqliteTexts = """
    create table entry_texts (
      id integer primary key,
      group_id text not null,
      entry_id text not null,
      -- The folded texts of the current revision, a line for each.
      own text not null,
      -- What the entry has and names, as words: see EntryTexts.
      marks text not null,
      constraint entry_texts_entry_id unique (group_id, entry_id)
    ) strict;
    drop table if exists entry_texts_trigrams;
    create virtual table entry_texts_trigrams using fts5 (
      text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
    drop table if exists entry_texts_marks;
    create virtual table entry_texts_marks using fts5 (
      marks, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '+-'");
    create trigger entry_texts_inserted after insert on entry_texts begin
      insert into entry_texts_trigrams (rowid, text) values (new.id, new.own);
      insert into entry_texts_marks (rowid, marks) values (new.id, new.marks);
    end;
    create trigger entry_texts_updated after update of own on entry_texts when old.own <> new.own begin
      insert into entry_texts_trigrams (entry_texts_trigrams, rowid, text) values ('delete', old.id, old.own);
      insert into entry_texts_trigrams (rowid, text) values (new.id, new.own);
    end;
    create trigger entry_texts_marked after update of marks on entry_texts when old.marks <> new.marks begin
      insert into entry_texts_marks (entry_texts_marks, rowid, marks) values ('delete', old.id, old.marks);
      insert into entry_texts_marks (rowid, marks) values (new.id, new.marks);
    end;
    create trigger entry_texts_deleted after delete on entry_texts begin
      insert into entry_texts_trigrams (entry_texts_trigrams, rowid, text) values ('delete', old.id, old.own);
      insert into entry_texts_marks (entry_texts_marks, rowid, marks) values ('delete', old.id, old.marks);
    end;
    create table comment_texts (
      id integer primary key,
      group_id text not null,
      entry_id text not null,
      comment_id text not null,
      -- The folded comment.
      text text not null,
      constraint comment_texts_comment_id unique (group_id, entry_id, comment_id)
    ) strict;
    drop table if exists comment_texts_trigrams;
    create virtual table comment_texts_trigrams using fts5 (
      text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
    create trigger comment_texts_inserted after insert on comment_texts begin
      insert into comment_texts_trigrams (rowid, text) values (new.id, new.text);
    end;
    create trigger comment_texts_updated after update of text on comment_texts when old.text <> new.text begin
      insert into comment_texts_trigrams (comment_texts_trigrams, rowid, text) values ('delete', old.id, old.text);
      insert into comment_texts_trigrams (rowid, text) values (new.id, new.text);
    end;
    create trigger comment_texts_deleted after delete on comment_texts begin
      insert into comment_texts_trigrams (comment_texts_trigrams, rowid, text) values ('delete', old.id, old.text);
    end
    """
}
