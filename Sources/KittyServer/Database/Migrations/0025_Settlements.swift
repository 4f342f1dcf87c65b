extension Migration {
  /// Adds the expense that an entry refunds, the default split of groups, the IBANs of members, and the settling rounds.
  static let settlements = Migration(version: 25, name: "settlements") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- The expense that the current revision of the entry refunds.
      alter table entries add column refund_of \(id);
      create index entries_by_refund on entries (group_id, refund_of) where refund_of is not null;
      alter table groups add column default_split text;
      alter table accounts add column iban text;

      -- A plan that is carried out. Its payments never change.
      create table settlements (
        group_id \(id) not null references groups (id),
        id \(id) not null,
        created_by \(id) not null,
        created_at \(integer) not null,
        -- The end of the round: payments that were not booked are void from then on.
        ended_at \(integer),
        -- The nets that it leaves, other than zero: JSON.
        kept text not null,
        methods text not null,
        -- The number of the latest change in the change sequence of the group.
        sequence \(integer) not null,
        primary key (group_id, id)
      )\(strict);
      -- A group has one round at a time.
      create unique index settlements_in_use on settlements (group_id) where ended_at is null;
      create index settlements_sequence on settlements (group_id, sequence);
      create table settlement_payments (
        group_id \(id) not null,
        settlement_id \(id) not null,
        number \(integer) not null,
        from_id \(id) not null,
        to_id \(id) not null,
        currency text not null,
        amount \(integer) not null constraint settlement_payments_amount check (amount > 0),
        -- The id of the entry that books the payment. It is booked while that entry counts.
        entry_id \(id) not null,
        primary key (group_id, settlement_id, number),
        foreign key (group_id, settlement_id) references settlements (group_id, id)
      )\(strict)
      """
  }
}
