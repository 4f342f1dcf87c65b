import KittyShared

/// The metrics of a process at a moment.
struct MetricsSnapshot: Sendable {
  let program: String
  let databaseKind: String
  let at: Instant
  var routes: [RouteMeter.Reading] = []
  var inFlight = 0
  /// Requests that were refused before the router, by status.
  var refusedHeads: [(status: Int, number: Int)] = []
  var pools: [DatabaseLoad] = []
  var batches: [Batches] = []
  /// Number of failed batches by reason.
  var failures: [(kind: String, number: Int)] = []
  var caches: [(name: String, hits: Int, misses: Int)] = []
  /// Number of jobs that this process ran, by outcome.
  var jobs: [(kind: String, outcome: String, number: Int)] = []
  var photos: [(name: String, number: Int)] = []
  /// Number of refused requests, by the share of the server that was used up.
  var refusals: [(share: String, number: Int)] = []
  /// Lines of the log that are not in its file; `nil` without a file.
  var droppedLines: Int?
  var process: ProcessStats?
  /// Values from the database; `nil` when it did not reply.
  var stored: Stored?
  /// `nil` without Redis.
  var isRedisUp: Bool?

  /// Batches of statements sent to the database.
  struct Batches: Sendable {
    let pool: String
    let statements: Int
    let latencies: LatencyHistogram.Reading
  }

  /// Values from the database.
  struct Stored: Sendable {
    let jobs: JobCounts
    /// Number of findings of the last check of the books; `nil` before the first.
    let findings: Int?
    /// The latest heartbeat of any worker; `nil` without one.
    let lastHeartbeat: Instant?
  }

  /// Number of responses with a status in this range.
  func requests(_ statuses: ClosedRange<Int> = 100...599) -> Int {
    routes.reduce(0) { sum, route in
      route.statuses.reduce(sum) { statuses.contains($1.key) ? $0 + $1.value : $0 }
    }
  }

  /// Durations of requests, over all routes.
  var latencies: LatencyHistogram.Reading { routes.reduce(.none) { $0 + $1.latencies } }
}
