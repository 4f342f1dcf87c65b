import KittyShared

/// The rows of workers: their heartbeats.
struct WorkerStore: Sendable {
  let database: any Database

  /// Time between two heartbeats of a worker.
  static let heartbeatInterval: Duration = .seconds(10)
  /// Age of the last heartbeat after which a worker counts as dead.
  static let staleAfter: Duration = .seconds(30)
  /// Age of the last heartbeat after which a worker's row is removed.
  private static let removedAfter: Duration = .seconds(600)

  /// Writes a heartbeat, and removes workers that have been silent for long.
  /// - Throws: `DatabaseFailure`, here and below.
  func heartbeat(_ worker: WorkerIdentity, at now: Instant) async throws {
    try await database.transact(
      [
        """
        insert into workers (name, host, process, started_at, beat_at)
        values (\(worker.name), \(worker.host), \(worker.process), \(worker.startedAt), \(now))
        on conflict (name) do update set started_at = excluded.started_at, beat_at = excluded.beat_at
        """,
        "delete from workers where beat_at < \(now.advanced(by: .zero - Self.removedAfter))",
      ], in: WriteContext())
  }

  /// Removes a worker that stops, unless a later process has the same name.
  func remove(_ worker: WorkerIdentity) async throws {
    try await database.transact(
      [
        "delete from workers where name = \(worker.name) and started_at = \(worker.startedAt)"
      ], in: WriteContext())
  }

  /// Returns the time of the latest heartbeat of all workers; `nil` when there is none.
  func lastHeartbeat() async throws -> Instant? {
    try await database.read("select max(beat_at) from workers").first?.decode(Instant?.self) ?? nil
  }

  /// Returns the workers of a host with their last heartbeats, the latest first.
  func list(on host: String) async throws -> [(name: String, heartbeatAt: Instant)] {
    try await database.read(
      "select name, beat_at from workers where host = \(host) order by beat_at desc, name"
    ).map { try $0.decode(String.self, Instant.self) }
  }
}
