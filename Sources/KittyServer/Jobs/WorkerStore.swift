import FoundationEssentials
import KittyShared

/// Who does jobs.
struct WorkerIdentity: Sendable, Hashable {
  /// The machine, or the container.
  let host: String
  let process: Int
  let startedAt: Instant

  /// `host/process`, as in `kitty-1/7`.
  var name: String { "\(host)/\(process)" }

  /// This process.
  static func current(at now: Instant = .now) -> WorkerIdentity {
    WorkerIdentity(host: thisHost, process: Int(ProcessInfo.processInfo.processIdentifier), startedAt: now)
  }

  /// This machine's name.
  static var thisHost: String { ProcessInfo.processInfo.hostName }
}

/// Signs of life of the workers, as rows.
struct WorkerStore: Sendable {
  let database: any Database

  /// How often a worker gives one.
  static let heartbeat: Duration = .seconds(10)
  /// When a worker that has given none is taken for dead.
  static let stale: Duration = .seconds(30)
  /// When it is forgotten.
  private static let forgotten: Duration = .seconds(600)

  /// Gives one, and forgets those that have given none for long.
  func heartbeat(_ worker: WorkerIdentity, at now: Instant) async throws {
    try await database.transact(
      [
        """
        insert into workers (name, host, process, started_at, beat_at)
        values (\(worker.name), \(worker.host), \(worker.process), \(worker.startedAt), \(now))
        on conflict (name) do update set started_at = excluded.started_at, beat_at = excluded.beat_at
        """,
        "delete from workers where beat_at < \(now.advanced(by: .zero - Self.forgotten))",
      ], in: WriteContext())
  }

  /// Forgets one that stops, unless another has taken its name.
  func remove(_ worker: WorkerIdentity) async throws {
    try await database.transact(
      [
        "delete from workers where name = \(worker.name) and started_at = \(worker.startedAt)"
      ], in: WriteContext())
  }

  /// The latest sign of life of any worker; `nil` when there is none.
  func lastBeat() async throws -> Instant? {
    try await database.read("select max(beat_at) from workers").first?.decode(Instant?.self) ?? nil
  }

  /// The workers of a host with their last signs of life, the latest first.
  func list(on host: String) async throws -> [(name: String, beatAt: Instant)] {
    try await database.read(
      "select name, beat_at from workers where host = \(host) order by beat_at desc, name"
    ).map { try $0.decode(String.self, Instant.self) }
  }
}
