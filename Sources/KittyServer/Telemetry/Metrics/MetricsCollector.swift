import KittyShared

/// Collects the metrics of all parts of a process. It is the only type that knows all of them.
struct MetricsCollector: Sendable {
  /// `kittycash-server` or `kittycash-worker`.
  let program: String
  let metrics: Metrics
  /// Reads the current load of the database.
  let load: @Sendable () -> [DatabaseLoad]
  let database: any Database
  /// `postgres` or `sqlite`.
  let databaseKind: String
  /// `nil` without Redis.
  let redis: RedisInvalidation?
  let photos: PhotoConverterProcess.Outcomes
  /// Reads the number of refused requests, by the share of the server that was used up.
  let refusals: @Sendable () -> [(share: String, number: Int)]
  let log: LogOutput

  /// Time limit for a reply of the database and of Redis.
  var timeout: Duration = .seconds(2)

  /// Reads the current values. Values of a database or Redis that does not reply in time are `nil`.
  func snapshot() async -> MetricsSnapshot {
    async let stored = queryDatabase()
    async let isRedisUp = pingRedis()
    var snapshot = MetricsSnapshot(program: program, databaseKind: databaseKind, at: .now)
    snapshot.routes = metrics.requests.readings
    snapshot.inFlight = metrics.requests.inFlight.load(ordering: .relaxed)
    snapshot.refusedHeads = metrics.refusals.readings
    snapshot.pools = load()
    snapshot.batches = [("reader", metrics.database.reads), ("writer", metrics.database.writes)].map {
      MetricsSnapshot.Batches(pool: $0, statements: $1.statements.value, latencies: $1.latencies.reading)
    }
    snapshot.failures = metrics.database.failures
    snapshot.caches = metrics.caches.all.map { ($0.name, $0.meter.hits.value, $0.meter.misses.value) }
    snapshot.jobs = metrics.jobs.readings
    snapshot.photos = photos.all
    snapshot.refusals = refusals()
    snapshot.droppedLines = log.file?.dropped.value
    snapshot.process = .now()
    snapshot.stored = await stored
    snapshot.isRedisUp = await isRedisUp
    return snapshot
  }

  /// Reads the values that are in the database, in as few statements as possible. Further ones belong here.
  private func queryDatabase() async -> MetricsSnapshot.Stored? {
    await result(within: timeout) {
      MetricsSnapshot.Stored(
        jobs: try await JobStore(database: database).counts(at: .now),
        findings: try await ScheduleStore(database: database).last(.checkBooks)?.result,
        lastHeartbeat: try await WorkerStore(database: database).lastHeartbeat())
    }
  }

  private func pingRedis() async -> Bool? {
    guard let redis else { return nil }
    return await result(within: timeout) { await redis.healthProblem() == nil } ?? false
  }

  /// Runs `body` with a time limit.
  /// - Returns: `nil` when it fails or takes longer.
  private func result<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () async throws -> Value
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
