/// A batch, and the caller that waits for its outcome.
struct PostgresRequest {
  let id: Int
  /// The number of the user for whom it runs.
  let owner: Int?
  let batch: [PostgresStatement]
  let deadline: ContinuousClock.Instant
  private let continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  var attempts = 1
  var isCancelled = false
  /// Number of times that it was taken back from behind a slow batch.
  var moves = 0
  /// `true` for the rest of a request on a connection from which it was taken back: its result is not used.
  var isMoved = false

  /// `true` if a caller waits for the result.
  var isWanted: Bool { !isCancelled && !isMoved }

  init(
    id: Int, owner: Int?, batch: [PostgresStatement], deadline: ContinuousClock.Instant,
    _ continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  ) {
    self.id = id
    self.owner = owner
    self.batch = batch
    self.deadline = deadline
    self.continuation = continuation
  }

  func finish(_ outcome: PostgresConnection.Outcome) { continuation.resume(returning: outcome) }
}
