extension Migration {
  /// Resets the setting of the triggers' functions on PostgreSQL: changing a setting at each call took 4 % of the time of an
  /// expense. The connections of the server that write have it instead, see `PostgresConnection`. Distributed databases
  /// keep their own triggers, see `DistributedTriggers`.
  static let triggersWithoutSettings = Migration(version: 29, name: "triggers without settings") { dialect in
    guard dialect == .postgres else { return "select 1" }
    return """
      do $$ begin
        if to_regprocedure('beside(text, uuid)') is not null then return; end if;
        alter function refuse_zero_sum() reset enable_seqscan;
        alter function refuse_lost_lines() reset enable_seqscan;
      end $$
      """
  }
}
