import KittyShared
import Logging
import ServiceLifecycle

/// Does the jobs that requests leave for later, and what is due regularly. Any number of them can run side by side.
struct Worker: Service {
  let identity: WorkerIdentity
  var jobs: JobStore
  let schedules: ScheduleStore
  let workers: WorkerStore
  let notifier: JobNotifier
  let logger: Logger
  let meters: JobMeters
  var times = Times()
  /// What it does side by side. Who does the general work gives signs of life.
  var queues = JobQueue.all
  /// Does a job. It is cancelled when it takes too long, when it is another worker's by now, and when this one stops.
  let work: @Sendable (Job, Instant) async throws -> Job.Outcome

  struct Times: Sendable {
    /// How long it sleeps when there is nothing to do and nobody generation.
    var pause: Duration = .seconds(2)
    /// How often it looks for what is due regularly.
    var look: Duration = .seconds(30)
    /// How long a job may take.
    var limit: Duration = .seconds(1800)
    /// How long the job that runs may still take when the worker is to stop; then it is given back.
    var grace: Duration = .seconds(5)
  }

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      if queues.contains(.general) { group.addTask { await heartbeat() } }
      await withGracefulShutdownHandler {
        await withTaskGroup(of: Void.self) { side in
          for queue in queues { side.addTask { await self.in(queue).workUntilStopped() } }
        }
      } onGracefulShutdown: {
        notifier.notify()
      }
      group.cancelAll()
    }
    do { try await Task { try await workers.remove(identity) }.value } catch {
      logger.debug("the worker's sign of life stays", metadata: ["error": "\(error)"])
    }
  }

  /// This worker, with one queue.
  func `in`(_ queue: JobQueue) -> Worker {
    var worker = self
    worker.queues = [queue]
    worker.jobs.lease = min(jobs.lease, queue.lease)
    return worker
  }

  private func heartbeat() async {
    repeat {
      do { try await workers.heartbeat(identity, at: .now) } catch {
        // That the database is away is said once, by what waits for it.
        logger.debug("no sign of life", metadata: ["error": "\(error)"])
      }
    } while (try? await Task.sleep(for: WorkerStore.heartbeat)) != nil
  }

  private func workUntilStopped() async {
    var nextLook = ContinuousClock.now
    var isWaiting = false
    let isGeneral = queues.contains(.general)
    while true {
      let generation = notifier.generation
      guard !Task.isCancelled && !Task.isShuttingDownGracefully else { return }
      do {
        if isGeneral, .now >= nextLook {
          try await schedules.enqueueDue(at: .now)
          nextLook = .now + times.look
        }
        let wasOne = try await runNext()
        if isWaiting { logger.notice("worker goes on") }
        isWaiting = false
        if wasOne { continue }
      } catch {
        // The database is away or refuses: the jobs are still there.
        if !isWaiting { logger.warning("worker waits", metadata: ["error": "\(error)"]) }
        isWaiting = true
      }
      await notifier.wait(after: generation, atMost: times.pause)
    }
  }

  /// Does the job that is due in the first queue, if there is one.
  /// - Returns: Whether there was one.
  /// - Throws: `DatabaseFailure`. A job whose end could not be written is done again after its lease.
  func runNext(at now: Instant = .now) async throws -> Bool {
    guard
      let job = try await jobs.claim(
        by: identity.name, in: queues.first ?? .general, at: now)
    else { return false }
    let outcome = await execute(job, at: now)
    // Also when this task is cancelled: nobody shall have to wait for the lease.
    let isOurs = try await Task { try await recordOutcome(job, outcome, at: max(now, .now)) }.value
    if !isOurs { logger.warning("job was taken over or cancelled", metadata: Self.words(job)) }
    meters.count(job.kind, isOurs ? outcome.meter : .lost)
    return true
  }

  private enum Outcome: Sendable {
    case succeeded(Job.Outcome)
    case failed(String)
    /// It is another worker's, or nobody's.
    case lost
    /// The worker is to stop.
    case stopped

    var meter: JobMeters.Outcome {
      switch self {
      case .succeeded(.done): .done
      case .succeeded(.notBefore): .postponed
      case .failed: .failed
      case .lost: .lost
      case .stopped: .released
      }
    }
  }

  private func execute(_ job: Job, at now: Instant) async -> Outcome {
    await withTaskGroup(of: Outcome.self) { group in
      group.addTask {
        do { return .succeeded(try await work(job, now)) } catch {
          return Task.isCancelled ? .stopped : .failed("\(error)")
        }
      }
      group.addTask { await renewLease(job) }
      group.addTask {
        do {
          try await Task.sleep(for: times.limit)
          return .failed("it took longer than \(times.limit.components.seconds) seconds")
        } catch { return .stopped }
      }
      group.addTask {
        do {
          try await gracefulShutdown()
          try await Task.sleep(for: times.grace)
        } catch {}
        return .stopped
      }
      let first = await group.next() ?? .stopped
      group.cancelAll()
      // What was done in the last moment is done.
      for await other in group { if case .succeeded = other { return other } }
      return first
    }
  }

  /// Renews the lease for as long as the job takes.
  private func renewLease(_ job: Job) async -> Outcome {
    while (try? await Task.sleep(for: jobs.lease / 3)) != nil {
      do {
        if try await !jobs.renew(job, at: .now) { return .lost }
      } catch {
        // Another look before the lease ends; whoever took the job over meanwhile is found out about at its end.
        logger.warning("lease not renewed", metadata: Self.words(job).merging(["error": "\(error)"]) { $1 })
      }
    }
    return .stopped
  }

  /// Writes how a job ended.
  /// - Returns: Whether it was still this worker's.
  private func recordOutcome(_ job: Job, _ outcome: Outcome, at now: Instant) async throws -> Bool {
    switch outcome {
    case .succeeded(.done(let result)): return try await jobs.finish(job, result: result, at: now)
    case .succeeded(.notBefore(let instant)): return try await jobs.postpone(job, until: instant)
    case .failed(let error):
      logger.error("job failed", metadata: Self.words(job).merging(["error": "\(error)"]) { $1 })
      return try await jobs.fail(job, error: error, at: now)
    case .stopped:
      logger.notice("job given back", metadata: Self.words(job))
      return try await jobs.release(job)
    case .lost: return false
    }
  }

  private static func words(_ job: Job) -> Logger.Metadata {
    ["job": "\(job.kind)", "id": "\(job.id)", "attempt": "\(job.attempts)"]
  }
}
