import KittyShared

/// The rows of jobs: enqueued in the transaction that needs the work, claimed by a worker for the length of a lease,
/// removed when the work is done.
///
/// Every change of a claimed job names its lease. It changes nothing, and returns `false`, when the lease has expired
/// and another worker has claimed the job, or when the job was cancelled.
struct JobStore: Sendable {
  let database: any Database
  /// Length of a lease.
  var lease: Duration = JobQueue.general.lease

  /// Number of attempts after which a job is given up, for an administrator to look at.
  static let maxAttempts = 8

  /// Time for which an unused photo is kept: a backup that began while the photo was in use still finds it.
  static let photoGracePeriod: Duration = .seconds(3600)

  // MARK: The worker

  /// Claims the job of a queue that has been due longest, and begins its lease.
  /// - Parameter worker: The name of the worker.
  /// - Returns: `nil` when no job is due.
  /// - Throws: `DatabaseFailure`, here and below.
  func claim(by worker: String, in queue: JobQueue = .general, at now: Instant) async throws -> Job? {
    let lease = ID(at: now)
    let rows = try await database.transact(
      [
        // Give up jobs whose worker died in each of their attempts.
        """
        update jobs set dead_at = \(now), leased_until = null, lease = null, worker = null,
          last_error = 'its worker stopped or fell silent in each of its last attempts'
        where dead_at is null and attempts >= \(Self.maxAttempts) and leased_until < \(now)
        """,
        // On SQLite, where no row is skipped, the second of two workers waits, finds the row leased, and gets no job.
        """
        update jobs set leased_until = \(now.advanced(by: self.lease)), lease = \(lease), worker = \(worker),
          attempts = attempts + 1
        where dead_at is null and (leased_until is null or leased_until < \(now)) and id = (
          select id from jobs
          where dead_at is null and \(part: queue.condition) and run_at <= \(now)
            and (leased_until is null or leased_until < \(now))
          order by run_at limit 1 \(part: database.skippingLocked))
        returning id, kind, payload, attempts
        """,
      ], in: WriteContext())
    return try rows[1].first.map {
      let (id, kind, payload, attempts) = try $0.decode(ID.self, String.self, String.self, Int.self)
      return Job(id: id, kind: kind, payload: payload, attempts: attempts, lease: lease)
    }
  }

  /// Extends the lease of a job.
  /// - Returns: `false` when the lease is lost.
  func renew(_ job: Job, at now: Instant) async throws -> Bool {
    try await update(job, "leased_until = \(now.advanced(by: lease))")
  }

  /// Removes a finished job, and records the result of a scheduled one.
  /// - Returns: `false` when the lease is lost.
  func finish(_ job: Job, result: Int? = nil, at now: Instant) async throws -> Bool {
    let rows = try await database.transact(
      [
        "delete from jobs where id = \(job.id) and lease = \(job.lease) returning id",
        """
        update schedules set done_at = \(now), result = \(result)
        where kind = \(job.kind) and last_job = \(job.id)
          and not exists (select 1 from jobs where id = \(job.id))
        """,
      ], in: WriteContext())
    return !rows[0].isEmpty
  }

  /// Schedules the next attempt of a failed job, or gives it up after the last one.
  /// - Returns: `false` when the lease is lost.
  func fail(_ job: Job, error: String, at now: Instant) async throws -> Bool {
    var random = SystemRandomNumberGenerator()
    let next = now.advanced(by: Job.retryDelay(after: job.attempts, using: &random))
    let dead: Instant? = job.attempts >= Self.maxAttempts ? now : nil
    return try await update(
      job, "\(part: Self.noLease), last_error = \(error), run_at = \(next), dead_at = \(dead)")
  }

  /// Postpones a job. It does not count as a failed attempt.
  /// - Returns: `false` when the lease is lost.
  func postpone(_ job: Job, until: Instant) async throws -> Bool {
    try await update(job, "\(part: Self.noLease), attempts = 0, run_at = \(until)")
  }

  /// Returns a job to the queue as if it had not been claimed.
  /// - Returns: `false` when the lease is lost.
  func release(_ job: Job) async throws -> Bool {
    try await update(job, "\(part: Self.noLease), attempts = attempts - 1")
  }

  private static let noLease: SQL = "leased_until = null, lease = null, worker = null"

  private func update(_ job: Job, _ assignments: SQL) async throws -> Bool {
    let rows = try await database.transact(
      [
        "update jobs set \(part: assignments) where id = \(job.id) and lease = \(job.lease) returning id"
      ], in: WriteContext())
    return !rows[0].isEmpty
  }

  /// `true` if a user or a group uses the photo.
  func isInUse(photo hash: String) async throws -> Bool {
    let rows = try await database.read(
      """
      select (select count(*) from users where photo_hash = \(hash))
        + (select count(*) from groups where photo_hash = \(hash))
      """)
    return try rows[0].decode(Int64.self) > 0
  }

  /// `true` if an entry has the receipt, also a deleted one.
  func isInUse(receipt hash: String) async throws -> Bool {
    try await !database.read("select 1 from entry_receipts where hash = \(hash) limit 1").isEmpty
  }

  // MARK: Administration and metrics

  /// The state of a job as a column: the only place that tells due, scheduled, running and dead jobs apart.
  private static func state(at now: Instant) -> SQL {
    """
    case
      when dead_at is not null then 'dead'
      when leased_until is not null and leased_until >= \(now) then 'running'
      when run_at <= \(now) then 'due'
      else 'scheduled' end
    """
  }

  /// Counts the jobs in each state.
  func counts(at now: Instant) async throws -> JobCounts {
    let rows = try await database.read(
      """
      select state, count(*), min(run_at)
      from (select run_at, \(part: Self.state(at: now)) as state from jobs) as every_job
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

  /// Lists jobs in the order in which they were enqueued.
  /// - Parameter after: The id of the last job of the page before.
  func list(after: ID, limit: Int, at now: Instant) async throws -> [JobOverview] {
    try await database.read(
      """
      select id, kind, attempts, run_at, created_at, \(part: Self.state(at: now)), dead_at, worker, last_error
      from jobs where id > \(after) order by id limit \(limit)
      """
    ).map { row in
      let (id, kind, attempts, due, created, stored, dead, worker, error) = try row.decode(
        ID.self, String.self, Int.self, Instant.self, Instant.self, String.self, Instant?.self, String?.self,
        String?.self)
      let state = JobOverview.State(rawValue: stored) ?? .waiting
      return JobOverview(
        id: id, kind: kind, state: state, attempts: attempts, dueAt: due, createdAt: created, deadAt: dead,
        worker: state == .running ? worker : nil, error: error)
    }
  }

  /// Makes a job due now and resets its attempts.
  /// - Returns: `false` when the job does not exist or is running.
  func retry(_ id: ID, at now: Instant) async throws -> Bool {
    try await retry(where: "id = \(id)", at: now) > 0
  }

  /// Makes all dead jobs due now and resets their attempts.
  /// - Returns: The number of these jobs.
  func retryAllDead(at now: Instant) async throws -> Int {
    try await retry(where: "dead_at is not null", at: now)
  }

  private func retry(where condition: SQL, at now: Instant) async throws -> Int {
    try await database.transact(
      [
        """
        update jobs set dead_at = null, attempts = 0, run_at = \(now), \(part: Self.noLease)
        where \(part: condition) and (leased_until is null or leased_until < \(now)) returning id
        """
      ], in: WriteContext())[0].count
  }

  /// Removes a job in any state. A worker that is running it stops when it next renews the lease.
  /// - Returns: The job's kind and its worker; `nil` when the job does not exist.
  func cancel(_ id: ID) async throws -> (kind: String, worker: String?)? {
    try await database.transact(
      ["delete from jobs where id = \(id) returning kind, worker"], in: WriteContext())[0].first?
      .decode(String.self, String?.self)
  }
}

extension JobQueue {
  /// The jobs of the queue.
  fileprivate var condition: SQL {
    switch self {
    case .photos: "kind = \(Job.Kind.convertPhoto.rawValue)"
    case .general: "kind <> \(Job.Kind.convertPhoto.rawValue)"
    }
  }
}
