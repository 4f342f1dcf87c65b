import KittyShared
import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// Start, sleep and shutdown of a worker.
@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
  /// Runs a worker as a program does while `body` runs; then shuts it down gracefully and waits for its end.
  private func run(_ worker: Worker, _ body: () async throws -> Void) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: worker, successTerminationBehavior: .ignore)], logger: logger))
    let running = Task { try await group.run() }
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running.value
    try outcome.get()
  }

  @Test(arguments: Backend.available) func runningJobIsReleasedWhenShutdownTimesOut(backend: Backend)
    async throws
  {
    try await JobFixture.run(on: backend) { queue in
      let recorder = EventRecorder()
      var timing = Worker.Timing()
      timing.shutdownGrace = .milliseconds(50)
      timing.scheduleInterval = .seconds(3600)
      try await queue.database.transact(Self.nothingRegular)
      try await queue.enqueue()
      let worker = queue.worker(timing: timing) { _, _ in
        recorder.record("begun")
        try await Task.sleep(for: .seconds(3600))
        return .done()
      }
      try await run(worker) { try await until { !recorder.events.isEmpty } }
      let state = try #require(try await queue.state())
      #expect(state.attempts == 0 && state.leasedUntil == nil && state.error == nil)
      // The next worker gets the job at once.
      let next = queue.worker("b") { job, _ in
        recorder.record("attempt \(job.attempts)")
        return .done()
      }
      #expect(try await next.runNext())
      #expect(recorder.events == ["begun", "attempt 1"])
    }
  }

  @Test(arguments: Backend.available) func runningJobIsFinishedBeforeShutdown(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      let recorder = EventRecorder()
      try await queue.database.transact(Self.nothingRegular)
      try await queue.enqueue()
      try await queue.enqueue()
      let worker = queue.worker { _, _ in
        recorder.record("begun")
        // The job ends only after the shutdown began.
        while !Task.isShuttingDownGracefully { try await Task.sleep(for: .milliseconds(5)) }
        recorder.record("ended")
        return .done()
      }
      try await run(worker) { try await until { !recorder.events.isEmpty } }
      // The second job is not started.
      #expect(recorder.events == ["begun", "ended"])
      #expect(try await queue.count("jobs") == 1)
    }
  }

  @Test(arguments: Backend.available) func sleepingWorkerIsWokenByJob(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      var timing = Worker.Timing()
      timing.pollInterval = .seconds(3600)
      try await queue.database.transact(Self.nothingRegular)
      try await run(queue.worker(timing: timing) { _, _ in .done() }) {
        for _ in 0..<5 {
          try await queue.enqueue()
          try await until { try await queue.count("jobs") == 0 }
        }
      }
    }
  }

  @Test(arguments: Backend.available) func requestThatEnqueuesNotifiesWorkers(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let users = UserStore(database: server.dependencies.database)
      let photo = Photo(hash: "ab", width: 1, height: 1)
      let before = server.dependencies.notifier.generation
      try await users.setPhoto(photo, of: user, at: .now, WriteContext())
      #expect(server.dependencies.notifier.generation == before + 1)
      try await PasswordResetStore(database: server.dependencies.database).request(
        email: "a@example.org", at: .now, WriteContext())
      #expect(server.dependencies.notifier.generation == before + 2)
    }
  }

  @Test func notificationWakesAllWaitersAndWaitIsBounded() async throws {
    let notifier = JobNotifier()
    let before = notifier.generation
    notifier.notify()
    await notifier.wait(after: before, atMost: .seconds(3600))
    let now = notifier.generation
    let begun = ContinuousClock.now
    await notifier.wait(after: now, atMost: .milliseconds(30))
    #expect(ContinuousClock.now - begun >= .milliseconds(30))
    let waiting = (0..<3).map { _ in Task { await notifier.wait(after: now, atMost: .seconds(3600)) } }
    notifier.notify()
    for task in waiting { await task.value }
    let cancelled = Task { await notifier.wait(after: notifier.generation, atMost: .seconds(3600)) }
    cancelled.cancel()
    await cancelled.value
  }

  @Test(arguments: Backend.available) func silentWorkerIsRemovedAfterTenMinutes(backend: Backend) async throws
  {
    try await JobFixture.run(on: backend) { queue in
      let workers = WorkerStore(database: queue.database)
      try await queue.database.transact(Self.nothingRegular)
      let now = Instant.now
      let (old, older) = (
        WorkerIdentity(host: "h", process: 1, startedAt: now),
        WorkerIdentity(host: "h", process: 2, startedAt: now)
      )
      try await workers.heartbeat(older, at: now.advanced(by: .seconds(-601)))
      try await workers.heartbeat(old, at: now.advanced(by: .seconds(-590)))
      #expect(try await workers.list(on: "h").map(\.name) == ["h/1", "h/2"])
      let worker = queue.worker("here") { _, _ in .done() }
      try await run(worker) {
        try await until { try await !workers.list(on: "here").isEmpty }
        // A worker without a heartbeat for ten minutes is removed.
        #expect(try await workers.list(on: "h").map(\.name) == ["h/1"])
      }
      #expect(try await workers.list(on: "here").isEmpty)
      // A worker that restarted under the same name stays.
      let again = WorkerIdentity(host: "h", process: 1, startedAt: now.advanced(by: .seconds(1)))
      try await workers.heartbeat(again, at: now)
      try await workers.remove(old)
      let found = try await workers.list(on: "h")
      #expect(found.map(\.name) == ["h/1"] && found.map(\.heartbeatAt) == [now])
    }
  }

  /// Rows that make no scheduled job due.
  private static let nothingRegular: [SQL] = Job.Kind.allCases.filter { $0.interval != nil }.map {
    "insert into schedules (kind, next_at) values (\($0.rawValue), \(Int64.max))"
  }
}
