import KittyShared
import Logging
import ServiceLifecycle
import Synchronization

/// When sessions and API tokens were last used. A request only notes it in memory; it is written in the
/// background, for each of them once in five minutes at most.
final class LastUsedTracker: Service {
  /// How old what is written may be.
  static let interval: Duration = .seconds(300)
  /// How often what was noted is written.
  private static let pause: Duration = .seconds(10)
  /// How many are written in one transaction.
  private static let batch = 500

  private struct State {
    /// When each was noted last.
    var noted: [ID: Instant] = [:]
    /// What is to be written.
    var waiting: [ID: Use] = [:]
  }

  private struct Use {
    let isOfToken: Bool
    let at: Instant
  }

  private let state = Mutex(State())
  private let database: any Database
  private let logger: Logger
  /// How many it knows of; past this it forgets them, and writes some of them earlier than it must.
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
      // When the database is away for long, what does not fit is left out.
      guard state.waiting.count < capacity else { return }
      if state.noted.count >= capacity { state.noted = [:] }
      state.noted[principal.id] = now
      state.waiting[principal.id] = Use(isOfToken: principal.rights != nil, at: now)
    }
  }

  /// Writes what was noted. What cannot be written is kept for the next time.
  func write() async throws {
    let all = state.withLock { state in
      defer { state.waiting = [:] }
      // In one order everywhere, so that two copies of the server do not wait for each other.
      return state.waiting.sorted { $0.key < $1.key }
    }
    var rest = all[...]
    do {
      while !rest.isEmpty {
        try await database.transact(
          rest.prefix(Self.batch).map { id, use in
            use.isOfToken ? TokenStore.used(id, at: use.at) : SessionStore.used(id, at: use.at)
          }, in: WriteContext())
        rest = rest.dropFirst(Self.batch)
      }
    } catch {
      state.withLock { state in
        for (id, use) in rest where state.waiting[id] == nil { state.waiting[id] = use }
      }
      throw error
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.pause)) != nil { await self.writeOrSay() }
    }
    await writeOrSay()
  }

  private func writeOrSay() async {
    do { try await write() } catch {
      logger.warning("last uses wait", metadata: ["error": "\(error)"])
    }
  }
}
