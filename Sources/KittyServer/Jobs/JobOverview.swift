import KittyShared

/// A job as `kittycash-server jobs list` shows it.
struct JobOverview: Codable, Sendable {
  let id: ID
  let kind: String
  let state: State
  /// The number of attempts so far, with the one that runs.
  let attempts: Int
  /// The time from which the next attempt may begin; of a running job, the time from which this one could.
  let dueAt: Instant
  let createdAt: Instant
  /// The time at which the job was given up.
  let deadAt: Instant?
  /// The worker that runs the job.
  let worker: String?
  /// The error of the last failed attempt.
  let error: String?

  enum State: String, Codable, Sendable, CaseIterable {
    /// Not due yet, or not claimed by a worker yet.
    case waiting
    case running
    /// Given up after the last attempt, for an administrator to look at.
    case dead
  }
}
