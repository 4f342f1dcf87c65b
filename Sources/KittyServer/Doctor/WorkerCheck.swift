import KittyShared

/// The worker: its heartbeat, and the jobs that wait or were given up.
struct WorkerCheck: Check {
  let part = "worker"
  let settings: Settings

  func findings() async throws -> [Finding] {
    if settings.databaseURL == nil { try DatabaseNotReady.requireFile(of: settings) }
    return try await settings.withReadOnlyDatabase { database in
      do {
        let beat = try await WorkerStore(database: database).lastHeartbeat()
        let jobs = try await JobStore(database: database).counts(at: .now)
        return [Self.heartbeat(beat, at: .now)] + Self.findings(jobs)
      } catch DatabaseFailure.fault {
        return [.fault("The database has no jobs: its schema is not ready. Run: kittycash-server migrate")]
      }
    }
  }

  static func heartbeat(_ beat: Instant?, at now: Instant) -> Finding {
    let advice = """
      Start "kittycash-server worker", or "serve" without WORKER=separate, and look at its log: mail and photos wait.
      """
    guard let beat else { return .fault("No worker has run. \(advice)") }
    let seconds = max(0, (now.milliseconds - beat.milliseconds) / 1000)
    guard now <= beat.advanced(by: WorkerStore.staleAfter) else {
      return .fault("The last heartbeat of a worker was \(seconds) seconds ago. \(advice)")
    }
    return .ok("A worker had a heartbeat \(seconds) seconds ago.")
  }

  static func findings(_ jobs: JobCounts) -> [Finding] {
    var found: [Finding] = []
    if jobs.dead > 0 {
      found.append(
        .warning(
          "\(jobs.dead) jobs were given up. See their errors: kittycash-server jobs list --state dead"))
    }
    if jobs.oldestDueSeconds > 300 {
      found.append(
        .warning(
          "A job has been due for \(Int(jobs.oldestDueSeconds)) seconds. Look at the log of the worker, or start another one."
        ))
    }
    return found
  }
}
