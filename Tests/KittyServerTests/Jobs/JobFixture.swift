import KittyShared
import Logging
import Synchronization
import Testing

@testable import KittyServer

/// A database with jobs of a test's choice, and workers for it.
struct JobFixture: Sendable {
  let database: any Database
  let location: TestServer.DataLocation
  let notifier = JobNotifier()
  let meters = JobMeters()

  static func run(on backend: Backend, _ body: (JobFixture) async throws -> Void) async throws {
    try await TestServer.run(on: backend, settings: ["WORKER": "separate"]) { (server) async throws in
      let location = TestServer.DataLocation(databaseURL: server.dependencies.settings.databaseURL)
      try await body(JobFixture(database: server.dependencies.database, location: location))
    }
  }

  var jobs: JobStore { JobStore(database: database) }
  var schedules: ScheduleStore { ScheduleStore(database: database) }

  @discardableResult func enqueue(_ kind: String = "test", due: Instant = .now) async throws -> ID {
    let id = ID(at: .now)
    var statement: SQL =
      "insert into jobs (id, kind, payload, run_at, created_at) values (\(id), \(kind), '', \(due), \(due))"
    statement.wakesWorker = true
    try await JobNotifyingDatabase(database: database, notify: { notifier.notify() }).transact([statement])
    return id
  }

  func worker(
    _ name: String = "a", lease: Duration = .seconds(60), timing: Worker.Timing = .init(),
    _ work: @escaping @Sendable (Job, Instant) async throws -> Job.Outcome
  ) -> Worker {
    Worker(
      identity: WorkerIdentity(host: name, process: 1, startedAt: .now),
      jobs: JobStore(database: database, lease: lease), schedules: schedules,
      workers: WorkerStore(database: database), notifier: notifier,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, meters: meters, timing: timing,
      handle: work)
  }

  func count(_ table: SQL) async throws -> Int {
    try await database.read("select count(*) from \(part: table)")[0].decode(Int.self)
  }

  /// Attempts, end of the lease, last error and time of death of the only job; `nil` without a job.
  func state() async throws -> (attempts: Int, leasedUntil: Instant?, error: String?, dead: Instant?)? {
    try await database.read("select attempts, leased_until, last_error, dead_at from jobs").first?.decode(
      Int.self, Instant?.self, String?.self, Instant?.self)
  }
}

/// Records the events of a test, in order.
final class EventRecorder: Sendable {
  private let log = Mutex<[String]>([])
  func record(_ event: String) { log.withLock { $0.append(event) } }
  var events: [String] { log.withLock { $0 } }
}
