import Foundation

/// A client of PostgreSQL with a few connections in pipeline mode, all served by one thread.
///
/// A batch of statements is one transaction and costs one round trip. Batches of several callers are sent together, and
/// each caller gets its outcome as soon as it arrives.
package final class PostgresClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `lock` held.
  private let lock = NSLock()
  private var state = State()
  private let options: PostgresOptions
  private let connections: Int
  private let spares: Int
  private let queueLimit: Int
  private let onState: @Sendable (String) -> Void
  private let waker: Waker

  struct State {
    var isRunning = false
    var isClosed = false
    /// New requests for the loop, beside cancelled ones and connections that were opened.
    var arrived: [PostgresRequest] = []
    var cancelled: [Int] = []
    var opened: [Result<PostgresConnection, PostgresError>] = []
    /// `true` if the loop sleeps and must be woken.
    var isAsleep = false
    /// Number of requests that wait for a connection.
    var waiting = 0
    /// Number of open connections, and of those with requests.
    var connections = (open: 0, busy: 0)
    var nextID = 0
    var closeContinuations: [CheckedContinuation<Void, Never>] = []
    /// Requests fail at once until this time, and no connection is opened.
    var downUntil: ContinuousClock.Instant?
  }

  /// Creates a client. It connects with the first statement.
  /// - Parameters:
  ///   - connectionString: A URI or `key=value` pairs for libpq, TLS settings included.
  ///   - connections: Maximum number of connections.
  ///   - spares: Number of further connections, which are opened while all others run slow batches.
  ///   - queueLimit: Number of batches that may wait for a connection, beside 16 that run on each.
  ///   - statementTimeout: Time limit of a statement, and of the wait of a batch. Locks have half of it.
  ///   - connectTimeout: Time limit of connecting, unless the connection string has one.
  ///   - onlyReads: Whether transactions are read-only, and all statements of a batch see the same moment.
  ///   - onState: Called with a sentence when the database becomes unavailable and when it is back, once each.
  package init(
    connectionString: String, connections: Int = 4, spares: Int = 0, queueLimit: Int = 512,
    statementTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
    onlyReads: Bool = false, onState: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    let (seconds, attoseconds) = statementTimeout.components
    let milliseconds = max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    options = PostgresOptions(
      connectionString: connectionString, connectSeconds: max(2, Int(connectTimeout.components.seconds)),
      statementMilliseconds: milliseconds, lockMilliseconds: max(1, milliseconds / 2), onlyReads: onlyReads)
    self.connections = max(1, connections)
    self.spares = spares
    self.queueLimit = queueLimit
    self.onState = onState
    waker = Waker()
  }

  /// Runs statements as one transaction, in one round trip. After a deadlock or a conflict of transactions the batch is
  /// tried again, three times at most. When the task is cancelled, a batch that runs is cancelled on the server.
  /// - Parameter owner: The number of the user for whom it runs. A user whose slow batches run on two connections gets no
  ///   third one.
  /// - Returns: A result for each statement.
  /// - Throws: `PostgresError`.
  package func run(_ batch: [PostgresStatement], for owner: Int? = nil) async throws(PostgresError)
    -> [PostgresResult]
  {
    let id = withState { state in
      state.nextID += 1
      return state.nextID
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        enqueue(
          PostgresRequest(
            id: id, owner: owner, batch: batch, deadline: .now + options.queueTimeout, continuation))
      }
    } onCancel: {
      withState { $0.cancelled.append(id) }
      wake()
    }
    return try outcome.get()
  }

  /// Runs `body` with its own connection, while it holds an advisory lock for the current schema of the database. Only
  /// one program can hold this lock. Waits for it up to a minute.
  /// - Throws: `PostgresError`, or the error of `body`.
  package func exclusive<Value: Sendable>(
    lock key: Int64, _ body: (PostgresSession) async throws -> Value
  ) async throws -> Value {
    try await session { session in
      _ = try await session.run([
        PostgresStatement(
          "select pg_advisory_lock($1::bigint # hashtext(coalesce(current_schema(), ''))::bigint)",
          [String(key)])
      ])
      return try await body(session)
    }
  }

  /// Runs `body` with its own connection.
  /// - Parameters:
  ///   - statementTimeout: Time limit of a statement.
  ///   - lockTimeout: Time limit of the wait for a lock.
  /// - Throws: `PostgresError`, or the error of `body`.
  package func session<Value: Sendable>(
    statementTimeout: Duration = .seconds(600), lockTimeout: Duration = .seconds(60),
    _ body: (PostgresSession) async throws -> Value
  ) async throws -> Value {
    let longRunning = PostgresOptions(
      connectionString: options.connectionString, connectSeconds: options.connectSeconds,
      statementMilliseconds: Int(statementTimeout.components.seconds) * 1000,
      lockMilliseconds: Int(lockTimeout.components.seconds) * 1000, onlyReads: options.onlyReads)
    let session = try await PostgresSession.open(longRunning)
    do {
      let value = try await body(session)
      // Closing the connection releases its locks and rolls back an open transaction.
      await session.close()
      return value
    } catch {
      await session.close()
      throw error
    }
  }

  /// The current load: queued and running batches.
  package struct Load: Sendable {
    /// Number of open connections.
    package let open: Int
    /// Number of connections with a batch.
    package let busy: Int
    /// Maximum number of connections.
    package let limit: Int
    /// Number of batches that wait for a connection.
    package let waiting: Int
  }

  /// The current load.
  package var load: Load {
    withState { state in
      Load(
        open: state.connections.open, busy: state.connections.busy, limit: connections + spares,
        waiting: state.waiting + state.arrived.count)
    }
  }

  /// `true` if too many batches are waiting, so that another one would be refused.
  package var isOverloaded: Bool { withState { $0.waiting + $0.arrived.count >= queueLimit } }

  /// Finishes the waiting batches, then closes all connections.
  package func close() async {
    await withCheckedContinuation { continuation in
      let isIdle = withState { state in
        state.isClosed = true
        guard state.isRunning else { return true }
        state.closeContinuations.append(continuation)
        return false
      }
      if isIdle { continuation.resume() } else { wake() }
    }
  }

  private func enqueue(_ request: PostgresRequest) {
    let refusal: PostgresError? = withState { state in
      if Task.isCancelled { return .cancelled }
      if state.isClosed { return .closed }
      if let until = state.downUntil, until > .now {
        return .unavailable("no connection; trying again soon", maybeApplied: false)
      }
      if state.waiting + state.arrived.count >= queueLimit { return .overloaded }
      state.arrived.append(request)
      if !state.isRunning {
        state.isRunning = true
        let loop = PostgresLoop(self, options, connections, spares, waker, onState)
        Thread.detachNewThread { loop.run() }
      }
      return nil
    }
    if let refusal { request.finish(.failure(refusal)) } else { wake() }
  }

  private func wake() {
    let isAsleep = withState { state in
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if isAsleep { waker.wake() }
  }

  func withState<Value>(_ body: (inout State) -> Value) -> Value {
    lock.lock()
    defer { lock.unlock() }
    return body(&state)
  }

  /// Passes a connection that another thread has opened, or its error, to the loop.
  func opened(_ connection: Result<PostgresConnection, PostgresError>) {
    let isWanted = withState { state in
      if state.isRunning { state.opened.append(connection) }
      return state.isRunning
    }
    if isWanted { wake() } else if case .success(let connection) = connection { connection.close() }
  }
}
