extension Migration {
  /// Adds the rules of entries that recur, and the days of them that have come.
  static let recurring = Migration(version: 22, name: "recurring") { dialect in
    let (id, integer, date, strict) = (dialect.id, dialect.integer, dialect.date, dialect.strict)
    return """
      create table recurring (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        -- The entry, as JSON.
        template text not null,
        -- The first day has the number first_k; each other one is computed from it.
        anchor \(date) not null,
        first_k \(integer) not null,
        step \(integer) not null check (step > 0),
        unit text not null check (unit in ('day', 'week', 'month', 'year')),
        day_of_month \(integer),
        until_day \(date),
        times \(integer),
        zone text not null,
        mode text not null check (mode in ('book', 'propose')),
        -- The number of the next day, and the day itself: none when the rule has ended.
        next_k \(integer) not null,
        due_on \(date),
        -- The reason why the rule waits for a member.
        held_code text,
        held_message text,
        held_at \(integer),
        -- The odd units: which series, and how many entries of it there were.
        series_key text not null,
        series_turns \(integer) not null,
        created_by \(id) not null,
        created_at \(integer) not null,
        removed_at \(integer),
        version \(integer) not null default 1,
        -- The number of the latest change in the change sequence of the group.
        sequence \(integer) not null,
        primary key (group_id, id)
      )\(strict);
      create index recurring_sequence on recurring (group_id, sequence);
      create index recurring_due on recurring (group_id, due_on)
        where due_on is not null and held_code is null and removed_at is null;

      -- The days of rules that have come: each number of a rule is here once, whatever became of it.
      create table occurrences (
        group_id \(id) not null,
        rule_id \(id) not null,
        k \(integer) not null,
        date \(date) not null,
        state text not null check (state in ('booked', 'proposed', 'skipped')),
        reason text,
        entry_id \(id),
        at \(integer) not null,
        primary key (group_id, rule_id, k),
        foreign key (group_id, rule_id) references recurring (group_id, id) deferrable initially deferred
      )\(strict);
      create index occurrences_proposed on occurrences (group_id, rule_id) where state = 'proposed'
      """
  }
}
