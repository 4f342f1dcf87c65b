import KittyShared
import Logging
import Synchronization
import Testing

@testable import KittyServer

struct LastUsedTrackerTests {
  /// Counts the statements of each batch; fails while `refuses` is set.
  private final class BatchCountingDatabase: Database {
    let skippingLocked: SQL = ""
    let isOverloaded = false
    let batches = Mutex<[Int]>([])
    let refuses = Mutex(false)

    func read(_ statements: [SQL]) async throws -> [[Row]] { [] }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      if refuses.withLock({ $0 }) { throw DatabaseFailure.unavailable("away", maybeApplied: false) }
      batches.withLock { $0.append(statements.count) }
      return []
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}

    func takeBatches() -> [Int] {
      batches.withLock { batches in
        defer { batches = [] }
        return batches
      }
    }
  }

  private let database = BatchCountingDatabase()
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  private let start = Instant(milliseconds: 1_700_000_000_000)

  private func principal(_ number: Int) -> Principal {
    Principal(
      id: ID(at: Instant(milliseconds: Int64(number))), user: .first, expires: nil, secretHash: "",
      rights: number % 2 == 0 ? nil : TokenRights(scopes: [.read], group: nil), timeZone: nil)
  }

  @Test func useIsWrittenOnceInFiveMinutes() async throws {
    let uses = LastUsedTracker(database: database, logger: logger)
    let anna = principal(1)
    for second in 0..<300 { uses.note(anna, at: start.advanced(by: .seconds(second))) }
    #expect(database.takeBatches() == [])
    try await uses.write()
    #expect(database.takeBatches() == [1])
    uses.note(anna, at: start.advanced(by: .seconds(299)))
    try await uses.write()
    #expect(database.takeBatches() == [])
    uses.note(anna, at: start.advanced(by: .seconds(300)))
    uses.note(principal(2), at: start)
    try await uses.write()
    #expect(database.takeBatches() == [2])
  }

  @Test func manyUsesAreWrittenInBatches() async throws {
    let uses = LastUsedTracker(database: database, logger: logger)
    for number in 0..<1100 { uses.note(principal(number), at: start) }
    try await uses.write()
    #expect(database.takeBatches() == [500, 500, 100])
  }

  @Test func failedWriteIsRetried() async throws {
    let uses = LastUsedTracker(database: database, logger: logger)
    uses.note(principal(1), at: start)
    database.refuses.withLock { $0 = true }
    await #expect(throws: DatabaseFailure.self) { try await uses.write() }
    database.refuses.withLock { $0 = false }
    try await uses.write()
    #expect(database.takeBatches() == [1])
  }

  @Test func pendingUsesAreBounded() async throws {
    let uses = LastUsedTracker(database: database, logger: logger, capacity: 10)
    for number in 0..<100 { uses.note(principal(number), at: start) }
    try await uses.write()
    #expect(database.takeBatches() == [10])
    for number in 0..<10 { uses.note(principal(1000 + number), at: start) }
    try await uses.write()
    #expect(database.takeBatches() == [10])
  }

  @Test func pendingUsesAreWrittenAtShutdown() async throws {
    let uses = LastUsedTracker(database: database, logger: logger)
    let running = Task { try await uses.run() }
    uses.note(principal(1), at: start)
    running.cancel()
    try await running.value
    #expect(database.takeBatches() == [1])
  }
}
