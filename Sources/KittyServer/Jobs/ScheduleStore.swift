import KittyShared

/// The rows of schedules: the next time of each regular job, and the result of the last run.
struct ScheduleStore: Sendable {
  let database: any Database

  /// Enqueues each regular job that is due, unless a job of that kind is still waiting or running. The new job replaces
  /// a dead one.
  /// - Throws: `DatabaseFailure`, here and below.
  func enqueueDue(at now: Instant) async throws {
    let rows = try await database.read("select kind, next_at from schedules")
    let next = Dictionary(
      try rows.map { try $0.decode(String.self, Instant.self) }, uniquingKeysWith: { $1 })
    for kind in Job.Kind.allCases {
      guard let interval = kind.interval, next[kind.rawValue].map({ $0 <= now }) ?? true else { continue }
      let (job, name) = (ID(at: now), kind.rawValue)
      // Several workers may get here at the same time. The one whose job id is in the row enqueues the job.
      let isOurs: SQL = "exists (select 1 from schedules where kind = \(name) and last_job = \(job))"
      try await database.transact(
        [
          "insert into schedules (kind, next_at) values (\(name), \(now)) on conflict (kind) do nothing",
          """
          update schedules set last_job = \(job), next_at = \(now.advanced(by: interval))
          where kind = \(name) and next_at <= \(now)
            and not exists (select 1 from jobs where kind = \(name) and dead_at is null)
          """,
          "delete from jobs where kind = \(name) and dead_at is not null and \(part: isOurs)",
          JobStore.enqueue(kind, id: job, where: isOurs, at: now),
        ], in: WriteContext())
    }
  }

  /// Returns the time and the result of the last run of a regular job; `nil` before the first run.
  func last(_ kind: Job.Kind) async throws -> (doneAt: Instant, result: Int?)? {
    try await database.read(
      "select done_at, result from schedules where kind = \(kind.rawValue) and done_at is not null"
    ).first?.decode(Instant.self, Int?.self)
  }
}
