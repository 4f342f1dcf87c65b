import KittyShared
import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// How a worker starts, sleeps and stops.
@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
  /// Runs a worker as a program does, until `body` returns; then it is told to stop, and is waited for.
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
      let diary = EventRecorder()
      var times = Worker.Times()
      times.grace = .milliseconds(50)
      times.look = .seconds(3600)
      try await queue.database.transact(Self.nothingRegular)
      try await queue.leave()
      let worker = queue.worker(times: times) { _, _ in
        diary.note("begun")
        try await Task.sleep(for: .seconds(3600))
        return .done()
      }
      try await run(worker) { try await until { !diary.all.isEmpty } }
      let state = try #require(try await queue.state())
      #expect(state.attempts == 0 && state.leasedUntil == nil && state.error == nil)
      // The next one has it at once.
      let next = queue.worker("b") { job, _ in
        diary.note("attempt \(job.attempts)")
        return .done()
      }
      #expect(try await next.runNext())
      #expect(diary.all == ["begun", "attempt 1"])
    }
  }

  @Test(arguments: Backend.available) func runningJobIsFinishedBeforeShutdown(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      let diary = EventRecorder()
      try await queue.database.transact(Self.nothingRegular)
      try await queue.leave()
      try await queue.leave()
      let worker = queue.worker { _, _ in
        diary.note("begun")
        // It ends only after the worker was told to stop.
        while !Task.isShuttingDownGracefully { try await Task.sleep(for: .milliseconds(5)) }
        diary.note("ended")
        return .done()
      }
      try await run(worker) { try await until { !diary.all.isEmpty } }
      // And the next one is not begun.
      #expect(diary.all == ["begun", "ended"])
      #expect(try await queue.count("jobs") == 1)
    }
  }

  @Test(arguments: Backend.available) func sleepingWorkerIsWokenByJob(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      var times = Worker.Times()
      times.pause = .seconds(3600)
      try await queue.database.transact(Self.nothingRegular)
      try await run(queue.worker(times: times) { _, _ in .done() }) {
        for _ in 0..<5 {
          try await queue.leave()
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
        // Who was silent for ten minutes is forgotten.
        #expect(try await workers.list(on: "h").map(\.name) == ["h/1"])
      }
      #expect(try await workers.list(on: "here").isEmpty)
      // One that began anew under its name stays.
      let again = WorkerIdentity(host: "h", process: 1, startedAt: now.advanced(by: .seconds(1)))
      try await workers.heartbeat(again, at: now)
      try await workers.remove(old)
      let found = try await workers.list(on: "h")
      #expect(found.map(\.name) == ["h/1"] && found.map(\.beatAt) == [now])
    }
  }

  /// As if everything that is done regularly had been done.
  private static let nothingRegular: [SQL] = Job.Kind.allCases.filter { $0.interval != nil }.map {
    "insert into schedules (kind, next_at) values (\($0.rawValue), \(Int64.max))"
  }
}
