import Postgres

/// The triggers of the books for a distributed database. On a node, a trigger runs on a shard of a table, such as
/// `postings_102042`, and must use the shards of the other tables that have the same groups. The SQL function `beside`
/// returns the name of such a shard. The rules are those of the migrations.
enum DistributedTriggers {
  /// Replaces the functions of the triggers. Their names are stored in distributed databases, and migration 9 looks for
  /// `beside`: they must not change.
  static let statements: [PostgresStatement] = [
    """
    create or replace function beside(name text, one uuid) returns text language sql stable
    set search_path from current as $$
      select format('%I.%I', relnamespace::regnamespace, name || '_' || get_shard_id_for_distribution_column(oid, one))
      from pg_class where oid = name::regclass
    $$
    """,
    """
    create or replace function refuse_zero_sum() returns trigger language plpgsql
    set search_path from current as $$
    declare
      one uuid := (select group_id from fresh limit 1);
      found boolean;
    begin
      -- A statement may have no rows for this node.
      if one is null then return null; end if;
      if exists (
        select 1 from fresh group by group_id, entry_id, revision, currency having sum(amount) <> 0
      ) then
        raise exception 'the postings of an entry must sum to zero in each currency'
          using errcode = 'check_violation', constraint = 'postings_zero_sum';
      end if;
      execute format('select exists (
          select 1 from fresh f where not exists (
            select 1 from %s a where a.group_id = f.group_id and a.id = f.account_id))', beside('accounts', one))
        into found;
      if found then
        raise exception 'a posting belongs to an account of its group'
          using errcode = 'foreign_key_violation', constraint = 'postings_account';
      end if;
      execute format('select exists (
          select 1 from fresh f join %s r
            on r.group_id = f.group_id and r.entry_id = f.entry_id and r.revision = f.revision)',
          beside('revisions', one))
        into found;
      if found then
        raise exception 'no posting can join a revision'
          using errcode = 'check_violation', constraint = 'postings_closed';
      end if;
      return null;
    end $$
    """,
    """
    create or replace function refuse_lost_lines() returns trigger language plpgsql
    set search_path from current as $$
    declare
      one uuid := (select group_id from fresh limit 1);
      found boolean;
    begin
      if one is null then return null; end if;
      execute format('select exists (
          select 1 from fresh r where r.lines <> (
            select count(*) from %s p
            where p.group_id = r.group_id and p.entry_id = r.entry_id and p.revision = r.revision))',
          beside('postings', one))
        into found;
      if found then
        raise exception 'a revision has all its postings'
          using errcode = 'check_violation', constraint = 'revisions_lines';
      end if;
      return null;
    end $$
    """,
    """
    create or replace function refuse_removal() returns trigger language plpgsql
    set search_path from current as $$
    declare
      found boolean;
    begin
      execute format('select exists (select 1 from %s where id = $1 and deleted_at is not null)',
          beside('groups', old.group_id))
        into found using old.group_id;
      if found then return old; end if;
      raise exception 'the books are kept as long as their group'
        using errcode = 'check_violation', constraint = tg_table_name || '_kept';
    end $$
    """,
    """
    create or replace function refuse_lost_account() returns trigger language plpgsql
    set search_path from current as $$
    declare
      found boolean;
    begin
      execute format('select exists (select 1 from %s where group_id = $1 and account_id = $2)',
          beside('postings', old.group_id))
        into found using old.group_id, old.id;
      if found then
        raise exception 'an account is kept as long as its postings'
          using errcode = 'foreign_key_violation', constraint = 'postings_account';
      end if;
      return old;
    end $$
    """,
    """
    create or replace function count_account_change() returns trigger language plpgsql
    set search_path from current set citus.enable_manual_changes_to_shards = on as $$
    begin
      execute format('update %s set sequence = sequence + 1 where id = $1 returning sequence',
          beside('groups', new.group_id))
        into new.sequence using new.group_id;
      return new;
    end $$
    """,
  ].map { PostgresStatement($0) }
}
