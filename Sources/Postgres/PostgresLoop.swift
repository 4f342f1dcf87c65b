import DequeModule
import Foundation

/// The thread of a client: gives what waits to connections, and hands over what they answer.
final class PostgresLoop: @unchecked Sendable {
  // Unchecked: everything but `client` belongs to the one thread that runs `run`.
  private let client: PostgresClient
  private let options: PostgresOptions
  private let limit: Int
  private let waker: Waker
  private let onState: @Sendable (String) -> Void
  private var waiting: Deque<PostgresRequest> = []
  private var lines: [Line] = []
  private var opening = 0
  private var failures = 0
  /// Until when no connection is tried.
  private var restUntil: ContinuousClock.Instant?
  private var isClosed = false
  private var isDown = false

  /// How many batches a connection has under way at most.
  private static let depth = 16
  private static let attempts = 3

  /// A connection and the requests that it works on, by their ids.
  private final class Line {
    let connection: PostgresConnection
    var requests: [Int: PostgresRequest] = [:]
    /// When it last answered, or got something to answer after it had nothing.
    var progress = ContinuousClock.now
    var wantsToWrite = false
    var isReadable = false
    /// Whether the server was asked to end something: it may have hit another batch.
    var wasCancelled = false
    var failure: PostgresError?

    /// Whether it is at something that takes long: what comes now would wait behind it.
    var isStuck: Bool { !requests.isEmpty && .now - progress > .milliseconds(50) }

    init(_ connection: PostgresConnection) { self.connection = connection }
  }

  init(
    _ client: PostgresClient, _ options: PostgresOptions, _ limit: Int, _ waker: Waker,
    _ onState: @escaping @Sendable (String) -> Void
  ) {
    self.client = client
    self.options = options
    self.limit = limit
    self.waker = waker
    self.onState = onState
  }

  /// Runs until the client is closed and nothing waits.
  func run() {
    while true {
      takeNews()
      assign()
      for line in lines { flush(line) }
      dropBroken()
      // What nobody waits for any more does not hold up the end.
      if isClosed && waiting.isEmpty && lines.allSatisfy({ $0.requests.values.allSatisfy(\.isCancelled) }) {
        break
      }
      sleep()
      for line in lines where line.failure == nil { receive(line) }
      expire()
      dropBroken()
    }
    lines.forEach { $0.connection.close() }
    let (closers, late) = client.withState { state in
      state.isRunning = false
      state.connections = (0, 0)
      defer { (state.closers, state.opened) = ([], []) }
      return (state.closers, state.opened)
    }
    for case .success(let connection) in late { connection.close() }
    closers.forEach { $0.resume() }
  }

  /// Takes what other threads left.
  private func takeNews() {
    let (arrived, cancelled, opened, isClosed) = client.withState { state in
      let news = (state.arrived, state.cancelled, state.opened, state.isClosed)
      (state.arrived, state.cancelled, state.opened) = ([], [], [])
      state.isAsleep = false
      state.waiting = waiting.count + news.0.count
      return news
    }
    waiting.append(contentsOf: arrived)
    for result in opened { connected(result) }
    for id in cancelled { cancel(id) }
    self.isClosed = isClosed
  }

  private func connected(_ result: Result<PostgresConnection, PostgresError>) {
    opening -= 1
    do throws(PostgresError) {
      let connection = try result.get()
      do throws(PostgresError) { try connection.beginPipeline() } catch {
        connection.close()
        throw error
      }
      lines.append(Line(connection))
      failures = 0
      restUntil = nil
      client.withState { $0.downUntil = nil }
      if isDown { onState("PostgreSQL is back") }
      isDown = false
    } catch {
      failures += 1
      // 50 ms, doubled up to 3.2 s, with jitter so that copies of the server do not come back at once.
      let pause = 25 << min(failures, 7)
      let until = ContinuousClock.now + .milliseconds(pause + Int.random(in: 0...pause / 2))
      restUntil = until
      // Connections that are open go on: there may only be no room for more.
      guard lines.isEmpty && opening == 0 else { return }
      client.withState { $0.downUntil = until }
      if !isDown { onState("cannot connect: \(error); trying again until it is back") }
      isDown = true
      while let request = waiting.popFirst() { request.finish(.failure(error)) }
    }
  }

  private func cancel(_ id: Int) {
    if let place = waiting.firstIndex(where: { $0.id == id }) {
      return waiting.remove(at: place).finish(.failure(.cancelled))
    }
    for line in lines {
      guard let request = line.requests[id], !request.isCancelled else { continue }
      // Nobody waits for it any more; its answer is passed over when it comes.
      line.requests[id]?.isCancelled = true
      request.finish(.failure(.cancelled))
      endIfCancelled(line)
    }
  }

  /// Ends what the server runs on this connection when nobody wants it any more.
  private func endIfCancelled(_ line: Line) {
    guard let running = line.connection.running, line.requests[running]?.isCancelled == true else { return }
    line.wasCancelled = true
    let cancellation = line.connection.makeCancellation()
    Thread.detachNewThread { cancellation() }
  }

  /// Gives what waits to the connections that have least to do, and opens more while all are busy.
  private func assign() {
    while !waiting.isEmpty {
      let free = lines.filter { $0.failure == nil && $0.requests.count < Self.depth }
      var line = free.filter { !$0.isStuck }.min { $0.requests.count < $1.requests.count }
      if line?.requests.isEmpty != true && lines.count + opening < limit && !isResting { open() }
      // Behind something slow only where there is no other connection to wait for.
      if line == nil && opening == 0 && lines.allSatisfy(\.isStuck) {
        line = free.min { $0.requests.count < $1.requests.count }
      }
      guard let line, let request = waiting.popFirst() else { break }
      if line.requests.isEmpty { line.progress = .now }
      line.requests[request.id] = request
      do throws(PostgresError) {
        try line.connection.send(request.batch, tag: request.id)
      } catch {
        line.failure = error
      }
    }
    if lines.isEmpty && opening == 0 {
      while let request = waiting.popFirst() {
        request.finish(.failure(.unavailable("no connection; trying again soon", maybeApplied: false)))
      }
    }
    client.withState { $0.waiting = waiting.count }
  }

  private var isResting: Bool { restUntil.map { $0 > .now } ?? false }

  /// Connecting blocks, to find the host's address at least, so a thread of its own does it.
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

  private func flush(_ line: Line) {
    guard line.failure == nil, line.wantsToWrite || !line.requests.isEmpty else { return }
    do throws(PostgresError) { line.wantsToWrite = try line.connection.flush() } catch {
      line.failure = error
    }
  }

  /// Waits until something happens; at most a second while there are time limits to keep.
  private func sleep() {
    let connections = (open: lines.count, busy: lines.count { !$0.requests.isEmpty })
    let mustLook = client.withState { state in
      state.connections = connections
      state.isAsleep =
        state.arrived.isEmpty && state.cancelled.isEmpty && state.opened.isEmpty && state.isClosed == isClosed
      return !state.isAsleep
    }
    var entries = lines.map { line in
      pollfd(
        fd: line.connection.socket, events: Int16(line.wantsToWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
    }
    entries.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
    let isBusy = !waiting.isEmpty || lines.contains { !$0.requests.isEmpty }
    poll(&entries, nfds_t(entries.count), mustLook ? 0 : isBusy ? 1000 : -1)
    if entries[entries.count - 1].revents != 0 { waker.clear() }
    for (line, entry) in zip(lines, entries) { line.isReadable = entry.revents != 0 }
  }

  private func receive(_ line: Line) {
    guard line.isReadable else { return }
    do throws(PostgresError) {
      // A batch of many statements may take long; as long as answers come, it goes on.
      line.progress = .now
      try line.connection.receive { id, outcome in
        guard let request = line.requests.removeValue(forKey: id) else { return }
        finish(request, outcome, on: line)
        endIfCancelled(line)
      }
    } catch {
      line.failure = error
    }
  }

  private func finish(_ request: PostgresRequest, _ outcome: PostgresConnection.Outcome, on line: Line) {
    guard !request.isCancelled else { return }
    guard case .failure(let error) = outcome else { return request.finish(outcome) }
    // The whole batch was rolled back, so it can be sent again.
    let wasHitByMistake = line.wasCancelled && error.isCancellation
    guard wasHitByMistake || (error.isWorthRetrying && request.attempts < Self.attempts) else {
      return request.finish(outcome)
    }
    var request = request
    if !wasHitByMistake { request.attempts += 1 }
    waiting.prepend(request)
  }

  /// Ends what has waited too long, and gives up connections that do not answer.
  private func expire() {
    let now = ContinuousClock.now
    for line in lines where !line.requests.isEmpty && now - line.progress > options.replyTimeout {
      line.failure = .unavailable("PostgreSQL does not answer", maybeApplied: true)
      // What it runs is nobody's any more: it should not be done later.
      let cancellation = line.connection.makeCancellation()
      Thread.detachNewThread { cancellation() }
    }
    while let first = waiting.first, first.deadline < now {
      waiting.removeFirst()
      first.finish(.failure(.timedOut))
    }
  }

  private func dropBroken() {
    for line in lines {
      guard let failure = line.failure else { continue }
      line.connection.close()
      // Whatever was sent and not answered may have been done.
      var outcome = failure
      if case .unavailable(let why, _) = failure { outcome = .unavailable(why, maybeApplied: true) }
      for request in line.requests.values where !request.isCancelled { request.finish(.failure(outcome)) }
    }
    lines.removeAll { $0.failure != nil }
  }
}
