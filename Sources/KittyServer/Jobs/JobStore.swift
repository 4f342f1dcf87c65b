import KittyShared

/// Work for later, as rows: enqueued in the transaction that wants it, leased by a worker, kept until done.
struct JobStore: Sendable {
  let database: any Database
  /// How long a worker may be silent before another one takes its job over.
  var lease: Duration = JobQueue.general.lease

  /// After how many attempts a job is given up, to be looked at by a person.
  static let maxAttempts = 8

  /// How long a photo is kept that nothing shows any more: a backup that was begun when it was shown finds it.
  static let graceForPhotos: Duration = .seconds(3600)

  /// Returns the statement that enqueues a job.
  /// - Parameters:
  ///   - id: The id of the job; a new one when `nil`.
  ///   - condition: The condition without which nothing is enqueued.
  static func enqueue(
    _ kind: Job.Kind, payload: String = "", id: ID? = nil, where condition: SQL? = nil, at now: Instant
  ) -> SQL {
    let condition: SQL = condition.map { " where \(part: $0)" } ?? ""
    return enqueue(
      "select \(id ?? ID(at: now)), \(kind.rawValue), \(payload), \(now), \(now)\(part: condition)")
  }

  /// Returns the statement that enqueues the removal of the photos whose hashes `hashes` selects as `photo_hash`; the
  /// job keeps a photo that is still shown. It does nothing where the selection is empty or null.
  static func enqueueRemoval(ofPhotosFrom hashes: SQL, at now: Instant) -> SQL {
    enqueue(
      """
      select \(ID(at: now)), \(Job.Kind.removePhoto.rawValue), photo_hash, \(now.advanced(by: graceForPhotos)),
        \(now)
      from (\(part: hashes)) as old where photo_hash is not null
      """)
  }

  /// Returns the statement that enqueues the selected jobs, marked so that it wakes the workers. Every statement that
  /// enqueues a job is made here.
  private static func enqueue(_ selection: SQL) -> SQL {
    var statement: SQL = "insert into jobs (id, kind, payload, run_at, created_at) \(part: selection)"
    statement.wakesWorker = true
    return statement
  }

  /// Takes the job of a queue that has been due longest, for the length of a lease.
  /// - Parameter worker: The name of who takes it.
  func claim(by worker: String, in queue: JobQueue = .general, at now: Instant) async throws -> Job? {
    let lease = ID(at: now)
    let rows = try await database.transact(
      [
        // Whatever a job does to its workers, it does not do it for ever.
        """
        update jobs set dead_at = \(now), leased_until = null, lease = null, worker = null,
          last_error = 'its worker ended, or was silent, during each of its last attempts'
        where dead_at is null and attempts >= \(Self.maxAttempts) and leased_until < \(now)
        """,
        // Where nothing is skipped, who comes second waits for the row, finds it leased, and gets nothing.
        """
        update jobs set leased_until = \(now.advanced(by: self.lease)), lease = \(lease), worker = \(worker),
          attempts = attempts + 1
        where dead_at is null and (leased_until is null or leased_until < \(now)) and id = (
          select id from jobs
          where dead_at is null and \(part: queue.condition) and run_at <= \(now) and (leased_until is null or leased_until < \(now))
          order by run_at limit 1 \(part: database.skippingLocked))
        returning id, kind, payload, attempts
        """,
      ], in: WriteContext())
    return try rows[1].first.map {
      let (id, kind, payload, attempts) = try $0.decode(ID.self, String.self, String.self, Int.self)
      return Job(id: id, kind: kind, payload: payload, attempts: attempts, lease: lease)
    }
  }

  /// Keeps a job that takes long.
  /// - Returns: Whether it is still this worker's.
  func renew(_ job: Job, at now: Instant) async throws -> Bool {
    try await change(job, "leased_until = \(now.advanced(by: lease))")
  }

  /// Removes a job that is done, and keeps what came of one that is done regularly.
  /// - Returns: Whether it was still this worker's.
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

  /// Puts the job back for later, or, after too many attempts, aside.
  /// - Returns: Whether it was still this worker's.
  func fail(_ job: Job, error: String, at now: Instant) async throws -> Bool {
    var random = SystemRandomNumberGenerator()
    let next = now.advanced(by: Job.delay(after: job.attempts, using: &random))
    let dead: Instant? = job.attempts >= Self.maxAttempts ? now : nil
    return try await change(
      job, "\(part: Self.free), last_error = \(error), run_at = \(next), dead_at = \(dead)")
  }

  /// Puts the job back for later; waiting is no failure.
  /// - Returns: Whether it was still this worker's.
  func postpone(_ job: Job, until: Instant) async throws -> Bool {
    try await change(job, "\(part: Self.free), attempts = 0, run_at = \(until)")
  }

  /// Gives the job back as if it had not been claimed.
  /// - Returns: Whether it was still this worker's.
  func release(_ job: Job) async throws -> Bool {
    try await change(job, "\(part: Self.free), attempts = attempts - 1")
  }

  private static let free: SQL = "leased_until = null, lease = null, worker = null"

  private func change(_ job: Job, _ assignments: SQL) async throws -> Bool {
    let rows = try await database.transact(
      [
        "update jobs set \(part: assignments) where id = \(job.id) and lease = \(job.lease) returning id"
      ], in: WriteContext())
    return !rows[0].isEmpty
  }

  /// Whether a user or a group shows this photo.
  func isShown(photo hash: String) async throws -> Bool {
    let rows = try await database.read(
      """
      select (select count(*) from users where photo_hash = \(hash))
        + (select count(*) from groups where photo_hash = \(hash))
      """)
    return try rows[0].decode(Int64.self) > 0
  }
}
