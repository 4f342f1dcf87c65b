import KittyShared

/// What was measured of a process up to a moment.
struct MetricsSnapshot: Sendable {
  let program: String
  let databaseKind: String
  let at: Instant
  var routes: [RouteMeter.Reading] = []
  var inFlight = 0
  var pools: [DatabaseLoad] = []
  var batches: [Batches] = []
  /// How many batches failed, by why.
  var failures: [(kind: String, number: Int)] = []
  var caches: [(name: String, hits: Int, misses: Int)] = []
  /// How jobs ended in this process.
  var jobs: [(kind: String, ending: String, number: Int)] = []
  var photos: [(name: String, number: Int)] = []
  /// Lines of the log that are not in its file; `nil` without a file.
  var droppedLines: Int?
  var process: ProcessStats?
  /// What is in the database; `nil` when it did not answer.
  var stored: Stored?
  /// `nil` without Redis.
  var isRedisUp: Bool?

  /// What was asked of the database.
  struct Batches: Sendable {
    let pool: String
    let statements: Int
    let latencies: LatencyHistogram.Reading
  }

  /// What is in the database.
  struct Stored: Sendable {
    let jobs: JobCounts
    /// How much the last self-check of the books found; `nil` before the first.
    let findings: Int?
    /// The latest sign of life of any worker; `nil` when there is none.
    let workerBeat: Instant?
  }

  /// How many requests were answered with a status in this range.
  func requests(_ statuses: ClosedRange<Int> = 100...599) -> Int {
    routes.reduce(0) { sum, route in
      route.statuses.reduce(sum) { statuses.contains($1.key) ? $0 + $1.value : $0 }
    }
  }

  /// How long requests took, over all routes.
  var latencies: LatencyHistogram.Reading { routes.reduce(.none) { $0 + $1.latencies } }
}
