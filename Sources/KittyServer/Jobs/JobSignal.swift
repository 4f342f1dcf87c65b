import Redis
import ServiceLifecycle
import Synchronization

/// Wakes workers in other processes, through Redis. It is a signal and never the truth: a worker that does not hear it
/// looks every few seconds anyway, and nobody waits for it to be given.
final class JobSignal: Sendable {
  private let redis: RedisClient
  private let state = Mutex(State.quiet)

  private enum State {
    case quiet, giving
    /// There was another reason while it was given.
    case giveAgain
  }

  private static let channel = "kittycash:jobs"

  init(_ redis: RedisClient) { self.redis = redis }

  /// Gives the signal, beside the request that has left a job. However many do at once, one is on its way.
  func give() {
    let isFirst = state.withLock { state in
      defer { state = state == .quiet ? .giving : .giveAgain }
      return state == .quiet
    }
    guard isFirst else { return }
    Task {
      repeat {
        // Why Redis cannot be reached is in the log, once for each time it goes away.
        _ = try? await redis.command(["PUBLISH", Self.channel, "due"])
      } while isWantedAgain()
    }
  }

  private func isWantedAgain() -> Bool {
    state.withLock { state in
      defer { state = state == .giveAgain ? .giving : .quiet }
      return state == .giveAgain
    }
  }

  /// Rings a bell whenever another process gives the signal.
  struct Listener: Service {
    let url: String
    let bell: Bell

    func run() async throws {
      let subscription = try RedisSubscription(
        url: url, channel: JobSignal.channel, onGap: { bell.ring() }, onMessage: { _ in bell.ring() })
      // Until it is told to stop.
      try? await gracefulShutdown()
      await subscription.close()
    }
  }
}
