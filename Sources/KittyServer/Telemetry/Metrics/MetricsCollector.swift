import KittyShared

/// Puts together all that can be measured of a running process.
struct MetricsCollector: Sendable {
  /// `kittycash-server` or `kittycash-worker`.
  let program: String
  let metrics: Metrics
  let load: @Sendable () -> [DatabaseLoad]
  let database: any Database
  /// `postgres` or `sqlite`.
  let databaseKind: String
  /// `nil` without Redis.
  let redis: RedisInvalidation?
  let photos: PhotoConverterProcess.Outcomes
  let log: LogOutput

  /// How long the database and Redis may take to answer.
  var timeout: Duration = .seconds(2)

  /// What everything says just now. What has to be asked for, and does not answer in time, is `nil`.
  func snapshot() async -> MetricsSnapshot {
    async let answer = askDatabase()
    async let isUp = askRedis()
    var snapshot = MetricsSnapshot(program: program, databaseKind: databaseKind, at: .now)
    snapshot.routes = metrics.requests.readings
    snapshot.inFlight = metrics.requests.inFlight.load(ordering: .relaxed)
    snapshot.pools = load()
    snapshot.batches = [("reader", metrics.database.reads), ("writer", metrics.database.writes)].map {
      MetricsSnapshot.Batches(pool: $0, statements: $1.statements.value, latencies: $1.latencies.reading)
    }
    snapshot.failures = metrics.database.failures
    snapshot.caches = metrics.caches.all.map { ($0.name, $0.meter.hits.value, $0.meter.misses.value) }
    snapshot.jobs = metrics.jobs.readings
    snapshot.photos = photos.all
    snapshot.droppedLines = log.file?.dropped.value
    snapshot.process = .now()
    snapshot.stored = await answer
    snapshot.isRedisUp = await isUp
    return snapshot
  }

  /// What only the database knows, in as few statements as possible: this is the place for whatever else is to be
  /// asked for there when metrics are read.
  private func askDatabase() async -> MetricsSnapshot.Stored? {
    await within(timeout) {
      MetricsSnapshot.Stored(
        jobs: try await JobCounts.read(from: database, at: .now),
        findings: try await ScheduleStore(database: database).last(.checkBooks)?.result,
        workerBeat: try await WorkerStore(database: database).lastBeat())
    }
  }

  private func askRedis() async -> Bool? {
    guard let redis else { return nil }
    return await within(timeout) { await redis.healthProblem() == nil } ?? false
  }

  /// What `body` gives; `nil` when it fails or takes longer.
  private func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
      group.addTask { try? await body() }
      group.addTask {
        try? await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }
}
