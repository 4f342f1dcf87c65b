import KittyShared

/// Counts the batches of statements that the database runs, their time and their failures.
struct MeasuredDatabase: Database {
  let database: any Database
  let meter: DatabaseMeter

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    try await measured(meter.reads, statements.count) { try await database.read(statements) }
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    try await measured(meter.writes, statements.count) { try await database.runTransaction(statements) }
  }

  func runLongTransaction(_ body: (_ run: @escaping StatementRunner) async throws -> Void) async throws {
    // Its statements are counted as they come, and its time is that of its statements.
    try await database.runLongTransaction { run in
      try await body { statements in
        try await measured(meter.writes, statements.count) { try await run(statements) }
      }
    }
  }

  private func measured<Value>(
    _ batches: DatabaseMeter.Batches, _ statements: Int, _ body: () async throws -> Value
  ) async throws -> Value {
    let start = ContinuousClock.now
    defer {
      batches.latencies.add(ContinuousClock.now - start)
      batches.statements.add(statements)
    }
    do {
      return try await body()
    } catch {
      // A request of a client that disconnected is no failure of the database.
      if !Task.isCancelled { meter.failed(error) }
      throw error
    }
  }

  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  func close() async { await database.close() }
}
