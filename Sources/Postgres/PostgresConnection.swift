import CPostgres
import DequeModule
import Foundation

/// One connection; used by one thread at a time. In pipeline mode batches are sent without waiting for the
/// answers to those before.
final class PostgresConnection: @unchecked Sendable {
  // Unchecked: whoever owns it, the client's loop or a session's queue, uses it alone.
  private let handle: OpaquePointer
  /// The names under which statements are prepared here, by their text.
  private var prepared: [String: String] = [:]
  /// Names are never used twice: it may be unknown whether an old one is taken.
  private var preparations = 0
  /// A pooler between may hand on what another connection has prepared: names are this one's own.
  private let namePrefix = "k\(String(UInt32.random(in: 0 ... .max), radix: 36))_"
  /// What was sent and is not answered, oldest first.
  private var awaited: Deque<Unit> = []
  /// Why statements could not be prepared, by the names that batches already sent have for them.
  private var unprepared: [String: PostgresError] = [:]
  /// What has arrived of the answer to the oldest.
  private var results: [PostgresResult] = []
  private var failure: PostgresError?
  private var nulls = 0

  /// Past this many texts a connection prepares no more: those that are frequent came long before.
  private static let preparedLimit = 512
  /// Longer texts are lists of rows that hardly come again: they are sent as they are.
  private static let preparedLength = 4096

  /// After how many statements of a batch what is answered so far is asked for: few batches have so many.
  private static let flushedTogether = 16

  typealias Outcome = Result<[PostgresResult], PostgresError>

  /// What ends in one sync: all of it happens or none, and its error is its own.
  private enum Unit {
    case preparation(text: String, name: String)
    case batch(tag: Int, texts: [String], names: [String])
  }

  /// Connects; blocks up to the connect timeout, which the connection string may set.
  /// - Throws: `PostgresError.unavailable`, or `.server` when the server refuses.
  init(_ options: PostgresOptions) throws(PostgresError) {
    // A URI as `dbname` is expanded, and has the last word on what stands before it. Whoever has Kerberos says so:
    // libpq would look for it with each connection, and keep half a megabyte of its library in memory.
    let keywords = [
      "connect_timeout", "gssencmode", "dbname", "fallback_application_name", "client_encoding",
    ]
    let values = [String(options.connectSeconds), "disable", options.connectionString, "kittycash", "UTF8"]
    let connection = withCStrings(keywords) { keywords in
      withCStrings(values) { values in PQconnectdbParams(keywords, values, 1) }
    }
    guard let connection else { throw .unavailable("no memory", maybeApplied: false) }
    handle = connection
    guard PQstatus(connection) == CONNECTION_OK else {
      let why = Self.message(connection)
      PQfinish(connection)
      throw .unavailable(why, maybeApplied: false)
    }
    // Notices would go to standard error.
    PQsetNoticeReceiver(connection, { _, _ in }, nil)
    do throws(PostgresError) {
      try script(
        """
        set statement_timeout = \(options.statementMilliseconds);
        set lock_timeout = \(options.lockMilliseconds);
        set idle_in_transaction_session_timeout = 60000;
        \(options.onlyReads
          ? "set default_transaction_isolation = 'repeatable read'; set default_transaction_read_only = on" : "")
        """)
    } catch {
      PQfinish(connection)
      throw error
    }
  }

  func close() { PQfinish(handle) }

  /// The socket to watch.
  var socket: Int32 { PQsocket(handle) }
  /// The tag of the batch that the server is at; `nil` when it is at none.
  var running: Int? {
    for case .batch(let tag, _, _) in awaited { return tag }
    return nil
  }

  /// Runs a text of several statements through the simple protocol. It stops at the first error.
  func script(_ text: String) throws(PostgresError) {
    let result = PQexec(handle, text)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
      let failure = self.failure(result)
      // An error inside `begin … commit` leaves the transaction open.
      if PQtransactionStatus(handle) == PQTRANS_INERROR { PQclear(PQexec(handle, "rollback")) }
      throw failure
    }
  }

  /// Runs one batch outside of pipeline mode, and waits for its outcome.
  func run(_ batch: [PostgresStatement], timeout: Duration) -> Outcome {
    do throws(PostgresError) {
      try beginPipeline()
      try send(batch, tag: 0)
      var outcome: Outcome?
      while outcome == nil {
        let wantsToWrite = try flush()
        var entry = pollfd(fd: socket, events: Int16(wantsToWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
        let ready = poll(&entry, 1, Int32(timeout.components.seconds * 1000))
        if ready == 0 { throw .unavailable("PostgreSQL does not answer", maybeApplied: true) }
        try receive { outcome = $1 }
      }
      guard PQexitPipelineMode(handle) == 1, PQsetnonblocking(handle, 0) == 0 else { throw broken(true) }
      return outcome ?? .failure(broken(true))
    } catch {
      return .failure(error)
    }
  }

  /// From here on batches can be sent one after the other without waiting.
  func beginPipeline() throws(PostgresError) {
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw broken(false) }
  }

  /// Puts a batch into the output buffer: one transaction, since it ends in one sync.
  /// - Parameter tag: What `receive` calls its outcome by.
  func send(_ batch: [PostgresStatement], tag: Int) throws(PostgresError) {
    var names: [String] = []
    let plans = try batch.map { statement throws(PostgresError) in try name(of: statement.text) }
    for (number, (statement, name)) in zip(batch, plans).enumerated() {
      let values = statement.values
      let sent: Int32
      if let name {
        names.append(name)
        sent = withCStrings(values) {
          PQsendQueryPrepared(handle, name, Int32(values.count), $0, nil, nil, 0)
        }
      } else {
        sent = withCStrings(values) {
          PQsendQueryParams(handle, statement.text, Int32(values.count), nil, $0, nil, nil, 0)
        }
      }
      guard sent == 1 else { throw broken(false) }
      // PostgreSQL keeps its answers until the end, unless asked: nobody could tell a long batch from a dead server.
      if number % Self.flushedTogether == Self.flushedTogether - 1 {
        guard PQsendFlushRequest(handle) == 1 else { throw broken(false) }
      }
    }
    guard PQpipelineSync(handle) == 1 else { throw broken(true) }
    awaited.append(.batch(tag: tag, texts: batch.map(\.text), names: names))
  }

  /// What a text is prepared as, after asking for that where it is not yet.
  /// - Returns: `nil` when it is sent as it is.
  private func name(of text: String) throws(PostgresError) -> String? {
    if let known = prepared[text] { return known }
    guard prepared.count < Self.preparedLimit, text.utf8.count <= Self.preparedLength else { return nil }
    let name = "\(namePrefix)\(preparations)"
    preparations += 1
    prepared[text] = name
    guard PQsendPrepare(handle, name, text, 0, nil) == 1, PQpipelineSync(handle) == 1 else {
      throw broken(false)
    }
    awaited.append(.preparation(text: text, name: name))
    return name
  }

  /// Sends what the socket takes.
  /// - Returns: Whether something is left for when it takes more.
  func flush() throws(PostgresError) -> Bool {
    let rest = PQflush(handle)
    guard rest >= 0 else { throw broken(true) }
    return rest == 1
  }

  /// Reads what has arrived, without waiting, and hands over each outcome that is complete.
  func receive(_ hand: (Int, Outcome) -> Void) throws(PostgresError) {
    guard PQconsumeInput(handle) == 1 else { throw broken(true) }
    while !awaited.isEmpty {
      guard PQisBusy(handle) == 0 else { return }
      guard let result = PQgetResult(handle) else {
        // Each command ends in a null; more in a row mean that the connection is gone.
        nulls += 1
        guard nulls < 3, PQstatus(handle) == CONNECTION_OK else { throw broken(true) }
        continue
      }
      nulls = 0
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: complete(hand)
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: results.append(Self.copy(result))
      case PGRES_PIPELINE_ABORTED: break
      default: failure = failure ?? self.failure(result)
      }
    }
  }

  /// The oldest unit has its whole answer.
  private func complete(_ hand: (Int, Outcome) -> Void) {
    let outcome: Outcome = failure.map { .failure($0) } ?? .success(results)
    (results, failure) = ([], nil)
    switch (awaited.removeFirst(), outcome) {
    case (.preparation(let text, let name), .failure(let why)):
      prepared[text] = nil
      unprepared[name] = why
    case (.preparation, .success): break
    case (.batch(let tag, let texts, let names), .failure(let why)):
      // It was never prepared: what the preparation said is what the caller needs to know.
      if case .server("26000", _, _) = why, let reason = names.lazy.compactMap({ self.unprepared[$0] }).first
      {
        hand(tag, .failure(reason))
      } else {
        // The schema has changed under a prepared statement, or it is gone: it is prepared anew when it comes again.
        if why.isOutdatedPlan || why.isUnknownStatement { for text in texts { prepared[text] = nil } }
        hand(tag, outcome)
      }
    case (.batch(let tag, _, _), .success): hand(tag, outcome)
    }
    if awaited.isEmpty { unprepared = [:] }
  }

  /// Asks the server, over a connection of its own, to end what it runs on this one. Blocks.
  func makeCancellation() -> @Sendable () -> Void {
    let cancellation = PostgresCancellation(handle)
    return { cancellation.run() }
  }

  private static func copy(_ result: OpaquePointer) -> PostgresResult {
    let (rows, columns) = (PQntuples(result), PQnfields(result))
    var copied: [PostgresRow] = []
    copied.reserveCapacity(Int(rows))
    for row in 0..<rows {
      copied.append(
        PostgresRow(
          columns: (0..<columns).map { column -> String? in
            guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
              return nil
            }
            return String(cString: value)
          }))
    }
    return PostgresResult(rows: copied, affected: Int(String(cString: PQcmdTuples(result))) ?? 0)
  }

  private func failure(_ result: OpaquePointer?) -> PostgresError {
    func field(_ code: Character) -> String? {
      guard let value = PQresultErrorField(result, Int32(code.asciiValue ?? 0)) else { return nil }
      return String(cString: value)
    }
    guard let state = field("C") else { return broken(true) }
    return .server(sqlState: state, message: field("M") ?? "", constraint: field("n"))
  }

  private func broken(_ maybeApplied: Bool) -> PostgresError {
    .unavailable(Self.message(handle), maybeApplied: maybeApplied)
  }

  private static func message(_ handle: OpaquePointer) -> String {
    let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.isEmpty ? "the connection broke" : line
  }
}

/// What is needed to cancel what runs on a connection; independent of the connection itself.
private final class PostgresCancellation: @unchecked Sendable {
  // Unchecked: libpq allows its use from any thread, and it never changes.
  private let handle: OpaquePointer?

  init(_ connection: OpaquePointer) { handle = PQgetCancel(connection) }
  deinit { PQfreeCancel(handle) }

  func run() {
    // Why it failed does not matter: the statement's own time limit ends it then.
    var message = [CChar](repeating: 0, count: 256)
    PQcancel(handle, &message, Int32(message.count))
  }
}
