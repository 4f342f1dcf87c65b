import FoundationEssentials
import KittyShared
import Synchronization
import Testing

@testable import KittyServer

/// The content of `/metrics` after known requests.
@Suite struct MetricsTests {
  private func redis(_ backend: Backend) -> String? { backend == .postgres ? Backend.redisURL : nil }

  @Test(arguments: Backend.available) func requestsAreCountedByRouteAndStatus(backend: Backend) async throws {
    try await TestServer.run(on: backend, redis: redis(backend)) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token, guests: [])
      for _ in 0..<3 { _ = try await server.send("GET", "/health/live") }
      for _ in 0..<2 { _ = try await server.send("GET", "/v1/me") }
      _ = try await server.send("HEAD", "/v1/groups/\(group.id)", token: token)
      for _ in 0..<4 { _ = try await server.send("GET", "/v1/groups/\(group.id)", token: token) }
      _ = try await server.send("GET", "/v1/groups/\(ID(at: .now))", token: token)
      _ = try await server.send("POST", "/v1/groups", token: token, json: "{")
      _ = try await server.send("GET", "/v1/nothing/\(group.id)")
      _ = try await server.send("PUT", "/v1/me/balances")
      _ = try await server.send("OPTIONS", "/v1/me")

      let metrics = try await server.metrics()
      func requests(_ method: String, _ route: String, _ status: Int) -> Double? {
        metrics[
          #"kittycash_http_requests_total{method="\#(method)",route="\#(route)",status="\#(status)"}"#]
      }
      #expect(requests("GET", "/health/live", 200) == 3)
      #expect(requests("GET", "/v1/me", 401) == 2)
      #expect(requests("GET", "/v1/groups/{group}", 200) == 5)
      #expect(requests("GET", "/v1/groups/{group}", 404) == 1)
      #expect(requests("POST", "/v1/groups", 201) == 1)
      #expect(requests("POST", "/v1/groups", 400) == 1)
      #expect(requests("POST", "/v1/users", 201) == 1)
      #expect(requests("any", "unmatched", 404) == 1)
      #expect(requests("any", "unmatched", 405) == 1)
      #expect(requests("any", "unmatched", 204) == 1)
      #expect(metrics["kittycash_http_requests_in_flight"] == 0)
      #expect(!metrics.numbers.keys.contains { $0.contains("\(group.id)") }, "a path must not be a label")

      // Every request of a route is in one of its buckets.
      let labels = #"method="GET",route="/v1/groups/{group}""#
      let name = "kittycash_http_request_duration_seconds"
      #expect(metrics["\(name)_count{\(labels)}"] == 6)
      #expect(metrics[#"\#(name)_bucket{\#(labels),le="+Inf"}"#] == 6)
      #expect((metrics["\(name)_sum{\(labels)}"] ?? 0) > 0)
      let buckets = LatencyHistogram.bounds.map { bound in
        metrics[#"\#(name)_bucket{\#(labels),le="\#(Double(bound) / 1e9)"}"#] ?? -1
      }
      #expect(buckets == buckets.sorted(), "\(buckets)")
      #expect(!buckets.contains(-1), "\(buckets)")
    }
  }

  @Test(arguments: Backend.available) func databaseCacheJobsAndProcessAreMeasured(backend: Backend)
    async throws
  {
    // Its own: the sign-ins of other tests would hold the sessions.
    let own = redis(backend) == nil ? nil : try RedisProcess()
    defer { own?.kill() }
    try await TestServer.run(on: backend, redis: own?.url) { (server) async throws in
      if own != nil { try await until { server.dependencies.cache?.versions(of: []) != nil } }
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      for _ in 0..<3 { _ = try await server.send("GET", "/v1/groups/\(group.id)/balances", token: token) }
      let again = try await server.send(
        "POST", "/v1/users", json: #"{"name": "anna", "password": "a long password"}"#)
      #expect(again.status == 409)
      let now = Instant.now
      func job(_ run: Instant, leased: Instant? = nil, dead: Instant? = nil) -> SQL {
        """
        insert into jobs (id, kind, payload, run_at, leased_until, dead_at, created_at)
        values (\(ID(at: now)), 'test', '', \(run), \(leased), \(dead), \(now))
        """
      }
      let (before, after) = (now.advanced(by: .seconds(-90)), now.advanced(by: .seconds(600)))
      try await server.dependencies.database.transact([
        job(before), job(before), job(before, leased: before), job(after), job(before, leased: after),
        job(after, dead: now), job(before, dead: now),
      ])

      try await server.dependencies.database.transact([
        "insert into schedules (kind, next_at, done_at, result) values ('books.check', \(after), \(before), 3)"
      ])
      try await WorkerStore(database: server.dependencies.database).heartbeat(.current(), at: before)
      server.dependencies.metrics.jobs.count(Job.Kind.removePhoto.rawValue, .failed)
      let metrics = try await server.metrics()
      #expect(metrics["kittycash_ledger_findings"] == 3)
      let age = metrics["kittycash_worker_heartbeat_age_seconds"] ?? -1
      #expect(age >= 90 && age < 600)
      #expect(metrics[#"kittycash_job_runs_total{kind="photo.remove",outcome="failed"}"#] == 1)
      let jobs = ["due", "scheduled", "running", "dead"].map { metrics[#"kittycash_jobs{state="\#($0)"}"#] }
      #expect(jobs == [3, 1, 1, 2])
      let oldest = metrics["kittycash_jobs_oldest_due_seconds"] ?? -1
      #expect(oldest >= 90 && oldest < 600)
      #expect(metrics["kittycash_database_up"] == 1)
      #expect(metrics[#"kittycash_database_failures_total{kind="refused"}"#] == 1)
      #expect(metrics[#"kittycash_database_failures_total{kind="unavailable"}"#] == 0)
      #expect(metrics[#"kittycash_database_failures_total{kind="fault"}"#] == 0)
      for pool in ["reader", "writer"] {
        #expect((metrics[#"kittycash_database_statements_total{pool="\#(pool)"}"#] ?? 0) > 3)
      }
      #expect(metrics[#"kittycash_database_waiting{pool="writer"}"#] == 0)
      let connections = metrics[#"kittycash_database_connections{pool="writer"}"#]
      let limit = metrics[#"kittycash_database_connections_limit{pool="writer"}"#]
      if backend == .sqlite {
        #expect(connections == nil && limit == nil)
      } else {
        let open = connections ?? 0
        #expect(open >= 1 && open <= 8)
        #expect(limit == 8)
      }
      // For the second and the third request, principal and reply are cached.
      #expect(metrics[#"kittycash_cache_hits_total{cache="replies"}"#] == 2)
      #expect(metrics[#"kittycash_cache_misses_total{cache="replies"}"#] == 1)
      #expect((metrics[#"kittycash_cache_hits_total{cache="principals"}"#] ?? 0) >= 2)
      #expect(metrics["kittycash_redis_up"] == (redis(backend) == nil ? nil : 1))
      #expect((metrics["process_resident_memory_bytes"] ?? 0) > 1e6)
      #expect((metrics["process_open_fds"] ?? 0) > 3)
      #expect((metrics["process_cpu_seconds_total"] ?? 0) > 0)
      let start = metrics["process_start_time_seconds"] ?? 0
      let uptime = Double(now.milliseconds) / 1000 - start
      #expect(uptime > -5 && uptime < 100_000)
      let build =
        #"kittycash_build_info{version="\#(KittyCash.version)",schema="\#(Migration.all.last?.version ?? 0)",program="kittycash-server",database="\#(backend)"}"#
      #expect(metrics[build] == 1)
      #expect(metrics.kinds["kittycash_jobs"] == "gauge")
      #expect(metrics.kinds["kittycash_http_requests_total"] == "counter")
    }
  }

  @Test func photosAreCountedByOutcome() async throws {
    let converter = PhotoConverterProcess(program: PhotoConverterProcess.beside.program)
    try await TestServer.run(on: .sqlite, converter: converter) { (server) async throws in
      let token = try await server.signUp()
      let pictures = [
        PNG.encode(40, 30) { _, _ in (9, 9, 9) }, PNG.encode(30, 40) { _, _ in (9, 9, 9) }, PNG.blank(4, 4),
      ]
      for body in pictures {
        _ = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(body))
      }
      let metrics = try await server.metrics()
      let numbers = ["converted", "rejected", "failed", "turned_away"].map {
        metrics[#"kittycash_photo_conversions_total{outcome="\#($0)"}"#]
      }
      #expect(numbers == [2, 1, 0, 0])
    }
  }

  @Test func metricsAreServedOnTheirOwnPortOnly() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      #expect(try await server.send("GET", "/metrics").status == 404)
      try await server.withMetrics { (page) async throws in
        #expect(try await page.fetch("/metrics").status == 200)
        for path in ["/", "/v1/me", "/health/live", "/openapi.yaml"] {
          #expect(try await page.fetch(path).status == 404, "\(path)")
        }
      }
    }
  }

  @Test(arguments: Backend.available) func failedPartsAreReportedBesideTheOthers(backend: Backend)
    async throws
  {
    // No server listens on port 9 of the loopback.
    try await TestServer.run(on: backend, redis: "redis://127.0.0.1:9") { (server) async throws in
      _ = try await server.send("GET", "/health/live")
      await server.dependencies.database.close()
      let metrics = try await server.metrics()
      #expect(metrics["kittycash_database_up"] == 0)
      #expect(metrics["kittycash_redis_up"] == 0)
      #expect(!metrics.numbers.keys.contains { $0.hasPrefix("kittycash_jobs") })
      #expect(
        metrics[#"kittycash_http_requests_total{method="GET",route="/health/live",status="200"}"#] == 1)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL"))
  func silentDatabaseDoesNotDelayMetrics() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { (server) async throws in
      var collector = server.dependencies.collector(of: "kittycash-server")
      collector.timeout = .milliseconds(200)
      let observer = collector
      let isOver = Flag()
      let job: @Sendable () async throws -> Bool = {
        // Waits for the locked table until the test has seen that the metrics do not wait.
        _ = try await server.dependencies.database.transact(["select count(*) from jobs"])
        return isOver.isSet
      }
      let wasOver = try await BlockingTransaction.run(
        on: server, at: location, "lock table jobs in access exclusive mode", job,
        whileWaiting: {
          // The pool reports a busy connection shortly after it sent the statement.
          var isBusy = false
          for _ in 0..<50 where !isBusy {
            let snapshot = await observer.snapshot()
            #expect(snapshot.stored == nil)
            isBusy = snapshot.pools.contains { $0.connections?.busy ?? 0 > 0 }
          }
          #expect(isBusy)
          isOver.set()
        })
      #expect(wasOver)
      #expect(await observer.snapshot().stored != nil)
    }
  }

  /// An event that happens once.
  private final class Flag: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
  }
}
