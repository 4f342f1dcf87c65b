import Foundation
import POSIX

/// A client of Redis with one connection on its own thread. It sends the commands of many callers together, and reads
/// the replies in order. While Redis is unavailable, commands fail at once, and the client reconnects with growing
/// pauses of five seconds at most.
package final class RedisClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `condition` locked, and only the thread uses the connection.
  private let condition = NSCondition()
  private var state = State()
  private let address: RedisAddress
  private let timeout: Duration
  private let queueLimit: Int
  private let onState: @Sendable (String) -> Void

  private struct State {
    var waiting: [Command] = []
    var isRunning = false
    var isClosed = false
    /// Commands fail at once until this time.
    var downUntil: ContinuousClock.Instant?
    var attempts = 0
    var isDown = false
    var closeContinuations: [CheckedContinuation<Void, Never>] = []
  }

  private struct Command {
    let arguments: [String]
    let continuation: CheckedContinuation<Result<RedisReply, RedisError>, Never>
  }

  /// Creates a client. It connects with the first command.
  /// - Parameters:
  ///   - url: `redis://:password@host:6379/0`, or `rediss://…` for TLS.
  ///   - timeout: Time limit for connecting, and for each reply.
  ///   - queueLimit: Number of commands that may wait.
  ///   - onState: Called with a sentence when Redis becomes unavailable and when it is back, once each.
  /// - Throws: `RedisError.invalidURL`.
  package init(
    url: String, timeout: Duration = .seconds(1), queueLimit: Int = 10_000,
    onState: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(RedisError) {
    address = try RedisAddress(url: url)
    self.timeout = timeout
    self.queueLimit = queueLimit
    self.onState = onState
  }

  /// Checks a URL.
  /// - Throws: `RedisError.invalidURL`.
  package static func validate(url: String) throws(RedisError) { _ = try RedisAddress(url: url) }

  /// Returns `true` for the URL of a Redis in a network that asks for no password. A name without a dot is that of a
  /// machine nearby, such as another container.
  package static func isUnprotected(url: String) -> Bool {
    guard let address = try? RedisAddress(url: url), address.password == nil else { return false }
    return (address.host.contains(".") || address.host.contains(":")) && !LoopbackHost.contains(address.host)
  }

  /// Sends one command.
  /// - Throws: `RedisError`.
  package func command(_ arguments: [String]) async throws(RedisError) -> RedisReply {
    let result = await withCheckedContinuation { continuation in
      enqueue(Command(arguments: arguments, continuation: continuation))
    }
    return try result.get()
  }

  /// Returns the value of a key; `nil` when it does not exist.
  /// - Throws: `RedisError`.
  package func get(_ key: String) async throws(RedisError) -> String? {
    guard case .string(let value) = try await command(["GET", key]) else { return nil }
    return value
  }

  /// Checks that Redis replies.
  /// - Throws: `RedisError`.
  package func ping() async throws(RedisError) { _ = try await command(["PING"]) }

  /// Finishes the waiting commands, then closes the connection.
  package func close() async {
    await withCheckedContinuation { continuation in
      condition.lock()
      state.isClosed = true
      if state.isRunning {
        state.closeContinuations.append(continuation)
        condition.signal()
        condition.unlock()
      } else {
        condition.unlock()
        continuation.resume()
      }
    }
  }

  private func enqueue(_ command: Command) {
    condition.lock()
    let refusal: RedisError? =
      if state.isClosed { .closed } else if let until = state.downUntil, until > .now {
        .unavailable("trying again soon")
      } else if state.waiting.count >= queueLimit { .overloaded } else { nil }
    if let refusal {
      condition.unlock()
      return command.continuation.resume(returning: .failure(refusal))
    }
    state.waiting.append(command)
    if !state.isRunning {
      state.isRunning = true
      Thread.detachNewThread { [self] in run() }
    }
    condition.signal()
    condition.unlock()
  }

  private func run() {
    var connection: RedisConnection?
    while true {
      condition.lock()
      while state.waiting.isEmpty && !state.isClosed { condition.wait() }
      let batch = Array(state.waiting.prefix(256))
      state.waiting.removeFirst(batch.count)
      let closeContinuations = batch.isEmpty && state.isClosed ? state.closeContinuations : nil
      if closeContinuations != nil { state.isRunning = false }
      condition.unlock()
      if let closeContinuations {
        connection?.close()
        closeContinuations.forEach { $0.resume() }
        return
      }
      perform(batch[...], &connection)
    }
  }

  /// Sends commands and resumes their callers. An idle connection may be broken without notice: when it fails before
  /// the first reply, the commands are sent again over a new one.
  private func perform(_ batch: ArraySlice<Command>, _ connection: inout RedisConnection?) {
    var batch = batch
    var isNew = connection == nil
    while true {
      var why = RedisError.closed
      var answered = 0
      do throws(RedisError) {
        let open =
          if let connection { connection } else { try RedisConnection(to: address, timeout: timeout) }
        connection = open
        batch.forEach { open.append($0.arguments) }
        for command in batch {
          do throws(RedisError) {
            command.continuation.resume(returning: .success(try open.reply()))
          } catch {
            if case .unavailable = error { throw error }
            command.continuation.resume(returning: .failure(error))
          }
          answered += 1
        }
        return markAvailable()
      } catch {
        why = error
      }
      batch = batch.dropFirst(answered)
      connection?.close()
      connection = nil
      guard !isNew && answered == 0 else {
        markUnavailable(why)
        return batch.forEach { $0.continuation.resume(returning: .failure(why)) }
      }
      isNew = true
    }
  }

  private func markAvailable() {
    condition.lock()
    let wasDown = state.isDown
    state.isDown = false
    state.downUntil = nil
    state.attempts = 0
    condition.unlock()
    if wasDown { onState("Redis is back") }
  }

  private func markUnavailable(_ error: RedisError) {
    condition.lock()
    let wasDown = state.isDown
    state.isDown = true
    state.attempts += 1
    let pause = Duration.milliseconds(50 << min(state.attempts, 7))
    state.downUntil = .now + min(pause, .seconds(5))
    condition.unlock()
    if !wasDown { onState("\(error); trying again until it is back") }
  }
}
