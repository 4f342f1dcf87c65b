import KittyShared

/// Counts what the database is asked, and how that ends.
struct MeasuredDatabase: Database {
  let database: any Database
  let meter: DatabaseMeter

  func read(_ statements: [SQL]) async throws -> [[Row]] {
    try await measured(meter.reads, statements.count) { try await database.read(statements) }
  }

  func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
    try await measured(meter.writes, statements.count) { try await database.runTransaction(statements) }
  }

  private func measured(
    _ batches: DatabaseMeter.Batches, _ statements: Int, _ body: () async throws -> [[Row]]
  ) async throws -> [[Row]] {
    let start = ContinuousClock.now
    defer {
      batches.latencies.add(ContinuousClock.now - start)
      batches.statements.add(statements)
    }
    do {
      return try await body()
    } catch {
      // Who went away did not find the database failing.
      if !Task.isCancelled { meter.failed(error) }
      throw error
    }
  }

  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  func close() async { await database.close() }
}

/// What is counted of a database.
final class DatabaseMeter: Sendable {
  let reads = Batches()
  let writes = Batches()
  private let unavailable = Counter()
  private let refused = Counter()
  private let faults = Counter()

  /// Batches of statements, each a transaction.
  final class Batches: Sendable {
    let latencies = LatencyHistogram()
    let statements = Counter()
  }

  func failed(_ error: any Error) {
    switch error {
    case DatabaseFailure.unavailable, DatabaseFailure.overloaded: unavailable.add()
    case DatabaseFailure.notUnique, DatabaseFailure.brokenReference, DatabaseFailure.refused,
      DatabaseFailure.outOfRange:
      refused.add()
    default: faults.add()
    }
  }

  /// How many batches failed, by why: the database was away or had too much to do; a rule of the schema refused
  /// what was asked, as a name that is taken; a fault of the program.
  var failures: [(kind: String, number: Int)] {
    [("unavailable", unavailable.value), ("refused", refused.value), ("fault", faults.value)]
  }
}

/// What a part of the database has to do just now.
struct DatabaseLoad: Sendable {
  /// `reader` or `writer`.
  let pool: String
  /// Open, of these busy, and how many there may be; `nil` where no connections are kept.
  var connections: (open: Int, busy: Int, limit: Int)?
  /// How many batches wait for their turn.
  let waiting: Int
}
