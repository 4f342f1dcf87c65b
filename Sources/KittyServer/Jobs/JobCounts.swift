import KittyShared

/// How many jobs there are, by what becomes of them.
struct JobCounts: Equatable, Sendable {
  /// Due, and nobody works on them.
  var due = 0
  /// For later: tried in vain, or not due yet.
  var scheduled = 0
  /// A worker has them.
  var running = 0
  /// Given up, for a person to look at.
  var dead = 0
  /// For how many seconds the one that has been due longest has waited; 0 when none is due.
  var oldestDueSeconds = 0.0

  /// Reads them.
  /// - Throws: `DatabaseFailure`.
  static func read(from database: any Database, at now: Instant) async throws -> JobCounts {
    let rows = try await database.read(
      """
      select state, count(*), min(run_at) from (
        select run_at, case
          when dead_at is not null then 'dead'
          when leased_until is not null and leased_until >= \(now) then 'running'
          when run_at <= \(now) then 'due'
          else 'scheduled' end as state
        from jobs) as every_job
      group by state
      """)
    var counts = JobCounts()
    for row in rows {
      let (state, number, first) = try row.decode(String.self, Int.self, Instant.self)
      switch state {
      case "dead": counts.dead = number
      case "running": counts.running = number
      case "due":
        counts.due = number
        counts.oldestDueSeconds = Double(max(0, now.milliseconds - first.milliseconds)) / 1000
      default: counts.scheduled = number
      }
    }
    return counts
  }
}
