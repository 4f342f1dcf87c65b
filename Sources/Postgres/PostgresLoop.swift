import DequeModule
import Foundation

/// The thread of a client: it assigns waiting requests to connections, and delivers their outcomes.
final class PostgresLoop: @unchecked Sendable {
  // Unchecked: only the thread of `run` touches its properties, except `client`.
  private let client: PostgresClient
  private let options: PostgresOptions
  private let limit: Int
  private let spares: Int
  private let waker: Waker
  private let onState: @Sendable (String) -> Void
  private var waiting: Deque<PostgresRequest> = []
  private var connections: [ActiveConnection] = []
  /// Number of connections that are being opened.
  private var opening = 0
  private var failures = 0
  /// No connection is opened before this time.
  private var retryAt: ContinuousClock.Instant?
  private var isClosed = false
  private var isDown = false

  /// Maximum number of batches that run on a connection.
  private static let maxDepth = 16
  /// Maximum number of attempts of a batch. Several batches that lock the same rows in another order can be the victims of
  /// deadlocks again and again, each a second apart; the time limit of the request ends it too.
  private static let maxAttempts = 10
  /// Maximum number of times that a request is taken back from behind a slow batch.
  private static let maxMoves = 3
  /// Number of connections on which the slow batches of one user may run.
  private static let maxSlowEach = 2
  /// Time after which a spare connection without requests is closed.
  private static let spareTime: Duration = .seconds(10)

  /// A connection with its running requests, by their ids.
  private final class ActiveConnection {
    let connection: PostgresConnection
    var requests: [Int: PostgresRequest] = [:]
    /// Time of the last result, or of the first request after an idle time.
    var lastProgress = ContinuousClock.now
    var wantsToWrite = false
    var isReadable = false
    /// `true` if the server was asked to cancel a batch: it may have cancelled a later one.
    var hasSentCancellation = false
    var failure: PostgresError?

    /// Time after which a batch is slow.
    static let slowTime: Duration = .milliseconds(50)
    /// `true` if it runs a slow batch, behind which another one would wait.
    var isSlow: Bool { !requests.isEmpty && .now - lastProgress > Self.slowTime }
    /// The user for whom it runs a slow batch.
    var slowOwner: Int? {
      guard isSlow, let running = connection.running else { return nil }
      return requests[running]?.owner
    }

    init(_ connection: PostgresConnection) { self.connection = connection }
  }

  init(
    _ client: PostgresClient, _ options: PostgresOptions, _ limit: Int, _ spares: Int, _ waker: Waker,
    _ onState: @escaping @Sendable (String) -> Void
  ) {
    self.client = client
    self.options = options
    self.limit = limit
    self.spares = spares
    self.waker = waker
    self.onState = onState
  }

  /// Runs until the client is closed and no request waits.
  func run() {
    while true {
      takeEvents()
      assignRequests()
      for active in connections { flush(active) }
      dropBroken()
      // Cancelled requests do not delay the end.
      if isClosed && waiting.isEmpty
        && connections.allSatisfy({ $0.requests.values.allSatisfy { !$0.isWanted } })
      {
        break
      }
      sleep()
      for active in connections where active.failure == nil { receive(active) }
      expire()
      dropBroken()
    }
    connections.forEach { $0.connection.close() }
    let (closeContinuations, late) = client.withState { state in
      state.isRunning = false
      state.connections = (0, 0)
      defer { (state.closeContinuations, state.opened) = ([], []) }
      return (state.closeContinuations, state.opened)
    }
    for case .success(let connection) in late { connection.close() }
    closeContinuations.forEach { $0.resume() }
  }

  /// Takes the requests, cancellations and connections of other threads.
  private func takeEvents() {
    let (arrived, cancelled, opened, isClosed) = client.withState { state in
      let events = (state.arrived, state.cancelled, state.opened, state.isClosed)
      (state.arrived, state.cancelled, state.opened) = ([], [], [])
      state.isAsleep = false
      state.waiting = waiting.count + events.0.count
      return events
    }
    waiting.append(contentsOf: arrived)
    for result in opened { add(result) }
    for id in cancelled { cancel(id) }
    self.isClosed = isClosed
  }

  /// Adds a connection that was opened, or schedules the next attempt.
  private func add(_ result: Result<PostgresConnection, PostgresError>) {
    opening -= 1
    do throws(PostgresError) {
      let connection = try result.get()
      do throws(PostgresError) { try connection.beginPipeline() } catch {
        connection.close()
        throw error
      }
      connections.append(ActiveConnection(connection))
      failures = 0
      retryAt = nil
      client.withState { $0.downUntil = nil }
      if isDown { onState("PostgreSQL is back") }
      isDown = false
    } catch {
      failures += 1
      // 50 ms, doubled up to 3.2 s, with jitter so that several servers do not reconnect at the same time.
      let pause = 25 << min(failures, 7)
      let until = ContinuousClock.now + .milliseconds(pause + Int.random(in: 0...pause / 2))
      retryAt = until
      // Open connections continue. The server may only refuse further ones.
      guard connections.isEmpty && opening == 0 else { return }
      client.withState { $0.downUntil = until }
      if !isDown { onState("cannot connect: \(error); trying again until it is back") }
      isDown = true
      while let request = waiting.popFirst() { request.finish(.failure(error)) }
    }
  }

  private func cancel(_ id: Int) {
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      return waiting.remove(at: index).finish(.failure(.cancelled))
    }
    for active in connections {
      guard let request = active.requests[id], request.isWanted else { continue }
      // The result is ignored when it comes.
      active.requests[id]?.isCancelled = true
      request.finish(.failure(.cancelled))
      cancelIfUnwanted(active)
    }
  }

  /// Cancels the batch that the server runs on this connection when its request is cancelled.
  private func cancelIfUnwanted(_ active: ActiveConnection) {
    guard let running = active.connection.running, active.requests[running]?.isCancelled == true else {
      return
    }
    active.hasSentCancellation = true
    let cancellation = active.connection.makeCancellation()
    Thread.detachNewThread { cancellation() }
  }

  /// Assigns waiting requests to the connections with the fewest requests, and opens more while all are busy.
  private func assignRequests() {
    takeBackFromSlow()
    let slowOwners = connections.compactMap(\.slowOwner)
    func mayRun(_ request: PostgresRequest) -> Bool {
      guard let owner = request.owner else { return true }
      return slowOwners.count { $0 == owner } < Self.maxSlowEach
    }
    while let index = waiting.firstIndex(where: mayRun) {
      func leastBusy(_ among: some Sequence<ActiveConnection>) -> ActiveConnection? {
        among.filter { $0.failure == nil && $0.requests.count < Self.maxDepth && !$0.isSlow }
          .min { $0.requests.count < $1.requests.count }
      }
      let free = connections.filter { $0.failure == nil && $0.requests.count < Self.maxDepth }
      // Few connections carry more requests in a flush, so a spare one is used only when they are slow.
      var target = leastBusy(connections.prefix(limit)) ?? leastBusy(connections.dropFirst(limit))
      let most = !connections.isEmpty && connections.allSatisfy(\.isSlow) ? limit + spares : limit
      if target?.requests.isEmpty != true && connections.count + opening < most && !isBackingOff { open() }
      // A request waits behind a slow batch only when no other connection can become free.
      if target == nil && opening == 0 && connections.allSatisfy(\.isSlow) {
        target = free.min { $0.requests.count < $1.requests.count }
      }
      guard let target else { break }
      let request = waiting.remove(at: index)
      if target.requests.isEmpty { target.lastProgress = .now }
      target.requests[request.id] = request
      do throws(PostgresError) {
        try target.connection.send(request.batch, tag: request.id)
      } catch {
        target.failure = error
      }
    }
    if connections.isEmpty && opening == 0 {
      while let request = waiting.popFirst() {
        request.finish(.failure(.unavailable("no connection; trying again soon", maybeApplied: false)))
      }
    }
    client.withState { $0.waiting = waiting.count }
  }

  /// Takes requests back from behind a slow batch, if another connection can run them. Only reads: the server runs them
  /// there too, and the result is not used.
  private func takeBackFromSlow() {
    guard options.onlyReads else { return }
    let hasRoom =
      connections.contains { !$0.isSlow && $0.failure == nil && $0.requests.count < Self.maxDepth }
      || connections.count + opening < limit + spares && !isBackingOff
    guard hasRoom else { return }
    for active in connections where active.isSlow && active.requests.count > 1 {
      let (running, owner) = (active.connection.running, active.slowOwner)
      for id in active.requests.keys.sorted(by: >) {
        guard id != running, var request = active.requests[id], request.isWanted,
          request.moves < Self.maxMoves, request.owner == nil || request.owner != owner
        else { continue }
        active.requests[id]?.isMoved = true
        request.moves += 1
        waiting.prepend(request)
      }
    }
  }

  private var isBackingOff: Bool { retryAt.map { $0 > .now } ?? false }

  /// Opens a connection on another thread: connecting blocks, at least to resolve the name of the host.
  private func open() {
    opening += 1
    let (client, options) = (client, options)
    Thread.detachNewThread {
      do throws(PostgresError) {
        client.opened(.success(try PostgresConnection(options)))
      } catch {
        client.opened(.failure(error))
      }
    }
  }

  private func flush(_ active: ActiveConnection) {
    guard active.failure == nil, active.wantsToWrite || !active.requests.isEmpty else { return }
    do throws(PostgresError) { active.wantsToWrite = try active.connection.flush() } catch {
      active.failure = error
    }
  }

  /// Waits for bytes or a wake-up; at most a second while requests have time limits.
  private func sleep() {
    let counts = (open: connections.count, busy: connections.count { !$0.requests.isEmpty })
    let hasEvents = client.withState { state in
      state.connections = counts
      state.isAsleep =
        state.arrived.isEmpty && state.cancelled.isEmpty && state.opened.isEmpty && state.isClosed == isClosed
      return !state.isAsleep
    }
    var entries = connections.map { active in
      pollfd(
        fd: active.connection.socket, events: Int16(active.wantsToWrite ? POLLIN | POLLOUT : POLLIN),
        revents: 0)
    }
    entries.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
    let isBusy = !waiting.isEmpty || connections.contains { !$0.requests.isEmpty }
    // Something waits behind a batch that may become slow.
    let mayMove = spares > 0 && (!waiting.isEmpty || connections.contains { $0.requests.count > 1 })
    poll(&entries, nfds_t(entries.count), hasEvents ? 0 : mayMove ? 50 : isBusy ? 1000 : -1)
    if entries[entries.count - 1].revents != 0 { waker.clear() }
    for (active, entry) in zip(connections, entries) { active.isReadable = entry.revents != 0 }
  }

  private func receive(_ active: ActiveConnection) {
    guard active.isReadable else { return }
    do throws(PostgresError) {
      // A long batch is not silent: its results arrive one after the other.
      active.lastProgress = .now
      try active.connection.receive { id, outcome in
        guard let request = active.requests.removeValue(forKey: id) else { return }
        finish(request, outcome, on: active)
        cancelIfUnwanted(active)
      }
    } catch {
      active.failure = error
    }
  }

  private func finish(
    _ request: PostgresRequest, _ outcome: PostgresConnection.Outcome, on active: ActiveConnection
  ) {
    guard request.isWanted else { return }
    guard case .failure(let error) = outcome else { return request.finish(outcome) }
    // The whole batch was rolled back, so it can be sent again.
    let isWronglyCancelled = active.hasSentCancellation && error.isCancellation
    guard isWronglyCancelled || (error.isWorthRetrying && request.attempts < Self.maxAttempts) else {
      return request.finish(outcome)
    }
    var request = request
    if !isWronglyCancelled { request.attempts += 1 }
    waiting.prepend(request)
  }

  /// Fails requests that have waited too long, and connections that do not respond.
  private func expire() {
    let now = ContinuousClock.now
    for active in connections
    where !active.requests.isEmpty && now - active.lastProgress > options.replyTimeout {
      active.failure = .unavailable("PostgreSQL does not respond", maybeApplied: true)
      // Cancels the running batch, so that it is not committed later.
      let cancellation = active.connection.makeCancellation()
      Thread.detachNewThread { cancellation() }
    }
    if waiting.contains(where: { $0.deadline < now }) {
      for request in waiting where request.deadline < now { request.finish(.failure(.timedOut)) }
      waiting.removeAll { $0.deadline < now }
    }
    if connections.count > limit, let spare = connections.last, spare.requests.isEmpty,
      now - spare.lastProgress > Self.spareTime
    {
      spare.connection.close()
      connections.removeLast()
    }
  }

  /// Closes failed connections and fails their requests.
  private func dropBroken() {
    for active in connections {
      guard let failure = active.failure else { continue }
      active.connection.close()
      // A batch without a result may have been committed.
      var outcome = failure
      if case .unavailable(let why, _) = failure { outcome = .unavailable(why, maybeApplied: true) }
      for request in active.requests.values where request.isWanted { request.finish(.failure(outcome)) }
    }
    connections.removeAll { $0.failure != nil }
  }
}
