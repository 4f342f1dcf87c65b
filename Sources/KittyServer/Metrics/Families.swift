extension Snapshot {
  /// Everything, for Prometheus. docs/operations.md explains each.
  var families: [Family] {
    requestFamilies + databaseFamilies + storedFamilies + otherFamilies + processFamilies
  }

  private var requestFamilies: [Family] {
    [
      Family(
        "kittycash_http_requests_total", .counter, "Requests answered, by route and status.",
        routes.flatMap { route in
          route.statuses.sorted { $0.key < $1.key }.map { status, number in
            Family.Sample(labels: Self.labels(route) + [("status", "\(status)")], value: Double(number))
          }
        }),
      Family(
        "kittycash_http_request_duration_seconds", .histogram,
        "How long it took from a request's head to the head of its answer.",
        routes.flatMap { $0.latencies.samples(Self.labels($0)) }),
      Family("kittycash_http_requests_in_flight", .gauge, "Requests being answered.", Double(inFlight)),
    ]
  }

  private static func labels(_ route: RouteMeter.Reading) -> [(name: String, value: String)] {
    [("method", route.method), ("route", route.route)]
  }

  private var databaseFamilies: [Family] {
    func pool(_ number: (DatabaseLoad) -> Int?) -> [Family.Sample] {
      pools.compactMap { pool in
        number(pool).map { Family.Sample(labels: [("pool", pool.pool)], value: Double($0)) }
      }
    }
    return [
      Family(
        "kittycash_database_connections", .gauge, "Open connections to the database.",
        pool { $0.connections?.open }),
      Family(
        "kittycash_database_connections_busy", .gauge, "Connections that work on something.",
        pool { $0.connections?.busy }),
      Family(
        "kittycash_database_connections_limit", .gauge, "How many connections there may be.",
        pool { $0.connections?.limit }),
      Family(
        "kittycash_database_waiting", .gauge, "Batches of statements that wait for the database.",
        pool { $0.waiting }),
      Family(
        "kittycash_database_statements_total", .counter, "Statements sent to the database.",
        batches.map { Family.Sample(labels: [("pool", $0.pool)], value: Double($0.statements)) }),
      Family(
        "kittycash_database_batch_duration_seconds", .histogram,
        "How long a batch of statements, which is a transaction, waited and took.",
        batches.flatMap { $0.latencies.samples([("pool", $0.pool)]) }),
      Family(
        "kittycash_database_failures_total", .counter, "Batches that failed, by why.",
        failures.map { Family.Sample(labels: [("kind", $0.kind)], value: Double($0.number)) }),
    ]
  }

  /// Nothing when the database did not answer.
  private var storedFamilies: [Family] {
    let asked = Family(
      "kittycash_database_up", .gauge, "Whether the database answered when it was asked for these metrics.",
      stored == nil ? 0 : 1)
    guard let stored else { return [asked] }
    let jobs = [
      ("due", stored.jobs.due), ("scheduled", stored.jobs.scheduled), ("running", stored.jobs.running),
      ("dead", stored.jobs.dead),
    ]
    var families = [
      asked,
      Family(
        "kittycash_jobs", .gauge, "Jobs in the database, by state.",
        jobs.map { Family.Sample(labels: [("state", $0)], value: Double($1)) }),
      Family(
        "kittycash_jobs_oldest_due_seconds", .gauge,
        "For how long the job that has been due longest waits for a worker.", stored.jobs.oldestDueSeconds),
    ]
    if let findings = stored.findings {
      families.append(
        Family(
          "kittycash_ledger_findings", .gauge, "How much the last self-check of the books found.",
          Double(findings)))
    }
    if let beat = stored.workerBeat {
      families.append(
        Family(
          "kittycash_worker_heartbeat_age_seconds", .gauge, "How long ago a worker last gave a sign of life.",
          Double(max(0, at.milliseconds - beat.milliseconds)) / 1000))
    }
    return families
  }

  private var otherFamilies: [Family] {
    func cache(_ number: ((name: String, hits: Int, misses: Int)) -> Int) -> [Family.Sample] {
      caches.map { Family.Sample(labels: [("cache", $0.name)], value: Double(number($0))) }
    }
    var families = [
      Family("kittycash_cache_hits_total", .counter, "What was remembered.", cache { $0.hits }),
      Family("kittycash_cache_misses_total", .counter, "What had to be read anew.", cache { $0.misses }),
      Family(
        "kittycash_job_runs_total", .counter, "Jobs done by this process, by kind and by how that ended.",
        jobs.map {
          Family.Sample(labels: [("kind", $0.kind), ("outcome", $0.ending)], value: Double($0.number))
        }),
      Family(
        "kittycash_photo_conversions_total", .counter, "Photos converted, by how that ended.",
        photos.map { Family.Sample(labels: [("outcome", $0.name)], value: Double($0.number)) }),
    ]
    if let isRedisUp {
      families.append(Family("kittycash_redis_up", .gauge, "Whether Redis answers.", isRedisUp ? 1 : 0))
    }
    if let droppedLines {
      families.append(
        Family(
          "kittycash_log_lines_dropped_total", .counter, "Lines of the log that are not in its file.",
          Double(droppedLines)))
    }
    return families
  }

  private var processFamilies: [Family] {
    let build = Family(
      "kittycash_build_info", .gauge, "What runs.",
      [
        Family.Sample(
          labels: [
            ("version", serverVersion), ("schema", "\(Migration.all.last?.version ?? 0)"),
            ("program", program), ("database", databaseKind),
          ], value: 1)
      ])
    guard let process else { return [build] }
    var families = [
      build,
      Family(
        "process_resident_memory_bytes", .gauge, "Memory in use.", Double(process.residentBytes)),
      Family(
        "process_virtual_memory_bytes", .gauge, "Address space in use.", Double(process.virtualBytes)),
      Family("process_cpu_seconds_total", .counter, "Time on processors.", process.cpuSeconds),
      Family("process_threads", .gauge, "Threads.", Double(process.threads)),
      Family("process_open_fds", .gauge, "Open files, connections included.", Double(process.openFiles)),
      Family(
        "process_start_time_seconds", .gauge, "When the process began, since 1970.", process.started),
    ]
    if let limit = process.maxFiles {
      families.append(Family("process_max_fds", .gauge, "How many files may be open.", Double(limit)))
    }
    return families
  }
}
