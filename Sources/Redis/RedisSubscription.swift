import CHiredis
import Foundation
import Synchronization

/// Listens to one channel, on a thread and a connection of its own, and connects anew whenever the connection
/// breaks or falls silent.
package final class RedisSubscription: Sendable {
  private let address: RedisAddress
  private let channel: String
  private let onGap: @Sendable () -> Void
  private let onMessage: @Sendable (String) -> Void
  /// When Redis was heard last: milliseconds of the monotonic clock; 0 while not subscribed.
  private let heard = Atomic<Int64>(0)
  private let state = Mutex(State())

  private struct State {
    var isClosed = false
    var hasEnded = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  /// For how long silence is no reason to doubt: milliseconds. Redis is asked for a sign of life every
  /// quarter of it.
  private static let silence: Int64 = 1000

  /// Subscribes, now and again after every break.
  /// - Parameters:
  ///   - url: `redis://:password@host:6379/0`.
  ///   - onGap: Called when listening begins, the first time and after every break: what was published before
  ///     has not been heard. Called on the subscription's thread, as `onMessage` is.
  ///   - onMessage: Called with each message, in their order.
  /// - Throws: `RedisError.invalidURL`.
  package init(
    url: String, channel: String, onGap: @escaping @Sendable () -> Void,
    onMessage: @escaping @Sendable (String) -> Void
  ) throws(RedisError) {
    address = try RedisAddress(url: url)
    self.channel = channel
    self.onGap = onGap
    self.onMessage = onMessage
    Thread.detachNewThread { [self] in run() }
  }

  /// Whether every message that was published up to a second ago has been handed over.
  package var isCurrent: Bool { Self.now - heard.load(ordering: .acquiring) < Self.silence }

  /// Stops listening.
  package func close() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        state.isClosed = true
        if !state.hasEnded { state.closers.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func run() {
    var failures = 0
    while !isClosed {
      do throws(RedisError) {
        let connection = try RedisConnection(to: address, timeout: .seconds(1))
        defer { connection.close() }
        let asked = Self.now
        connection.append(["SUBSCRIBE", channel])
        _ = try connection.reply()
        failures = 0
        onGap()
        heard.store(asked, ordering: .releasing)
        try listen(on: connection)
      } catch {
        // The client that publishes says in the log that Redis is gone; this one only keeps trying.
        failures += 1
      }
      heard.store(0, ordering: .releasing)
      let pause = UInt32(25 << min(failures, 6))
      for _ in 0..<pause / 25 where !isClosed { usleep(25_000) }
    }
    let closers = state.withLock { state in
      state.hasEnded = true
      return state.closers
    }
    closers.forEach { $0.resume() }
  }

  /// Hands over messages until the connection breaks, is silent for too long, or is closed.
  private func listen(on connection: RedisConnection) throws(RedisError) {
    var asked: Int64 = 0
    var isAsking = false
    while !isClosed {
      if connection.waitForInput(milliseconds: 50) {
        for reply in try connection.availableReplies() {
          guard case .array(let parts) = reply else { continue }
          if parts.first == .string("pong") {
            // Everything that was published before this was asked for has come before the answer.
            heard.store(asked, ordering: .releasing)
            isAsking = false
          } else if parts.count == 3, parts[0] == .string("message"), case .string(let message) = parts[2] {
            onMessage(message)
          }
        }
      }
      let now = Self.now
      if now - heard.load(ordering: .relaxed) >= Self.silence { throw .unavailable("Redis is silent") }
      if !isAsking && now - asked >= Self.silence / 4 {
        (asked, isAsking) = (now, true)
        connection.append(["PING"])
        try connection.flush()
      }
    }
  }
}
