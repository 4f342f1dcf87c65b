extension Migration {
  /// Lets a statement that writes many accounts give each of them its number in the change sequence. The trigger would
  /// update the row of the group for each, and PostgreSQL looks through all versions of a row that a transaction has
  /// updated: 16,000 imported members took 20 seconds. Distributed databases keep their own triggers, see
  /// `DistributedTriggers`.
  static let givenSequence = Migration(version: 16, name: "given sequence") { dialect in
    guard dialect == .postgres else { return sqliteTrigger }
    return """
      do $$ begin
        if to_regprocedure('beside(text, uuid)') is not null then return; end if;
        create or replace function count_account_change() returns trigger language plpgsql as $rule$
        begin
          if tg_op = 'INSERT' then
            if new.sequence <> 0 then return new; end if;
          elsif new.sequence <> old.sequence then
            return new;
          end if;
          update groups set sequence = sequence + 1 where id = new.group_id
            returning sequence into new.sequence;
          return new;
        end $rule$;
      end $$
      """
  }

  private static let sqliteTrigger = """
    drop trigger accounts_sequence_insert;
    create trigger accounts_sequence_insert after insert on accounts when new.sequence = 0 begin
      update groups set sequence = sequence + 1 where id = new.group_id;
      update accounts set sequence = (select sequence from groups where id = new.group_id)
      where group_id = new.group_id and id = new.id;
    end
    """
}
