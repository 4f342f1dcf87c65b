import KittyShared

extension MetricsSnapshot {
  /// All metrics for Prometheus. docs/operations/monitoring.md explains each.
  var families: [MetricFamily] {
    requestFamilies + databaseFamilies + storedFamilies + otherFamilies + processFamilies
  }

  private var requestFamilies: [MetricFamily] {
    [
      MetricFamily(
        "kittycash_http_requests_total", .counter, "Responses by route and status.",
        routes.flatMap { route in
          route.statuses.sorted { $0.key < $1.key }.map { status, number in
            MetricFamily.Sample(labels: Self.labels(route) + [("status", "\(status)")], value: Double(number))
          }
        }),
      MetricFamily(
        "kittycash_http_request_duration_seconds", .histogram,
        "Time from the head of a request to the head of its response.",
        routes.flatMap { $0.latencies.samples(Self.labels($0)) }),
      MetricFamily("kittycash_http_requests_in_flight", .gauge, "Requests in progress.", Double(inFlight)),
      MetricFamily(
        "kittycash_http_refused_total", .counter, "Requests that were refused before a route, by status.",
        refusedHeads.map {
          MetricFamily.Sample(labels: [("status", "\($0.status)")], value: Double($0.number))
        }),
    ]
  }

  private static func labels(_ route: RouteMeter.Reading) -> [(name: String, value: String)] {
    [("method", route.method), ("route", route.route)]
  }

  private var databaseFamilies: [MetricFamily] {
    func pool(_ number: (DatabaseLoad) -> Int?) -> [MetricFamily.Sample] {
      pools.compactMap { pool in
        number(pool).map { MetricFamily.Sample(labels: [("pool", pool.pool)], value: Double($0)) }
      }
    }
    return [
      MetricFamily(
        "kittycash_database_connections", .gauge, "Open connections to the database.",
        pool { $0.connections?.open }),
      MetricFamily(
        "kittycash_database_connections_busy", .gauge, "Connections that are running a statement.",
        pool { $0.connections?.busy }),
      MetricFamily(
        "kittycash_database_connections_limit", .gauge, "Maximum number of connections.",
        pool { $0.connections?.limit }),
      MetricFamily(
        "kittycash_database_waiting", .gauge, "Batches of statements that wait for the database.",
        pool { $0.waiting }),
      MetricFamily(
        "kittycash_database_statements_total", .counter, "Statements sent to the database.",
        batches.map { MetricFamily.Sample(labels: [("pool", $0.pool)], value: Double($0.statements)) }),
      MetricFamily(
        "kittycash_database_batch_duration_seconds", .histogram,
        "Waiting and running time of a batch of statements, which is a transaction.",
        batches.flatMap { $0.latencies.samples([("pool", $0.pool)]) }),
      MetricFamily(
        "kittycash_database_failures_total", .counter, "Failed batches by reason.",
        failures.map { MetricFamily.Sample(labels: [("kind", $0.kind)], value: Double($0.number)) }),
    ]
  }

  /// Only `kittycash_database_up` when the database did not reply.
  private var storedFamilies: [MetricFamily] {
    let isUp = MetricFamily(
      "kittycash_database_up", .gauge, "Whether the database replied to the query for these metrics.",
      stored == nil ? 0 : 1)
    guard let stored else { return [isUp] }
    let jobs = [
      ("due", stored.jobs.due), ("scheduled", stored.jobs.scheduled), ("running", stored.jobs.running),
      ("dead", stored.jobs.dead),
    ]
    var families = [
      isUp,
      MetricFamily(
        "kittycash_jobs", .gauge, "Jobs in the database, by state.",
        jobs.map { MetricFamily.Sample(labels: [("state", $0)], value: Double($1)) }),
      MetricFamily(
        "kittycash_jobs_oldest_due_seconds", .gauge,
        "Waiting time of the job that has been due longest.", stored.jobs.oldestDueSeconds),
    ]
    if let findings = stored.findings {
      families.append(
        MetricFamily(
          "kittycash_ledger_findings", .gauge, "Findings of the last check of the books.",
          Double(findings)))
    }
    if let heartbeat = stored.lastHeartbeat {
      families.append(
        MetricFamily(
          "kittycash_worker_heartbeat_age_seconds", .gauge, "Age of the latest heartbeat of any worker.",
          Double(max(0, at.milliseconds - heartbeat.milliseconds)) / 1000))
    }
    return families
  }

  private var otherFamilies: [MetricFamily] {
    func cache(_ number: ((name: String, hits: Int, misses: Int)) -> Int) -> [MetricFamily.Sample] {
      caches.map { MetricFamily.Sample(labels: [("cache", $0.name)], value: Double(number($0))) }
    }
    var families = [
      MetricFamily("kittycash_cache_hits_total", .counter, "Values found in the cache.", cache { $0.hits }),
      MetricFamily(
        "kittycash_cache_misses_total", .counter, "Values that had to be read from the database.",
        cache { $0.misses }),
      MetricFamily(
        "kittycash_job_runs_total", .counter, "Jobs that this process ran, by kind and outcome.",
        jobs.map {
          MetricFamily.Sample(labels: [("kind", $0.kind), ("outcome", $0.outcome)], value: Double($0.number))
        }),
      MetricFamily(
        "kittycash_photo_conversions_total", .counter, "Photo conversions by outcome.",
        photos.map { MetricFamily.Sample(labels: [("outcome", $0.name)], value: Double($0.number)) }),
      MetricFamily(
        "kittycash_refusals_total", .counter, "Requests refused because a share of the server was used up.",
        refusals.map { MetricFamily.Sample(labels: [("share", $0.share)], value: Double($0.number)) }),
    ]
    if let isRedisUp {
      families.append(MetricFamily("kittycash_redis_up", .gauge, "Whether Redis replies.", isRedisUp ? 1 : 0))
    }
    if let droppedLines {
      families.append(
        MetricFamily(
          "kittycash_log_lines_dropped_total", .counter, "Lines of the log that are missing in its file.",
          Double(droppedLines)))
    }
    return families
  }

  private var processFamilies: [MetricFamily] {
    let build = MetricFamily(
      "kittycash_build_info", .gauge, "The running program.",
      [
        MetricFamily.Sample(
          labels: [
            ("version", KittyCash.version), ("schema", "\(Migration.all.last?.version ?? 0)"),
            ("program", program), ("database", databaseKind),
          ], value: 1)
      ])
    guard let process else { return [build] }
    var families = [
      build,
      MetricFamily(
        "process_resident_memory_bytes", .gauge, "Memory in use.", Double(process.residentBytes)),
      MetricFamily(
        "process_virtual_memory_bytes", .gauge, "Address space in use.", Double(process.virtualBytes)),
      MetricFamily("process_cpu_seconds_total", .counter, "CPU time.", process.cpuSeconds),
      MetricFamily("process_threads", .gauge, "Threads.", Double(process.threads)),
      MetricFamily(
        "process_open_fds", .gauge, "Open files, connections included.", Double(process.openFiles)),
      MetricFamily(
        "process_start_time_seconds", .gauge, "Start time of the process since 1970.", process.started),
    ]
    if let limit = process.maxFiles {
      families.append(MetricFamily("process_max_fds", .gauge, "Maximum number of open files.", Double(limit)))
    }
    return families
  }
}
