extension Migration {
  /// Creates users, sessions, groups with their books, and jobs.
  ///
  /// Each table of a group has `group_id` first in its key, so that PostgreSQL can be distributed over nodes by
  /// group. Instants are milliseconds since 1970.
  static let initialSchema = Migration(version: 1, name: "books") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      create table users (
        id \(id) primary key,
        name text not null constraint users_name unique,
        display_name text not null,
        password_hash text not null,
        photo_hash text,
        photo_width \(integer),
        photo_height \(integer),
        created_at \(integer) not null
      )\(strict);

      create table sessions (
        id \(id) primary key,
        token_hash text not null constraint sessions_token_hash unique,
        user_id \(id) not null references users (id),
        created_at \(integer) not null,
        expires_at \(integer) not null
      )\(strict);
      create index sessions_by_user on sessions (user_id);
      create index sessions_by_expiry on sessions (expires_at);

      create table groups (
        id \(id) primary key,
        name text not null,
        currency text not null,
        photo_hash text,
        photo_width \(integer),
        photo_height \(integer),
        created_at \(integer) not null,
        archived_at \(integer),
        -- The last day of what is closed.
        closed_until \(dialect.date),
        deleted_at \(integer),
        version \(integer) not null default 1,
        last_number \(integer) not null default 0
      )\(strict);

      -- An account of the books: a member, or the kitty, whose id is the group's.
      create table accounts (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        kind text not null constraint accounts_kind check (kind in ('member', 'kitty')),
        name text not null,
        -- The name in lower case, so that "Anna" and "anna" are the same on every database.
        name_key text not null,
        user_id \(id) references users (id),
        role text not null constraint accounts_role check (role in ('owner', 'guest', 'kitty')),
        -- How much they count in a split by shares.
        weight \(integer) not null default 1,
        created_at \(integer) not null,
        removed_at \(integer),
        version \(integer) not null default 1,
        primary key (group_id, id)
      )\(strict);
      -- A unique index is called as SQLite names its last column, so that both databases say the same.
      create unique index accounts_name_key on accounts (group_id, name_key)
        where removed_at is null and kind = 'member';
      create unique index accounts_user_id on accounts (group_id, user_id) where removed_at is null;
      create index accounts_by_user on accounts (user_id, group_id) where removed_at is null;

      -- Everything that was ever done to an entry; never changed, never removed.
      create table revisions (
        group_id \(id) not null,
        entry_id \(id) not null,
        revision \(integer) not null,
        action text not null constraint revisions_action
          check (action in ('created', 'changed', 'deleted', 'restored')),
        made_by \(id) not null,
        made_at \(integer) not null,
        -- How many postings it has: none when it deletes.
        lines \(integer) not null,
        -- What the entry says, as JSON.
        content text not null,
        constraint revisions_revision primary key (group_id, entry_id, revision),
        foreign key (group_id, made_by) references accounts (group_id, id)
      )\(strict);

      -- What was entered. What it says is in its latest revision, and in short here, to be found by.
      create table entries (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        number \(integer) not null,
        kind text not null constraint entries_kind
          check (kind in ('expense', 'payment', 'contribution', 'payout', 'count')),
        description text not null,
        amount \(integer) not null,
        currency text not null,
        date \(dialect.date) not null,
        created_by \(id) not null,
        created_at \(integer) not null,
        changed_at \(integer) not null,
        deleted_at \(integer),
        version \(integer) not null default 1,
        primary key (group_id, id),
        constraint entries_number unique (group_id, number),
        foreign key (group_id, created_by) references accounts (group_id, id),
        -- A revision that the rules did not let in fails the transaction here.
        foreign key (group_id, id, version) references revisions (group_id, entry_id, revision)
          deferrable initially deferred
      )\(strict);
      create index entries_by_date on entries (group_id, date desc, number desc);

      -- Positive is owed to the account. The postings of a revision are written before it, in the same
      -- transaction, and never changed: see the triggers. Those of an entry's latest revision count.
      create table postings (
        group_id \(id) not null,
        entry_id \(id) not null,
        revision \(integer) not null,
        line \(integer) not null,
        account_id \(id) not null,
        kind text not null constraint postings_kind check (kind in ('paid', 'share', 'sent', 'received')),
        currency text not null,
        amount \(integer) not null,
        primary key (group_id, entry_id, revision, line),
        foreign key (group_id, entry_id, revision) references revisions (group_id, entry_id, revision)
          deferrable initially deferred,
        foreign key (group_id, account_id) references accounts (group_id, id)
      )\(strict);
      create index postings_by_account on postings (group_id, account_id, currency);

      -- Running totals over the postings that count: net is paid - share + sent - received.
      create table balances (
        group_id \(id) not null,
        account_id \(id) not null,
        currency text not null,
        paid \(integer) not null,
        share \(integer) not null,
        sent \(integer) not null,
        received \(integer) not null,
        primary key (group_id, account_id, currency),
        foreign key (group_id, account_id) references accounts (group_id, id)
      )\(strict);

      -- What a member has agreed to put into the kitty.
      create table targets (
        group_id \(id) not null,
        account_id \(id) not null,
        currency text not null,
        amount \(integer) not null constraint targets_amount check (amount > 0),
        primary key (group_id, account_id, currency),
        foreign key (group_id, account_id) references accounts (group_id, id)
      )\(strict);

      create table comments (
        group_id \(id) not null,
        entry_id \(id) not null,
        id \(id) not null,
        text text not null,
        created_by \(id) not null,
        created_at \(integer) not null,
        constraint comments_id primary key (group_id, entry_id, id),
        foreign key (group_id, entry_id) references entries (group_id, id),
        foreign key (group_id, created_by) references accounts (group_id, id)
      )\(strict);

      -- What was answered to a request with an Idempotency-Key. The row comes with what the request wrote,
      -- in one transaction; the answer right after it.
      create table idempotency_keys (
        user_id \(id) not null references users (id),
        key text not null,
        -- A hash of the method, the path and the body.
        fingerprint text not null,
        -- The id of what was made.
        made \(id) not null,
        status \(integer),
        headers text,
        body text,
        created_at \(integer) not null,
        constraint idempotency_keys_key primary key (user_id, key)
      )\(strict);
      create index idempotency_keys_by_age on idempotency_keys (created_at);

      create table jobs (
        id \(id) primary key,
        kind text not null,
        payload text not null,
        run_at \(integer) not null,
        attempts \(integer) not null default 0,
        leased_until \(integer),
        last_error text,
        -- Set when it has failed for good.
        dead_at \(integer),
        created_at \(integer) not null
      )\(strict);
      create index jobs_due on jobs (run_at) where dead_at is null;

      \(dialect == .postgres ? postgresRules : sqliteRules)
      """
  }

  /// The triggers check all rows of an insert together, after the statement: one statement inserts all postings of a
  /// revision.
  private static let postgresRules = """
    create function refuse_zero_sum() returns trigger language plpgsql as $$
    begin
      if exists (
        select 1 from fresh group by group_id, entry_id, revision, currency having sum(amount) <> 0
      ) then
        raise exception 'the postings of an entry must sum to zero in each currency'
          using errcode = 'check_violation', constraint = 'postings_zero_sum';
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
    create trigger postings_zero_sum after insert on postings
      referencing new table as fresh for each statement execute function refuse_zero_sum();

    create function refuse_lost_lines() returns trigger language plpgsql as $$
    begin
      if exists (
        select 1 from fresh r where r.lines <> (
          select count(*) from postings p
          where p.group_id = r.group_id and p.entry_id = r.entry_id and p.revision = r.revision)
      ) then
        raise exception 'a revision has all its postings'
          using errcode = 'check_violation', constraint = 'revisions_lines';
      end if;
      return null;
    end $$;
    create trigger revisions_lines after insert on revisions
      referencing new table as fresh for each statement execute function refuse_lost_lines();

    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'the books are never changed: write a new revision'
        using errcode = 'check_violation', constraint = tg_table_name || '_immutable';
    end $$;
    create trigger postings_immutable before update or truncate on postings
      for each statement execute function refuse_change();
    create trigger revisions_immutable before update or truncate on revisions
      for each statement execute function refuse_change();

    create function refuse_removal() returns trigger language plpgsql as $$
    begin
      if exists (select 1 from groups where id = old.group_id and deleted_at is not null) then
        return old;
      end if;
      raise exception 'the books are kept as long as their group'
        using errcode = 'check_violation', constraint = tg_table_name || '_kept';
    end $$;
    create trigger postings_kept before delete on postings for each row execute function refuse_removal();
    create trigger revisions_kept before delete on revisions for each row execute function refuse_removal()
    """

  /// SQLite has no triggers for statements. The revision is inserted last and checked once; after that no posting can
  /// be added to it.
  private static let sqliteRules = """
    create trigger postings_zero_sum before insert on revisions begin
      select raise(abort, 'postings_zero_sum') where exists (
        select 1 from postings
        where group_id = new.group_id and entry_id = new.entry_id and revision = new.revision
        group by currency having sum(amount) <> 0);
      select raise(abort, 'revisions_lines') where new.lines <> (
        select count(*) from postings
        where group_id = new.group_id and entry_id = new.entry_id and revision = new.revision);
    end;
    create trigger postings_closed before insert on postings
      when exists (
        select 1 from revisions
        where group_id = new.group_id and entry_id = new.entry_id and revision = new.revision)
    begin select raise(abort, 'postings_closed'); end;
    create trigger postings_immutable before update on postings
    begin select raise(abort, 'postings_immutable'); end;
    create trigger revisions_immutable before update on revisions
    begin select raise(abort, 'revisions_immutable'); end;
    create trigger postings_kept before delete on postings
      when not exists (select 1 from groups where id = old.group_id and deleted_at is not null)
    begin select raise(abort, 'postings_kept'); end;
    create trigger revisions_kept before delete on revisions
      when not exists (select 1 from groups where id = old.group_id and deleted_at is not null)
    begin select raise(abort, 'revisions_kept'); end
    """
}
