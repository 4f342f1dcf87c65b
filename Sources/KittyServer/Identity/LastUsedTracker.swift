import KittyShared
import Logging
import ServiceLifecycle
import Synchronization

/// Records when sessions and API tokens were last used. A request only notes it in memory; a background task writes it,
/// at most once in five minutes for each session or token.
final class LastUsedTracker: Service {
  /// Maximum age of what is written.
  static let interval: Duration = .seconds(300)
  /// Time between two writes.
  private static let pause: Duration = .seconds(10)
  /// Maximum number of uses in one transaction.
  private static let batch = 500

  private struct State {
    /// The time of the last noted use of each session or token.
    var noted: [ID: Instant] = [:]
    /// The uses that are to be written.
    var waiting: [ID: Use] = [:]
  }

  private struct Use {
    let isOfAPIToken: Bool
    let at: Instant
  }

  private let state = Mutex(State())
  private let database: any Database
  private let logger: Logger
  /// Maximum number of sessions and tokens in memory. Past it they are dropped, and some uses are written early.
  private let capacity: Int

  init(database: any Database, logger: Logger, capacity: Int = 10_000) {
    self.database = database
    self.logger = logger
    self.capacity = capacity
  }

  /// Notes that a principal makes a request.
  func note(_ principal: Principal, at now: Instant) {
    state.withLock { state in
      if let last = state.noted[principal.id], now < last.advanced(by: Self.interval) { return }
      // While the database is unavailable for long, uses beyond the capacity are dropped.
      guard state.waiting.count < capacity else { return }
      if state.noted.count >= capacity { state.noted = [:] }
      state.noted[principal.id] = now
      state.waiting[principal.id] = Use(isOfAPIToken: principal.rights != nil, at: now)
    }
  }

  /// Writes the noted uses. Those that could not be written are kept for the next time.
  /// - Throws: `DatabaseFailure`.
  func write() async throws {
    let all = state.withLock { state in
      defer { state.waiting = [:] }
      // In the same order on every server, so that two of them cannot deadlock.
      return state.waiting.sorted { $0.key < $1.key }
    }
    var remaining = all[...]
    do {
      while !remaining.isEmpty {
        try await database.transact(
          remaining.prefix(Self.batch).map { id, use in
            use.isOfAPIToken ? TokenStore.used(id, at: use.at) : SessionStore.used(id, at: use.at)
          }, in: WriteContext())
        remaining = remaining.dropFirst(Self.batch)
      }
    } catch {
      state.withLock { state in
        for (id, use) in remaining where state.waiting[id] == nil { state.waiting[id] = use }
      }
      throw error
    }
  }

  /// Writes the noted uses every few seconds, and once more at the end.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.pause)) != nil { await self.writeOrLog() }
    }
    await writeOrLog()
  }

  private func writeOrLog() async {
    do { try await write() } catch {
      logger.warning("last uses not written yet", metadata: ["error": "\(error)"])
    }
  }
}
