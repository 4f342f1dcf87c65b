import KittyShared

/// A job as an administrator sees it.
struct JobOverview: Codable, Sendable {
  let id: ID
  let kind: String
  let state: State
  /// How often it was begun.
  let attempts: Int
  /// When it is to be begun, or was.
  let dueAt: Instant
  let createdAt: Instant
  /// When it was given up.
  let deadAt: Instant?
  /// Who does it.
  let worker: String?
  /// Why the last attempt failed.
  let error: String?

  enum State: String, Codable, Sendable, CaseIterable {
    /// For its time, or for a worker.
    case waiting
    case running
    /// Given up, for somebody to look at.
    case dead
  }
}

extension JobStore {
  /// The jobs in the order in which they were left.
  func list(after: ID, limit: Int, at now: Instant) async throws -> [JobOverview] {
    try await database.read(
      """
      select id, kind, attempts, run_at, created_at, leased_until, dead_at, worker, last_error from jobs
      where id > \(after) order by id limit \(limit)
      """
    ).map { row in
      let (id, kind, attempts, due, created, leased, dead, worker, error) = try row.decode(
        ID.self, String.self, Int.self, Instant.self, Instant.self, Instant?.self, Instant?.self,
        String?.self, String?.self)
      let isRunning = leased.map { $0 >= now } ?? false
      return JobOverview(
        id: id, kind: kind, state: dead != nil ? .dead : isRunning ? .running : .waiting, attempts: attempts,
        dueAt: due, createdAt: created, deadAt: dead, worker: isRunning ? worker : nil, error: error)
    }
  }

  /// Makes a job due now, with all its attempts before it.
  /// - Returns: Whether there is one that does not run.
  func retry(_ id: ID, at now: Instant) async throws -> Bool {
    try await retry(where: "id = \(id)", at: now) > 0
  }

  /// Makes every dead job due now.
  /// - Returns: How many there were.
  func retryAllDead(at now: Instant) async throws -> Int {
    try await retry(where: "dead_at is not null", at: now)
  }

  private func retry(where condition: SQL, at now: Instant) async throws -> Int {
    try await database.transact(
      [
        """
        update jobs set dead_at = null, attempts = 0, run_at = \(now), leased_until = null, lease = null, worker = null
        where \(part: condition) and (leased_until is null or leased_until < \(now)) returning id
        """
      ], in: WriteContext())[0].count
  }

  /// Removes a job, whatever its state: a worker that does it just now finds out and stops.
  /// - Returns: What it was; `nil` when there is none.
  func cancel(_ id: ID) async throws -> (kind: String, worker: String?)? {
    try await database.transact(
      ["delete from jobs where id = \(id) returning kind, worker"], in: WriteContext())[0].first?
      .decode(
        String.self, String?.self)
  }
}
