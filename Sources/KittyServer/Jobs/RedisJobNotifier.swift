import Redis
import ServiceLifecycle
import Synchronization

/// Wakes workers in other processes, through Redis. It is a signal and never the truth: a worker that does not hear it
/// looks every few seconds anyway, and nobody waits for it to be given.
final class RedisJobNotifier: Sendable {
  private let redis: RedisClient
  private let state = Mutex(State.quiet)

  private enum State {
    case quiet, publishing
    /// There was another reason while it was given.
    case publishAgain
  }

  private static let channel = "kittycash:jobs"

  init(_ redis: RedisClient) { self.redis = redis }

  /// Gives the signal, beside the request that has left a job. However many do at once, one is on its way.
  func notify() {
    let isFirst = state.withLock { state in
      defer { state = state == .quiet ? .publishing : .publishAgain }
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
      defer { state = state == .publishAgain ? .publishing : .quiet }
      return state == .publishAgain
    }
  }

  /// Rings a notifier whenever another process gives the signal.
  struct Listener: Service {
    let url: String
    let notifier: JobNotifier

    func run() async throws {
      let subscription = try RedisSubscription(
        url: url, channel: RedisJobNotifier.channel, onGap: { notifier.notify() },
        onMessage: { _ in notifier.notify() })
      // Until it is told to stop.
      try? await gracefulShutdown()
      await subscription.close()
    }
  }
}
