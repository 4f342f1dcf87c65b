/// The number of jobs in each state.
struct JobCounts: Equatable, Sendable {
  /// Due, and not claimed by a worker.
  var due = 0
  /// Not due yet: postponed, or waiting for the next attempt.
  var scheduled = 0
  /// Claimed by a worker.
  var running = 0
  /// Given up after the last attempt, for an administrator to look at.
  var dead = 0
  /// Age in seconds of the job that has been due longest; 0 when no job is due.
  var oldestDueSeconds = 0.0
}
