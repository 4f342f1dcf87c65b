import CHiredis
import Foundation
import Synchronization

/// A subscription to one channel, with its own thread and connection. It reconnects when the connection breaks or falls
/// silent.
package final class RedisSubscription: Sendable {
  private let address: RedisAddress
  private let channel: String
  private let onGap: @Sendable () -> Void
  private let onMessage: @Sendable (String) -> Void
  /// Time of the last reply, in milliseconds of the clock that also counts while the machine sleeps; 0 while not
  /// subscribed.
  private let lastReply = Atomic<Int64>(0)
  private let state = Mutex(State())

  private struct State {
    var isClosed = false
    var hasEnded = false
    var closeContinuations: [CheckedContinuation<Void, Never>] = []
  }

  /// Silence, in milliseconds, after which the connection counts as broken. Redis is pinged every quarter of it.
  private static let maxSilence: Int64 = 1000

  /// Subscribes, and subscribes again after each break.
  /// - Parameters:
  ///   - url: `redis://:password@host:6379/0`.
  ///   - onGap: Called at the first subscription and after each break: messages published before it may be lost.
  ///     Called on the subscription's thread, as `onMessage` is.
  ///   - onMessage: Called with each message, in order.
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

  /// `true` if all messages that were published up to a second ago have been delivered.
  package var isCurrent: Bool { Self.now - lastReply.load(ordering: .acquiring) < Self.maxSilence }

  /// Ends the subscription.
  package func close() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        state.isClosed = true
        if !state.hasEnded { state.closeContinuations.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func run() {
    var failures = 0
    while !isClosed {
      do throws(RedisError) {
        let connection = try RedisConnection(to: address, timeout: .seconds(1))
        defer { connection.close() }
        let subscribedAt = Self.now
        connection.append(["SUBSCRIBE", channel])
        _ = try connection.reply()
        failures = 0
        onGap()
        lastReply.store(subscribedAt, ordering: .releasing)
        try listen(on: connection)
      } catch {
        // `RedisClient` logs that Redis is unavailable. The subscription only keeps trying.
        failures += 1
      }
      lastReply.store(0, ordering: .releasing)
      let pause = UInt32(25 << min(failures, 6))
      for _ in 0..<pause / 25 where !isClosed { usleep(25_000) }
    }
    let closeContinuations = state.withLock { state in
      state.hasEnded = true
      return state.closeContinuations
    }
    closeContinuations.forEach { $0.resume() }
  }

  /// Delivers messages until the connection breaks or falls silent, or the subscription is closed.
  private func listen(on connection: RedisConnection) throws(RedisError) {
    var pingedAt: Int64 = 0
    var isPinging = false
    while !isClosed {
      if connection.waitForInput(milliseconds: 50) {
        for reply in try connection.availableReplies() {
          guard case .array(let parts) = reply else { continue }
          if parts.first == .string("pong") {
            // All messages that were published before the ping have arrived before its reply.
            lastReply.store(pingedAt, ordering: .releasing)
            isPinging = false
          } else if parts.count == 3, parts[0] == .string("message"), case .string(let message) = parts[2] {
            onMessage(message)
          }
        }
      }
      let now = Self.now
      if now - lastReply.load(ordering: .relaxed) >= Self.maxSilence { throw .unavailable("Redis is silent") }
      if !isPinging && now - pingedAt >= Self.maxSilence / 4 {
        (pingedAt, isPinging) = (now, true)
        connection.append(["PING"])
        try connection.flush()
      }
    }
  }
}
