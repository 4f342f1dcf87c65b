import KittyShared
import Logging
import Synchronization
import Testing

@testable import KittyServer

/// A database with jobs that a test makes up, and workers for it.
struct JobFixture: Sendable {
  let database: any Database
  let place: TestServer.DataLocation
  let notifier = JobNotifier()
  let meters = JobMeters()

  static func run(on backend: Backend, _ body: (JobFixture) async throws -> Void) async throws {
    try await TestServer.run(on: backend, settings: ["WORKER": "separate"]) { (server) async throws in
      let place = TestServer.DataLocation(databaseURL: server.dependencies.settings.databaseURL)
      try await body(JobFixture(database: server.dependencies.database, place: place))
    }
  }

  var jobs: JobStore { JobStore(database: database) }
  var schedules: ScheduleStore { ScheduleStore(database: database) }

  @discardableResult func leave(_ kind: String = "test", due: Instant = .now) async throws -> ID {
    let id = ID(at: .now)
    var statement: SQL =
      "insert into jobs (id, kind, payload, run_at, created_at) values (\(id), \(kind), '', \(due), \(due))"
    statement.wakesWorker = true
    try await JobNotifyingDatabase(database: database, notify: { notifier.notify() }).transact([statement])
    return id
  }

  func worker(
    _ name: String = "a", lease: Duration = .seconds(60), times: Worker.Times = .init(),
    _ work: @escaping @Sendable (Job, Instant) async throws -> Job.Outcome
  ) -> Worker {
    Worker(
      identity: WorkerIdentity(host: name, process: 1, startedAt: .now),
      jobs: JobStore(database: database, lease: lease), schedules: schedules,
      workers: WorkerStore(database: database), notifier: notifier,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, meters: meters, times: times,
      work: work)
  }

  func count(_ table: SQL) async throws -> Int {
    try await database.read("select count(*) from \(part: table)")[0].decode(Int.self)
  }

  /// Attempts, the end of the lease, and the last error of the only job; `nil` when it is gone.
  func state() async throws -> (attempts: Int, leasedUntil: Instant?, error: String?, dead: Instant?)? {
    try await database.read("select attempts, leased_until, last_error, dead_at from jobs").first?.decode(
      Int.self, Instant?.self, String?.self, Instant?.self)
  }
}

/// What happened, in order.
final class EventRecorder: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
