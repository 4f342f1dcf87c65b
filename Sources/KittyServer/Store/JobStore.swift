import KittyShared

/// Work for later, as rows: enqueued in the transaction that wants it, leased by a worker, kept until done.
struct JobStore: Sendable {
  let database: any Database

  /// How long a worker may take before another one takes over.
  static let lease: Duration = .seconds(60)
  /// After how many attempts a job is given up, to be looked at by a person.
  static let maxAttempts = 8

  /// How long a photo is kept that nothing shows any more: a backup that was begun when it was shown finds it.
  static let graceForPhotos: Duration = .seconds(3600)

  /// A statement that asks for the removal of the photos that `hashes` selects, once nothing shows them and the
  /// grace has passed. It does nothing where the selection is empty or null.
  static func enqueueRemoval(ofPhotosFrom hashes: SQL, at now: Instant) -> SQL {
    """
    insert into jobs (id, kind, payload, run_at, created_at)
    select \(ID(at: now)), \(Job.Kind.removePhoto.rawValue), photo_hash, \(now.advanced(by: graceForPhotos)),
      \(now)
    from (\(part: hashes)) as old where photo_hash is not null
    """
  }

  /// Takes the job that has been due longest, for the length of a lease.
  func claim(at now: Instant) async throws -> Job? {
    // Who comes second waits for the row, finds it leased, and gets nothing: no job runs twice at once.
    let rows = try await database.transact([
      """
      update jobs set leased_until = \(now.advanced(by: Self.lease)), attempts = attempts + 1
      where dead_at is null and (leased_until is null or leased_until < \(now)) and id = (
        select id from jobs
        where dead_at is null and run_at <= \(now) and (leased_until is null or leased_until < \(now))
        order by run_at limit 1)
      returning id, kind, payload, attempts
      """
    ])
    return try rows[0].first.map {
      let (id, kind, payload, attempts) = try $0.decode(ID.self, String.self, String.self, Int.self)
      return Job(id: id, kind: kind, payload: payload, attempts: attempts)
    }
  }

  func finish(_ job: Job) async throws {
    try await database.transact(["delete from jobs where id = \(job.id)"])
  }

  /// Puts the job back for later, or, after too many attempts, aside.
  func fail(_ job: Job, error: String, at now: Instant) async throws {
    let delay = Duration.seconds(1 << min(job.attempts, 10))
    let dead: Instant? = job.attempts >= Self.maxAttempts ? now : nil
    try await postpone(job, error: error, until: now.advanced(by: delay), dead: dead)
  }

  /// Puts the job back for later; waiting is no failure.
  func postpone(_ job: Job, until: Instant) async throws {
    try await database.transact([
      """
      update jobs set leased_until = null, attempts = 0, run_at = \(until) where id = \(job.id)
      """
    ])
  }

  private func postpone(_ job: Job, error: String, until: Instant, dead: Instant?) async throws {
    try await database.transact([
      """
      update jobs set leased_until = null, last_error = \(error), run_at = \(until), dead_at = \(dead)
      where id = \(job.id)
      """
    ])
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

/// One piece of work.
struct Job: Sendable {
  let id: ID
  let kind: String
  let payload: String
  let attempts: Int

  enum Kind: String, Sendable {
    /// Remove the files of a photo; the payload is its hash.
    case removePhoto = "photo.remove"
    /// Write to whoever has forgotten their password; the payload is their address.
    case resetPassword = "password.reset"
  }
}
