extension Migration {
  /// Makes one index of the marks and the texts of entries from two on PostgreSQL: an expense adds to one list of pending
  /// rows, and its group is in the index once. The dates, a third of the trigrams, are not in it: see `EntryTexts.undated`. On SQLite, adds the list of trigrams, which finds words of one or two letters.
  static let searchIndexes = Migration(version: 32, name: "search indexes") { dialect in
    switch dialect {
    case .postgres:
      """
      do $$
      declare
        trigrams text;
      begin
        if to_regclass('entry_texts_trigrams') is null then return; end if;
        select quote_ident(n.nspname) || '.gin_trgm_ops' into trigrams
        from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace where o.opcname = 'gin_trgm_ops' limit 1;
        drop index entry_texts_marks, entry_texts_trigrams;
        execute 'create index entry_texts_search on entry_texts using gin (group_id, string_to_array(marks, '' ''), left(own, -22) '
          || trigrams || ')';
      end $$
      """
    case .sqlite:
      """
      drop table if exists entry_texts_terms;
      create virtual table entry_texts_terms using fts5vocab (entry_texts_trigrams, instance)
      """
    }
  }
}
