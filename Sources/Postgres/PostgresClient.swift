import Foundation

/// PostgreSQL through a few connections, each on a thread of its own and in pipeline mode: a connection
/// takes what waits, sends it in one flush and reads all results, so that a batch costs one round trip.
public final class PostgresClient: @unchecked Sendable {
  // Unchecked: `state` is only touched with `condition` locked; a connection belongs to its thread.
  private let condition = NSCondition()
  private var state = State()
  private let options: PostgresOptions
  private let connections: Int
  private let queueLimit: Int
  private let onState: @Sendable (String) -> Void

  /// How many batches of different callers share a flush.
  private static let flushLimit = 16

  private struct State {
    var waiting: [Request] = []
    var threads = 0
    var idle = 0
    var isClosed = false
    var closers: [CheckedContinuation<Void, Never>] = []
    /// Until when no connection is tried; requests fail at once.
    var downUntil: ContinuousClock.Instant?
    var failures = 0
    var isDown = false
    var nextID = 0
  }

  private struct Request {
    let id: Int
    let batch: [PostgresStatement]
    let continuation: CheckedContinuation<PostgresConnection.Outcome, Never>
  }

  /// Prepares a client; it connects when the first statement comes.
  /// - Parameters:
  ///   - connectionString: What libpq understands: a URI or `key=value` pairs, TLS settings included.
  ///   - connections: How many connections at most.
  ///   - queueLimit: How many batches may wait.
  ///   - statementTimeout: How long a statement may run; the server ends it then.
  ///   - onState: Called with a sentence when the database goes away and when it is back: once each.
  public init(
    connectionString: String, connections: Int = 4, queueLimit: Int = 1024,
    statementTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
    onState: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    let (seconds, attoseconds) = statementTimeout.components
    let milliseconds = max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    options = PostgresOptions(
      connectionString: connectionString, connectSeconds: max(2, Int(connectTimeout.components.seconds)),
      statementMilliseconds: milliseconds, lockMilliseconds: max(1, milliseconds / 2))
    self.connections = max(1, connections)
    self.queueLimit = queueLimit
    self.onState = onState
  }

  /// Runs statements as one transaction, in one round trip: all of them happen or none.
  /// - Returns: One result for each statement.
  /// - Throws: `PostgresError`. A batch that was not sent yet is taken back when the task is cancelled.
  public func run(_ batch: [PostgresStatement]) async throws(PostgresError) -> [PostgresResult] {
    let id = nextID()
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        enqueue(Request(id: id, batch: batch, continuation: continuation))
      }
    } onCancel: {
      cancel(id)
    }
    return try outcome.get()
  }

  /// Runs `body` with a connection of its own while holding a lock of the database, so that of all
  /// programs that ask for this lock only one is inside. Waits for its turn, up to a minute.
  /// - Throws: `PostgresError`, or what `body` throws.
  public func exclusive<Value: Sendable>(
    lock key: Int64, _ body: (PostgresSession) async throws -> Value
  ) async throws -> Value {
    let patient = PostgresOptions(
      connectionString: options.connectionString, connectSeconds: options.connectSeconds,
      statementMilliseconds: 600_000, lockMilliseconds: 60_000)
    let session = try await PostgresSession.open(patient)
    do {
      _ = try await session.run([PostgresStatement("select pg_advisory_lock($1)", [String(key)])])
      let value = try await body(session)
      // Closing the connection releases the lock, whatever happened.
      await session.close()
      return value
    } catch {
      await session.close()
      throw error
    }
  }

  /// Finishes what waits, then closes every connection.
  public func close() async {
    await withCheckedContinuation { continuation in
      condition.lock()
      state.isClosed = true
      if state.threads == 0 {
        condition.unlock()
        continuation.resume()
      } else {
        state.closers.append(continuation)
        condition.broadcast()
        condition.unlock()
      }
    }
  }

  private func nextID() -> Int {
    condition.withLock {
      state.nextID += 1
      return state.nextID
    }
  }

  private func enqueue(_ request: Request) {
    condition.lock()
    var refusal: PostgresError?
    if Task.isCancelled {
      refusal = .cancelled
    } else if state.isClosed {
      refusal = .closed
    } else if let until = state.downUntil, until > .now {
      refusal = .unavailable("no connection; trying again soon", maybeApplied: false)
    } else if state.waiting.count >= queueLimit {
      refusal = .overloaded
    }
    if let refusal {
      condition.unlock()
      return request.continuation.resume(returning: .failure(refusal))
    }
    state.waiting.append(request)
    if state.idle == 0 && state.threads < connections {
      state.threads += 1
      Thread.detachNewThread { [self] in work() }
    }
    condition.signal()
    condition.unlock()
  }

  private func cancel(_ id: Int) {
    condition.lock()
    let place = state.waiting.firstIndex { $0.id == id }
    let request = place.map { state.waiting.remove(at: $0) }
    condition.unlock()
    request?.continuation.resume(returning: .failure(.cancelled))
  }

  /// What a connection's thread does until the client is closed.
  private func work() {
    var connection: PostgresConnection?
    while let requests = take() {
      do throws(PostgresError) {
        let open: PostgresConnection
        if let connection { open = connection } else { open = try PostgresConnection(options) }
        connection = open
        connected()
        let (outcomes, isGood) = open.run(requests.map(\.batch))
        if !isGood {
          open.close()
          connection = nil
        }
        for (request, outcome) in zip(requests, outcomes) { request.continuation.resume(returning: outcome) }
      } catch {
        disconnected(error)
        for request in requests { request.continuation.resume(returning: .failure(error)) }
      }
    }
    connection?.close()
  }

  /// Waits for requests; `nil` when the client is closed and nothing waits.
  private func take() -> [Request]? {
    condition.lock()
    state.idle += 1
    while state.waiting.isEmpty && !state.isClosed { condition.wait() }
    state.idle -= 1
    guard state.waiting.isEmpty else {
      let requests = Array(state.waiting.prefix(Self.flushLimit))
      state.waiting.removeFirst(requests.count)
      condition.unlock()
      return requests
    }
    state.threads -= 1
    let closers = state.threads == 0 ? state.closers : []
    if state.threads == 0 { state.closers = [] }
    condition.unlock()
    closers.forEach { $0.resume() }
    return nil
  }

  private func connected() {
    condition.lock()
    let wasDown = state.isDown
    state.isDown = false
    state.downUntil = nil
    state.failures = 0
    condition.unlock()
    if wasDown { onState("PostgreSQL is back") }
  }

  private func disconnected(_ error: PostgresError) {
    condition.lock()
    let wasDown = state.isDown
    state.isDown = true
    state.failures += 1
    // 50 ms, doubled up to 3.2 s, with jitter so that copies of the server do not come back at once.
    let pause = 25 << min(state.failures, 7)
    state.downUntil = .now + .milliseconds(pause + Int.random(in: 0...pause / 2))
    condition.unlock()
    if !wasDown { onState("cannot connect: \(error); trying again until it is back") }
  }
}
