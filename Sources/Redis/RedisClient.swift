import Foundation

/// Redis over one connection on a thread of its own. Commands of many callers go out together and their
/// replies are read in order. While Redis is away, commands fail at once; the thread keeps trying to come
/// back, ever more slowly, up to every five seconds.
package final class RedisClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `condition` locked, and `Connection` only by the thread.
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
    /// Until when commands fail at once.
    var downUntil: ContinuousClock.Instant?
    var attempts = 0
    var isDown = false
    var closers: [CheckedContinuation<Void, Never>] = []
  }

  private struct Command {
    let arguments: [String]
    let continuation: CheckedContinuation<Result<RedisReply, RedisError>, Never>
  }

  /// Prepares a client; it connects with the first command.
  /// - Parameters:
  ///   - url: `redis://:password@host:6379/0`.
  ///   - timeout: For connecting, and for each reply.
  ///   - queueLimit: How many commands may wait.
  ///   - onState: Called with a sentence when Redis goes away and when it is back: once each.
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

  /// - Throws: `RedisError.invalidURL` that says what is wrong with the URL.
  package static func validate(url: String) throws(RedisError) { _ = try RedisAddress(url: url) }

  /// Sends one command.
  /// - Throws: `RedisError`.
  package func command(_ arguments: [String]) async throws(RedisError) -> RedisReply {
    let result = await withCheckedContinuation { continuation in
      enqueue(Command(arguments: arguments, continuation: continuation))
    }
    return try result.get()
  }

  /// The value of a key; `nil` when there is none.
  /// - Throws: `RedisError`.
  package func get(_ key: String) async throws(RedisError) -> String? {
    guard case .string(let value) = try await command(["GET", key]) else { return nil }
    return value
  }

  /// Asks for a sign of life.
  /// - Throws: `RedisError`.
  package func ping() async throws(RedisError) { _ = try await command(["PING"]) }

  /// Lets the commands that wait finish, then closes the connection.
  package func close() async {
    await withCheckedContinuation { continuation in
      condition.lock()
      state.isClosed = true
      if state.isRunning {
        state.closers.append(continuation)
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
      let closers = batch.isEmpty && state.isClosed ? state.closers : nil
      if closers != nil { state.isRunning = false }
      condition.unlock()
      if let closers {
        connection?.close()
        closers.forEach { $0.resume() }
        return
      }
      perform(batch[...], &connection)
    }
  }

  /// Sends the commands and hands over the replies. A connection that turns out to be dead before its first reply
  /// was cut while nobody used it: they are sent once more over a new one.
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
        return cameBack()
      } catch {
        why = error
      }
      batch = batch.dropFirst(answered)
      connection?.close()
      connection = nil
      guard !isNew && answered == 0 else {
        wentAway(why)
        return batch.forEach { $0.continuation.resume(returning: .failure(why)) }
      }
      isNew = true
    }
  }

  private func cameBack() {
    condition.lock()
    let wasDown = state.isDown
    state.isDown = false
    state.downUntil = nil
    state.attempts = 0
    condition.unlock()
    if wasDown { onState("Redis is back") }
  }

  private func wentAway(_ error: RedisError) {
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
