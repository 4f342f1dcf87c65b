import Redis
import ServiceLifecycle
import Synchronization

/// Wakes workers in other processes, through Redis.
///
/// A lost notification costs time only: a worker also looks for jobs every few seconds. So `notify` returns before the
/// notification is sent.
final class RedisJobNotifier: Sendable {
  private let redis: RedisClient
  private let state = Mutex(State.idle)

  private enum State {
    case idle, publishing
    /// `notify` was called while a notification was being sent.
    case publishAgain
  }

  private static let channel = "kittycash:jobs"

  init(_ redis: RedisClient) { self.redis = redis }

  /// Sends a notification in the background, one at a time.
  func notify() {
    let isIdle = state.withLock { state in
      defer { state = state == .idle ? .publishing : .publishAgain }
      return state == .idle
    }
    guard isIdle else { return }
    Task {
      repeat {
        // The client logs once that Redis is unavailable.
        _ = try? await redis.command(["PUBLISH", Self.channel, "due"])
      } while mustPublishAgain()
    }
  }

  private func mustPublishAgain() -> Bool {
    state.withLock { state in
      defer { state = state == .publishAgain ? .publishing : .idle }
      return state == .publishAgain
    }
  }

  /// Forwards the notifications of other processes to the notifier of this one.
  struct Listener: Service {
    let url: String
    let notifier: JobNotifier

    func run() async throws {
      let subscription = try RedisSubscription(
        url: url, channel: RedisJobNotifier.channel, onGap: { notifier.notify() },
        onMessage: { _ in notifier.notify() })
      try? await gracefulShutdown()
      await subscription.close()
    }
  }
}
