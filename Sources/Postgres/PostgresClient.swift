import Foundation

/// PostgreSQL through a few connections in pipeline mode, all watched by one thread: what several callers want
/// goes out in one flush, a batch is one transaction and costs one round trip, and each answer is handed over
/// as it arrives.
package final class PostgresClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `lock` held.
  private let lock = NSLock()
  private var state = State()
  private let options: PostgresOptions
  private let connections: Int
  private let queueLimit: Int
  private let onState: @Sendable (String) -> Void
  private let waker: Waker

  struct State {
    var isRunning = false
    var isClosed = false
    /// What came since the loop looked last.
    var arrived: [PostgresRequest] = []
    var cancelled: [Int] = []
    var opened: [Result<PostgresConnection, PostgresError>] = []
    /// Whether the loop sleeps, and has to be woken.
    var isAsleep = false
    /// How many requests wait for a connection.
    var waiting = 0
    /// How many connections are open, and how many of them have something to do.
    var connections = (open: 0, busy: 0)
    var nextID = 0
    var closers: [CheckedContinuation<Void, Never>] = []
    /// Until when no connection is tried; requests fail at once.
    var downUntil: ContinuousClock.Instant?
  }

  /// Prepares a client; it connects when the first statement comes.
  /// - Parameters:
  ///   - connectionString: What libpq understands: a URI or `key=value` pairs, TLS settings included.
  ///   - connections: How many connections at most.
  ///   - queueLimit: How many batches may wait for a connection; each has at most 16 more under way.
  ///   - statementTimeout: How long a statement may run, and how long a batch may wait; half of it for a lock.
  ///   - connectTimeout: How long connecting may take, unless the connection string says so.
  ///   - onlyReads: Whether nothing is written, and all statements of a batch see the database at one moment.
  ///   - onState: Called with a sentence when the database goes away and when it is back: once each.
  package init(
    connectionString: String, connections: Int = 4, queueLimit: Int = 512,
    statementTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
    onlyReads: Bool = false, onState: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    let (seconds, attoseconds) = statementTimeout.components
    let milliseconds = max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    options = PostgresOptions(
      connectionString: connectionString, connectSeconds: max(2, Int(connectTimeout.components.seconds)),
      statementMilliseconds: milliseconds, lockMilliseconds: max(1, milliseconds / 2), onlyReads: onlyReads)
    self.connections = max(1, connections)
    self.queueLimit = queueLimit
    self.onState = onState
    waker = Waker()
  }

  /// Runs statements as one transaction, in one round trip: all of them happen or none. What the server gave
  /// up because of a deadlock or a conflict between transactions is tried again, up to three times.
  /// - Returns: One result for each statement.
  /// - Throws: `PostgresError`. When the task is cancelled, a batch that waits is taken back and one that runs
  ///   is ended.
  package func run(_ batch: [PostgresStatement]) async throws(PostgresError) -> [PostgresResult] {
    let id = withState { state in
      state.nextID += 1
      return state.nextID
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        enqueue(PostgresRequest(id: id, batch: batch, deadline: .now + options.patience, continuation))
      }
    } onCancel: {
      withState { $0.cancelled.append(id) }
      wake()
    }
    return try outcome.get()
  }

  /// Runs `body` with a connection of its own while holding a lock of the database's present schema, so that of
  /// all programs that ask for this lock there only one is inside. Waits for its turn, up to a minute.
  /// - Throws: `PostgresError`, or what `body` throws.
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

  /// Runs `body` with a connection of its own, on which statements may take ten minutes and wait a minute for a
  /// lock.
  /// - Throws: `PostgresError`, or what `body` throws.
  package func session<Value: Sendable>(
    _ body: (PostgresSession) async throws -> Value
  ) async throws -> Value {
    let patient = PostgresOptions(
      connectionString: options.connectionString, connectSeconds: options.connectSeconds,
      statementMilliseconds: 600_000, lockMilliseconds: 60_000, onlyReads: options.onlyReads)
    let session = try await PostgresSession.open(patient)
    do {
      let value = try await body(session)
      // Closing the connection releases its locks and ends its transaction, whatever happened.
      await session.close()
      return value
    } catch {
      await session.close()
      throw error
    }
  }

  /// What it has to do just now.
  package struct Load: Sendable {
    /// How many connections are open.
    package let open: Int
    /// How many of them work on something.
    package let busy: Int
    /// How many there may be.
    package let limit: Int
    /// How many batches wait for a connection.
    package let waiting: Int
  }

  /// What it has to do just now.
  package var load: Load {
    withState { state in
      Load(
        open: state.connections.open, busy: state.connections.busy, limit: connections,
        waiting: state.waiting + state.arrived.count)
    }
  }

  /// Whether a batch would be refused just now, because too many wait.
  package var isOverloaded: Bool { withState { $0.waiting + $0.arrived.count >= queueLimit } }

  /// Finishes what waits, then closes every connection.
  package func close() async {
    await withCheckedContinuation { continuation in
      let isIdle = withState { state in
        state.isClosed = true
        guard state.isRunning else { return true }
        state.closers.append(continuation)
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
        let loop = PostgresLoop(self, options, connections, waker, onState)
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

  /// Hands over a connection that was made on a thread of its own, or why there is none.
  func opened(_ connection: Result<PostgresConnection, PostgresError>) {
    let isWanted = withState { state in
      if state.isRunning { state.opened.append(connection) }
      return state.isRunning
    }
    if isWanted { wake() } else if case .success(let connection) = connection { connection.close() }
  }
}

/// A batch and who waits for it.
struct PostgresRequest {
  let id: Int
  let batch: [PostgresStatement]
  let deadline: ContinuousClock.Instant
  private let continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  var attempts = 1
  var isCancelled = false

  init(
    id: Int, batch: [PostgresStatement], deadline: ContinuousClock.Instant,
    _ continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  ) {
    self.id = id
    self.batch = batch
    self.deadline = deadline
    self.continuation = continuation
  }

  func finish(_ outcome: PostgresConnection.Outcome) { continuation.resume(returning: outcome) }
}

/// Wakes a thread that waits in `poll`: a pipe to itself.
final class Waker: Sendable {
  /// What to watch.
  let descriptor: Int32
  private let input: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no more files can be opened")
    (descriptor, input) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    Foundation.close(descriptor)
    Foundation.close(input)
  }

  /// A pipe that is full wakes as well.
  func wake() { _ = write(input, [0], 1) }

  func clear() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}
