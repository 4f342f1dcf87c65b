extension Migration {
  /// Drops foreign keys on PostgreSQL, which checks them row by row and locks the referenced row each time: an expense
  /// of three shares made ten checks, and all entries of a user waited for that user's row. Their guarantees still
  /// hold:
  ///
  /// - the trigger that sums up the postings of an entry checks their accounts, once for all rows, and an account with
  ///   postings cannot be removed;
  /// - an entry has the group and the author of its first revision, which has its own foreign key;
  /// - an idempotency key may outlive its user.
  ///
  /// SQLite checks foreign keys without locks, and keeps them.
  static let dropRowLevelForeignKeys = Migration(version: 2, name: "cheaper references") { dialect in
    guard dialect == .postgres else { return "select 1" }
    return """
      alter table idempotency_keys drop constraint idempotency_keys_user_id_fkey;
      alter table entries drop constraint entries_group_id_fkey,
        drop constraint entries_group_id_created_by_fkey;
      alter table postings drop constraint postings_group_id_account_id_fkey;

      create or replace function refuse_zero_sum() returns trigger language plpgsql as $$
      begin
        if exists (
          select 1 from fresh group by group_id, entry_id, revision, currency having sum(amount) <> 0
        ) then
          raise exception 'the postings of an entry must sum to zero in each currency'
            using errcode = 'check_violation', constraint = 'postings_zero_sum';
        end if;
        if exists (
          select 1 from fresh f where not exists (
            select 1 from accounts a where a.group_id = f.group_id and a.id = f.account_id)
        ) then
          raise exception 'a posting belongs to an account of its group'
            using errcode = 'foreign_key_violation', constraint = 'postings_account';
        end if;
        if exists (
          select 1 from fresh f join revisions r
            on r.group_id = f.group_id and r.entry_id = f.entry_id and r.revision = f.revision
        ) then
          raise exception 'no posting can join a revision'
            using errcode = 'check_violation', constraint = 'postings_closed';
        end if;
        return null;
      end $$;

      create function refuse_lost_account() returns trigger language plpgsql as $$
      begin
        if exists (select 1 from postings where group_id = old.group_id and account_id = old.id) then
          raise exception 'an account is kept as long as its postings'
            using errcode = 'foreign_key_violation', constraint = 'postings_account';
        end if;
        return old;
      end $$;
      create trigger accounts_kept before delete on accounts
        for each row execute function refuse_lost_account()
      """
  }
}
