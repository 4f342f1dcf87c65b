import CPostgres
import DequeModule
import Foundation

/// A connection, for one thread at a time. In pipeline mode a batch is sent before the results of earlier batches have
/// arrived.
final class PostgresConnection: @unchecked Sendable {
  // Unchecked: only its owner, the client's loop or a session's queue, uses it.
  let handle: OpaquePointer
  /// Names of the prepared statements, by their texts.
  private var prepared: [String: String] = [:]
  /// Number of names given so far. A name is never reused: the server may still have the old statement.
  private var preparations = 0
  /// Unique for each connection: behind a pooler, several may share the prepared statements of one server connection.
  private let namePrefix = "k\(String(UInt32.random(in: 0 ... .max), radix: 36))_"
  /// Units without a complete result, oldest first.
  private var pending: Deque<Unit> = []
  /// Errors of preparations, by the names that batches sent already use.
  private var preparationErrors: [String: PostgresError] = [:]
  /// Results of the oldest unit so far.
  private var results: [PostgresResult] = []
  private var failure: PostgresError?
  /// Null results in a row; three mean that the connection is broken.
  private var nulls = 0

  /// Maximum number of prepared statements. The frequent ones come early.
  private static let maxPreparedStatements = 512
  /// Maximum length of a prepared text in bytes. Longer texts are lists of rows, which hardly repeat.
  private static let maxPreparedLength = 4096

  /// Number of statements after which the server is asked to send its results so far. Few batches are that long.
  private static let flushInterval = 16

  private static let settingsOfReads = """
    set default_transaction_isolation = 'repeatable read';
    set default_transaction_read_only = on
    """
  /// Every change finds its rows by a key. PostgreSQL keeps the plan of a statement, and that of a statement in a trigger, until the
  /// next `analyze`; while a table is small, such a plan may read all of it. A change without a fitting index still reads the table, or
  /// all of another index. PostgreSQL counts the cost of that as very high, and would compile the statement, so `jit` is off.
  private static let settingsOfWrites = """
    set enable_seqscan = off;
    set jit = off
    """

  typealias Outcome = Result<[PostgresResult], PostgresError>

  /// The part of the pipeline up to a sync: it succeeds or fails as a whole.
  private enum Unit {
    case preparation(text: String, name: String)
    /// - Parameter refusal: The outcome of a batch that libpq refused.
    case batch(tag: Int, texts: [String], names: [String], refusal: PostgresError? = nil)
  }

  /// Connects. Blocks up to the connect timeout, which the connection string may set.
  /// - Throws: `PostgresError.unavailable`; `.server` when the server refuses.
  init(_ options: PostgresOptions) throws(PostgresError) {
    // A URI as `dbname` is expanded, and overrides the keywords before it. Kerberos must be enabled in it: by default
    // libpq would try Kerberos with each connection, and keep half a megabyte of its library in memory.
    let keywords = [
      "connect_timeout", "gssencmode", "dbname", "fallback_application_name", "client_encoding",
    ]
    let values = [String(options.connectSeconds), "disable", options.connectionString, "kittycash", "UTF8"]
    let connection = CStrings.with(keywords) { keywords in
      CStrings.with(values) { values in PQconnectdbParams(keywords, values, 1) }
    }
    guard let connection else { throw .unavailable("no memory", maybeApplied: false) }
    handle = connection
    guard PQstatus(connection) == CONNECTION_OK else {
      let why = Self.message(connection)
      PQfinish(connection)
      throw .unavailable(why, maybeApplied: false)
    }
    // Discards notices, which would be written to standard error.
    PQsetNoticeReceiver(connection, { _, _ in }, nil)
    do throws(PostgresError) {
      try script(
        """
        set statement_timeout = \(options.statementMilliseconds);
        set lock_timeout = \(options.lockMilliseconds);
        set idle_in_transaction_session_timeout = 60000;
        \(options.onlyReads ? Self.settingsOfReads : Self.settingsOfWrites)
        """)
    } catch {
      PQfinish(connection)
      throw error
    }
  }

  func close() { PQfinish(handle) }

  /// The socket, for `poll`.
  var socket: Int32 { PQsocket(handle) }
  /// The tag of the batch that the server is running; `nil` when it is idle.
  var running: Int? {
    for case .batch(let tag, _, _, _) in pending { return tag }
    return nil
  }

  /// Runs a text of several statements through the simple protocol. The server stops at the first error.
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

  /// Runs one batch on a connection that is not in pipeline mode, and waits for its outcome.
  func run(_ batch: [PostgresStatement], timeout: Duration) -> Outcome {
    do throws(PostgresError) {
      try beginPipeline()
      try send(batch, tag: 0)
      var outcome: Outcome?
      while outcome == nil {
        let wantsToWrite = try flush()
        var entry = pollfd(fd: socket, events: Int16(wantsToWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
        let ready = poll(&entry, 1, Int32(timeout.components.seconds * 1000))
        if ready == 0 { throw .unavailable("PostgreSQL does not respond", maybeApplied: true) }
        try receive { outcome = $1 }
      }
      guard PQexitPipelineMode(handle) == 1, PQsetnonblocking(handle, 0) == 0 else { throw broken(true) }
      return outcome ?? .failure(broken(true))
    } catch {
      return .failure(error)
    }
  }

  /// Enters pipeline mode.
  func beginPipeline() throws(PostgresError) {
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw broken(false) }
  }

  /// Appends a batch to the output buffer. It ends in one sync, so it is one transaction.
  /// - Parameter tag: Identifies the outcome in `receive`.
  /// - Throws: `PostgresError.unavailable` when the connection is broken.
  func send(_ batch: [PostgresStatement], tag: Int) throws(PostgresError) {
    do throws(PostgresError) {
      let names = try batch.map { statement throws(PostgresError) in
        statement.isRepeated ? try name(of: statement) : nil
      }
      for (number, (statement, name)) in zip(batch, names).enumerated() {
        try send(statement, name)
        // Without a flush, PostgreSQL sends no result before the sync, and a long batch would look like a dead server.
        if number % Self.flushInterval == Self.flushInterval - 1 {
          guard PQsendFlushRequest(handle) == 1 else { throw notSent }
        }
      }
      guard PQpipelineSync(handle) == 1 else { throw broken(true) }
      pending.append(.batch(tag: tag, texts: batch.map(\.text), names: names.compactMap { $0 }))
    } catch {
      guard case .refused = error else { throw error }
      try abandon(tag, error)
    }
  }

  private func send(_ statement: PostgresStatement, _ name: String?) throws(PostgresError) {
    let values = statement.values
    let sent: Int32 =
      if let name {
        CStrings.with(values) {
          PQsendQueryPrepared(handle, name, Int32(clamping: values.count), $0, nil, nil, 0)
        }
      } else {
        CStrings.with(values) {
          PQsendQueryParams(
            handle, statement.numberedText, Int32(clamping: values.count), nil, $0, nil, nil, 0)
        }
      }
    guard sent == 1 else { throw notSent }
  }

  /// Ends a batch that libpq refused: a statement that fails rolls back those that were sent already.
  private func abandon(_ tag: Int, _ refusal: PostgresError) throws(PostgresError) {
    let fails = "the rest of this batch was refused"
    guard PQsendQueryParams(handle, fails, 0, nil, nil, nil, nil, 0) == 1, PQpipelineSync(handle) == 1
    else { throw broken(true) }
    pending.append(.batch(tag: tag, texts: [], names: [], refusal: refusal))
  }

  /// Returns the name of the prepared statement, which is prepared first if necessary.
  /// - Returns: `nil` for a text that is not prepared.
  private func name(of statement: PostgresStatement) throws(PostgresError) -> String? {
    let text = statement.text
    if let name = prepared[text] { return name }
    guard prepared.count < Self.maxPreparedStatements, text.utf8.count <= Self.maxPreparedLength else {
      return nil
    }
    let name = "\(namePrefix)\(preparations)"
    preparations += 1
    guard PQsendPrepare(handle, name, statement.numberedText, 0, nil) == 1 else { throw notSent }
    guard PQpipelineSync(handle) == 1 else { throw broken(false) }
    prepared[text] = name
    pending.append(.preparation(text: text, name: name))
    return name
  }

  /// Sends as much of the output buffer as the socket accepts.
  /// - Returns: Whether bytes are left.
  func flush() throws(PostgresError) -> Bool {
    let status = PQflush(handle)
    guard status >= 0 else { throw broken(true) }
    return status == 1
  }

  /// Reads the bytes that have arrived, and delivers the outcomes that are complete.
  func receive(_ deliver: (Int, Outcome) -> Void) throws(PostgresError) {
    guard PQconsumeInput(handle) == 1 else { throw broken(true) }
    while !pending.isEmpty {
      guard PQisBusy(handle) == 0 else { return }
      guard let result = PQgetResult(handle) else {
        // Each command ends in a null.
        nulls += 1
        guard nulls < 3, PQstatus(handle) == CONNECTION_OK else { throw broken(true) }
        continue
      }
      nulls = 0
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: complete(deliver)
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: results.append(Self.copy(result))
      case PGRES_PIPELINE_ABORTED: break
      default: failure = failure ?? self.failure(result)
      }
    }
  }

  /// Ends the oldest unit, whose results are complete.
  private func complete(_ deliver: (Int, Outcome) -> Void) {
    let outcome: Outcome = failure.map { .failure($0) } ?? .success(results)
    (results, failure) = ([], nil)
    switch (pending.removeFirst(), outcome) {
    case (.preparation(let text, let name), .failure(let why)):
      prepared[text] = nil
      preparationErrors[name] = why
    case (.preparation, .success): break
    case (.batch(let tag, _, _, let refusal?), _): deliver(tag, .failure(refusal))
    case (.batch(let tag, let texts, let names, nil), .failure(let why)):
      // The statement was never prepared: the caller needs the error of its preparation.
      if case .server("26000", _, _) = why,
        let reason = names.lazy.compactMap({ self.preparationErrors[$0] }).first
      {
        deliver(tag, .failure(reason))
      } else {
        // The schema has changed, or the server no longer has the statement: prepare it again at its next use.
        if why.isStalePlan || why.isUnknownStatement { for text in texts { prepared[text] = nil } }
        deliver(tag, outcome)
      }
    case (.batch(let tag, _, _, nil), .success): deliver(tag, outcome)
    }
    if pending.isEmpty { preparationErrors = [:] }
  }

  /// Returns a function that cancels the running statement, over another connection. The function blocks.
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

  /// The reason why libpq took nothing. Anything but a broken connection is a fault of what it was given.
  private var notSent: PostgresError {
    PQstatus(handle) == CONNECTION_OK ? .refused(Self.message(handle)) : broken(false)
  }

  func broken(_ maybeApplied: Bool) -> PostgresError {
    .unavailable(Self.message(handle), maybeApplied: maybeApplied)
  }

  private static func message(_ handle: OpaquePointer) -> String {
    let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.isEmpty ? "the connection broke" : line
  }
}

/// A request to cancel the running statement of a connection. It stays valid when the connection is closed.
private final class PostgresCancellation: @unchecked Sendable {
  // Unchecked: the handle never changes, and libpq allows its use from any thread.
  private let handle: OpaquePointer?

  init(_ connection: OpaquePointer) { handle = PQgetCancel(connection) }
  deinit { PQfreeCancel(handle) }

  func run() {
    // A failure does not matter: then the statement's time limit ends it.
    var message = [CChar](repeating: 0, count: 256)
    PQcancel(handle, &message, Int32(message.count))
  }
}
