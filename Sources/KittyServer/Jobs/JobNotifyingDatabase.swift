/// Calls `notify` after each transaction that has enqueued a job.
struct JobNotifyingDatabase: Database {
  let database: any Database
  let notify: @Sendable () -> Void

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    let rows = try await database.runTransaction(statements)
    if statements.contains(where: \.wakesWorker) { notify() }
    return rows
  }

  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws {
    var wakesWorker = false
    try await database.runLongTransaction { run in
      try await body { statements in
        wakesWorker = wakesWorker || statements.contains(where: \.wakesWorker)
        try await run(statements)
      }
    }
    if wakesWorker { notify() }
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func close() async { await database.close() }
}
