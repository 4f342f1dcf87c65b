/// A batch, and the caller that waits for its outcome.
struct PostgresRequest {
  let id: Int
  let batch: [PostgresStatement]
  let deadline: ContinuousClock.Instant
  private let continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  var attempts = 1
  var isCancelled = false

  init(
    id: Int, batch: [PostgresStatement], deadline: ContinuousClock.Instant,
    _ continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  ) {
    self.id = id
    self.batch = batch
    self.deadline = deadline
    self.continuation = continuation
  }

  func finish(_ outcome: PostgresConnection.Outcome) { continuation.resume(returning: outcome) }
}
