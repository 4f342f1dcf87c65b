import Foundation
import Synchronization

/// Listens to the notices of one channel, with its own thread and connection. It reconnects when the connection breaks or
/// falls silent.
package final class PostgresListener: Sendable {
  private let options: PostgresOptions
  private let channel: String
  private let onGap: @Sendable () -> Void
  private let onNotice: @Sendable (String) -> Void
  private let state = Mutex(State())

  private struct State {
    /// The start of the ping that was answered last; `nil` while not listening.
    var answeredPing: ContinuousClock.Instant?
    var isClosed = false
    var hasEnded = false
    var closeContinuations: [CheckedContinuation<Void, Never>] = []
  }

  /// Silence after which the connection counts as broken. PostgreSQL is pinged every quarter of it.
  private static let maxSilence: Duration = .seconds(1)

  /// Listens, and listens again after each break.
  /// - Parameters:
  ///   - connectionString: As for `PostgresClient`.
  ///   - channel: A name of lower-case letters.
  ///   - onGap: Called when it begins to listen, and after each break: notices before it may be lost. Called on the
  ///     listener's thread, as `onNotice` is.
  ///   - onNotice: Called with the text of each notice, in the order of the commits.
  package init(
    connectionString: String, channel: String, onGap: @escaping @Sendable () -> Void,
    onNotice: @escaping @Sendable (String) -> Void
  ) {
    options = PostgresOptions(
      connectionString: connectionString, connectSeconds: 2, statementMilliseconds: 1000,
      lockMilliseconds: 1000, onlyReads: false)
    self.channel = channel
    self.onGap = onGap
    self.onNotice = onNotice
    Thread.detachNewThread { [self] in run() }
  }

  /// `true` if all notices that were committed up to a second ago have been delivered.
  package var isCurrent: Bool {
    state.withLock { $0.answeredPing.map { ContinuousClock.now - $0 < Self.maxSilence } ?? false }
  }

  /// Ends listening.
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

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func run() {
    var failures = 0
    while !isClosed {
      do throws(PostgresError) {
        let connection = try PostgresConnection(options)
        defer { connection.close() }
        let start = ContinuousClock.now
        try connection.script("listen \(channel)")
        failures = 0
        onGap()
        state.withLock { $0.answeredPing = start }
        try listen(on: connection)
      } catch {
        // `PostgresClient` logs that PostgreSQL is unavailable. The listener only keeps trying.
        failures += 1
      }
      state.withLock { $0.answeredPing = nil }
      let pauses = 1 << min(failures, 6)
      for _ in 0..<pauses where !isClosed { usleep(25_000) }
    }
    let closeContinuations = state.withLock { state in
      state.hasEnded = true
      return state.closeContinuations
    }
    closeContinuations.forEach { $0.resume() }
  }

  /// Delivers notices until the connection breaks or falls silent, or the listener is closed.
  private func listen(on connection: PostgresConnection) throws(PostgresError) {
    var lastAnswer = ContinuousClock.now
    var pinged: ContinuousClock.Instant?
    while !isClosed {
      if connection.waitForInput(milliseconds: 50) {
        let arrivals = try connection.arrivals(isPinging: pinged != nil)
        arrivals.notices.forEach(onNotice)
        if arrivals.isAnswered, let start = pinged {
          state.withLock { $0.answeredPing = start }
          lastAnswer = start
          pinged = nil
        }
      }
      let now = ContinuousClock.now
      if now - lastAnswer >= Self.maxSilence {
        throw .unavailable("PostgreSQL is silent", maybeApplied: false)
      }
      if pinged == nil && now - lastAnswer >= Self.maxSilence / 4 {
        pinged = now
        try connection.ping()
      }
    }
  }
}
