extension Migration {
  /// Users, sessions, groups, their books, and jobs.
  ///
  /// Everything that belongs to a group has `group_id` first in its key, so that PostgreSQL can be spread
  /// over nodes by group. Instants are milliseconds since 1970.
  static let foundation = Migration(version: 1, name: "foundation") { dialect in
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
        created_at \(integer) not null,
        removed_at \(integer),
        primary key (group_id, id)
      )\(strict);
      -- A unique index is called as SQLite names its last column, so that both databases say the same.
      create unique index accounts_name_key on accounts (group_id, name_key)
        where removed_at is null and kind = 'member';
      create unique index accounts_user_id on accounts (group_id, user_id) where removed_at is null;
      create index accounts_by_user on accounts (user_id, group_id) where removed_at is null;

      create table entries (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        number \(integer) not null,
        kind text not null constraint entries_kind check (kind in ('expense')),
        description text not null,
        amount \(integer) not null,
        currency text not null,
        date \(dialect.date) not null,
        created_by \(id) not null,
        created_at \(integer) not null,
        deleted_by \(id),
        deleted_at \(integer),
        version \(integer) not null default 1,
        primary key (group_id, id),
        constraint entries_number unique (group_id, number),
        foreign key (group_id, created_by) references accounts (group_id, id)
      )\(strict);
      create index entries_by_date on entries (group_id, date desc, number desc) where deleted_at is null;

      -- Positive is owed to the account. Postings are written before their entry, in the same
      -- transaction, and never changed: see the triggers.
      create table postings (
        group_id \(id) not null,
        entry_id \(id) not null,
        line \(integer) not null,
        account_id \(id) not null,
        kind text not null constraint postings_kind check (kind in ('paid', 'share')),
        currency text not null,
        amount \(integer) not null,
        primary key (group_id, entry_id, line),
        foreign key (group_id, entry_id) references entries (group_id, id) deferrable initially deferred,
        foreign key (group_id, account_id) references accounts (group_id, id)
      )\(strict);
      create index postings_by_account on postings (group_id, account_id);

      -- Running totals over the postings of entries that are not deleted: net is paid - share.
      create table balances (
        group_id \(id) not null,
        account_id \(id) not null,
        currency text not null,
        paid \(integer) not null,
        share \(integer) not null,
        primary key (group_id, account_id, currency),
        foreign key (group_id, account_id) references accounts (group_id, id)
      )\(strict);

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

  /// One look at the rows of an insert, after the statement: an entry's postings come in one.
  private static let postgresRules = """
    create function postings_zero_sum() returns trigger language plpgsql as $$
    begin
      if exists (
        select 1 from fresh group by group_id, entry_id, currency having sum(amount) <> 0
      ) then
        raise exception 'the postings of an entry must sum to zero in each currency'
          using errcode = 'check_violation', constraint = 'postings_zero_sum';
      end if;
      return null;
    end $$;
    create trigger postings_zero_sum after insert on postings
      referencing new table as fresh for each statement execute function postings_zero_sum();

    create function postings_immutable() returns trigger language plpgsql as $$
    begin
      raise exception 'postings are never changed: write a new entry'
        using errcode = 'check_violation', constraint = 'postings_immutable';
    end $$;
    create trigger postings_immutable before update or delete or truncate on postings
      for each statement execute function postings_immutable();

    create function entries_have_postings() returns trigger language plpgsql as $$
    begin
      if exists (
        select 1 from fresh e where not exists (
          select 1 from postings p where p.group_id = e.group_id and p.entry_id = e.id)
      ) then
        raise exception 'an entry has postings' using errcode = 'check_violation', constraint = 'entries_have_postings';
      end if;
      return null;
    end $$;
    create trigger entries_have_postings after insert on entries
      referencing new table as fresh for each statement execute function entries_have_postings()
    """

  /// SQLite has no trigger per statement. The entry comes last and is checked once, and afterwards no
  /// posting can join it.
  private static let sqliteRules = """
    create trigger postings_zero_sum before insert on entries begin
      select raise(abort, 'postings_zero_sum') where exists (
        select 1 from postings where group_id = new.group_id and entry_id = new.id
        group by currency having sum(amount) <> 0);
      select raise(abort, 'entries_have_postings') where not exists (
        select 1 from postings where group_id = new.group_id and entry_id = new.id);
    end;
    create trigger postings_closed before insert on postings
      when exists (select 1 from entries where group_id = new.group_id and id = new.entry_id)
    begin select raise(abort, 'postings_zero_sum'); end;
    create trigger postings_immutable before update on postings
    begin select raise(abort, 'postings_immutable'); end;
    create trigger postings_kept before delete on postings
    begin select raise(abort, 'postings_immutable'); end
    """
}
