extension Migration {
  /// Adds ids of leases, schedules of regular jobs, and the heartbeats of workers.
  static let jobs = Migration(version: 7, name: "jobs") { dialect in
    let (id, integer, strict) = (dialect.id, dialect.integer, dialect.strict)
    return """
      -- A claim has an id of its own: whose lease has passed to another can no longer end the job.
      alter table jobs add column lease \(id);
      alter table jobs add column worker text;

      -- What is done regularly, by one worker for all.
      create table schedules (
        kind text primary key,
        -- When the next job of this kind is to be left.
        next_at \(integer) not null,
        -- The job that was left last; it may be done and gone.
        last_job \(id),
        done_at \(integer),
        -- What came of it, where that is a number: what the check of the books has found.
        result \(integer)
      )\(strict);

      -- Signs of life.
      create table workers (
        name text primary key,
        host text not null,
        process \(integer) not null,
        started_at \(integer) not null,
        beat_at \(integer) not null
      )\(strict)
      """
  }
}
