extension Migration {
  /// Checks all rules of postings in one statement on PostgreSQL, and each row through an index. Without that setting, a
  /// session keeps its first plan, which may read a whole table because the table was small at that time. Distributed
  /// databases keep their own triggers, see `DistributedTriggers`.
  static let statementLevelPostingChecks = Migration(version: 9, name: "one look at postings") { dialect in
    guard dialect == .postgres else { return "select 1" }
    return """
      do $$ begin
        if to_regprocedure('beside(text, uuid)') is not null then return; end if;
        create or replace function refuse_zero_sum() returns trigger language plpgsql set enable_seqscan = off as $rule$
        declare
          unbalanced boolean;
          homeless boolean;
          late boolean;
        begin
          -- A subquery for one value is never turned into a join over the whole table.
          select
            exists (select 1 from fresh group by group_id, entry_id, revision, currency having sum(amount) <> 0),
            exists (select 1 from fresh f where (
              select true from accounts a where a.group_id = f.group_id and a.id = f.account_id) is null),
            exists (select 1 from fresh f where (
              select true from revisions r
              where r.group_id = f.group_id and r.entry_id = f.entry_id and r.revision = f.revision))
            into unbalanced, homeless, late;
          if unbalanced then
            raise exception 'the postings of an entry must sum to zero in each currency'
              using errcode = 'check_violation', constraint = 'postings_zero_sum';
          end if;
          if homeless then
            raise exception 'a posting belongs to an account of its group'
              using errcode = 'foreign_key_violation', constraint = 'postings_account';
          end if;
          if late then
            raise exception 'no posting can join a revision'
              using errcode = 'check_violation', constraint = 'postings_closed';
          end if;
          return null;
        end $rule$;
        alter function refuse_lost_lines() set enable_seqscan = off;
      end $$
      """
  }
}
