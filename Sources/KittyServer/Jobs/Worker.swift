import KittyShared
import Logging
import ServiceLifecycle

/// Runs jobs: those that requests enqueue, and the regular ones. Any number of workers can run at the same time.
///
/// Each queue of the worker is served by a task of its own: claim a job, execute it while its lease is renewed, record
/// the outcome, repeat. Without a job the task sleeps until the notifier wakes it, or for a few seconds. The task of
/// the general queue also enqueues the regular jobs that are due.
struct Worker: Service {
  let identity: WorkerIdentity
  var jobs: JobStore
  let schedules: ScheduleStore
  let workers: WorkerStore
  let notifier: JobNotifier
  let logger: Logger
  let meters: JobMeters
  var timing = Timing()
  /// The queue of each task. The worker writes heartbeats when the general queue is among them.
  var queues = JobQueue.ofWorker
  /// Does the work of a job. It is cancelled when it takes too long, when the lease is lost, and when the worker stops.
  let handle: @Sendable (Job, Instant) async throws -> Job.Outcome

  struct Timing: Sendable {
    /// Longest sleep of a worker that gets no notification.
    var pollInterval: Duration = .seconds(2)
    /// Time between two looks at the schedules.
    var scheduleInterval: Duration = .seconds(30)
    /// Longest time that a job may take.
    var timeLimit: Duration = .seconds(1800)
    /// Time that a running job has to finish when the worker stops. Then it goes back to the queue.
    var shutdownGrace: Duration = .seconds(5)
  }

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      if queues.contains(.general) { group.addTask { await sendHeartbeats() } }
      await withGracefulShutdownHandler {
        await withTaskGroup(of: Void.self) { tasks in
          for queue in queues { tasks.addTask { await serving(queue).workUntilStopped() } }
        }
      } onGracefulShutdown: {
        notifier.notify()
      }
      group.cancelAll()
    }
    // In a task of its own: this one may be cancelled.
    do { try await Task { try await workers.remove(identity) }.value } catch {
      logger.debug("heartbeat not removed", metadata: ["error": "\(error)"])
    }
  }

  /// Returns this worker with one queue.
  func serving(_ queue: JobQueue) -> Worker {
    var worker = self
    worker.queues = [queue]
    worker.jobs.lease = min(jobs.lease, queue.lease)
    return worker
  }

  private func sendHeartbeats() async {
    repeat {
      do { try await workers.heartbeat(identity, at: .now) } catch {
        // `workUntilStopped` logs once that the database is unavailable.
        logger.debug("heartbeat failed", metadata: ["error": "\(error)"])
      }
    } while (try? await Task.sleep(for: WorkerStore.heartbeatInterval)) != nil
  }

  private func workUntilStopped() async {
    var nextSchedule = ContinuousClock.now
    var isFailing = false
    let isGeneral = queues.contains(.general)
    while true {
      let generation = notifier.generation
      guard !Task.isCancelled && !Task.isShuttingDownGracefully else { return }
      do {
        if isGeneral, .now >= nextSchedule {
          try await schedules.enqueueDue(at: .now)
          nextSchedule = .now + timing.scheduleInterval
        }
        let hasRunJob = try await runNext()
        if isFailing { logger.notice("worker continues") }
        isFailing = false
        if hasRunJob { continue }
      } catch {
        // The database is unavailable or refuses: the jobs stay in it.
        if !isFailing { logger.warning("worker waits for the database", metadata: ["error": "\(error)"]) }
        isFailing = true
      }
      await notifier.wait(after: generation, atMost: timing.pollInterval)
    }
  }

  /// Runs the next due job of the first queue.
  /// - Returns: `false` when no job is due.
  /// - Throws: `DatabaseFailure`. A job whose outcome could not be recorded runs again after its lease.
  func runNext(at now: Instant = .now) async throws -> Bool {
    guard let job = try await jobs.claim(by: identity.name, in: queues.first ?? .general, at: now) else {
      return false
    }
    let outcome = await execute(job, at: now)
    // In a task of its own, so that a cancelled worker still releases the job: otherwise the next attempt would have
    // to wait until the lease expires.
    let isOurs = try await Task { try await recordOutcome(outcome, of: job, at: max(now, .now)) }.value
    if !isOurs {
      logger.warning("job lost: cancelled, or claimed by another worker", metadata: Self.metadata(of: job))
    }
    meters.count(job.kind, isOurs ? outcome.meter : .lost)
    return true
  }

  private enum Outcome: Sendable {
    case succeeded(Job.Outcome)
    case failed(String)
    /// The lease is lost: the job was cancelled, or claimed by another worker.
    case leaseLost
    /// The worker stops.
    case stopped

    var meter: JobMeters.Outcome {
      switch self {
      case .succeeded(.done): .done
      case .succeeded(.notBefore): .postponed
      case .failed: .failed
      case .leaseLost: .lost
      case .stopped: .released
      }
    }
  }

  /// Runs the handler beside the renewal of the lease, the time limit and the shutdown. The first to end decides.
  private func execute(_ job: Job, at now: Instant) async -> Outcome {
    await withTaskGroup(of: Outcome.self) { group in
      group.addTask {
        do { return .succeeded(try await handle(job, now)) } catch {
          return Task.isCancelled ? .stopped : .failed("\(error)")
        }
      }
      group.addTask { await renewLease(of: job) }
      group.addTask {
        do {
          try await Task.sleep(for: timing.timeLimit)
          return .failed("it took longer than \(timing.timeLimit.components.seconds) seconds")
        } catch { return .stopped }
      }
      group.addTask {
        do {
          try await gracefulShutdown()
          try await Task.sleep(for: timing.shutdownGrace)
        } catch {}
        return .stopped
      }
      let first = await group.next() ?? .stopped
      group.cancelAll()
      // A handler that finishes in spite of the cancellation has done the work.
      for await other in group { if case .succeeded = other { return other } }
      return first
    }
  }

  /// Renews the lease until the task is cancelled or the lease is lost.
  private func renewLease(of job: Job) async -> Outcome {
    while (try? await Task.sleep(for: jobs.lease / 3)) != nil {
      do {
        if try await !jobs.renew(job, at: .now) { return .leaseLost }
      } catch {
        // The next renewal comes before the lease expires. `recordOutcome` notices a lost lease in any case.
        logger.warning(
          "lease not renewed", metadata: Self.metadata(of: job).merging(["error": "\(error)"]) { $1 })
      }
    }
    return .stopped
  }

  /// Writes the outcome of a job to its row.
  /// - Returns: `false` when the lease is lost.
  private func recordOutcome(_ outcome: Outcome, of job: Job, at now: Instant) async throws -> Bool {
    switch outcome {
    case .succeeded(.done(let result)): return try await jobs.finish(job, result: result, at: now)
    case .succeeded(.notBefore(let instant)): return try await jobs.postpone(job, until: instant)
    case .failed(let error):
      logger.error("job failed", metadata: Self.metadata(of: job).merging(["error": "\(error)"]) { $1 })
      return try await jobs.fail(job, error: error, at: now)
    case .stopped:
      logger.notice("job released", metadata: Self.metadata(of: job))
      return try await jobs.release(job)
    case .leaseLost: return false
    }
  }

  private static func metadata(of job: Job) -> Logger.Metadata {
    ["job": "\(job.kind)", "id": "\(job.id)", "attempt": "\(job.attempts)"]
  }
}
