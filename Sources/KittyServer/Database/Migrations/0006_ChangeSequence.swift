extension Migration {
  /// Adds a sequence number to each group: a change takes the next number, and the changed row keeps it.
  ///
  /// - The statement that writes an entry sets its number, because entries change often.
  /// - A trigger sets the number of an account, so that no statement that changes a member can forget it.
  static let changeSequence = Migration(version: 6, name: "change sequence") { dialect in
    let integer = dialect.integer
    return """
      alter table groups add column sequence \(integer) not null default 0;
      -- What was there before this one is gone, and not told as removed: an import replaced it.
      alter table groups add column first_sequence \(integer) not null default 0;
      alter table entries add column sequence \(integer) not null default 0;
      alter table accounts add column sequence \(integer) not null default 0;

      update entries set sequence = number;
      update accounts set sequence = n.place from (
        select group_id, id, row_number() over (partition by group_id order by id) as place from accounts
      ) as n where n.group_id = accounts.group_id and n.id = accounts.id;
      update groups set sequence = last_number + (select count(*) from accounts where group_id = groups.id);

      create unique index entries_sequence on entries (group_id, sequence);
      \(dialect == .postgres ? postgresSequence : sqliteSequence)
      """
  }

  private static let postgresSequence = """
    create function count_account_change() returns trigger language plpgsql as $$
    begin
      update groups set sequence = sequence + 1 where id = new.group_id returning sequence into new.sequence;
      return new;
    end $$;
    create trigger accounts_sequence before insert or update on accounts
      for each row execute function count_account_change()
    """

  /// Triggers of SQLite cannot change a row before it is written.
  private static let sqliteSequence = """
    create trigger accounts_sequence_insert after insert on accounts begin
      update groups set sequence = sequence + 1 where id = new.group_id;
      update accounts set sequence = (select sequence from groups where id = new.group_id)
      where group_id = new.group_id and id = new.id;
    end;
    create trigger accounts_sequence_update after update on accounts when new.sequence = old.sequence begin
      update groups set sequence = sequence + 1 where id = new.group_id;
      update accounts set sequence = (select sequence from groups where id = new.group_id)
      where group_id = new.group_id and id = new.id;
    end
    """
}
