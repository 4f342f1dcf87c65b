import CPostgres
import Foundation

/// One connection in pipeline mode; used by one thread at a time.
final class PostgresConnection: @unchecked Sendable {
  // Unchecked: whoever owns it, a thread of the client or a session's queue, uses it alone.
  private let handle: OpaquePointer
  /// The names under which statements are prepared here, by their text.
  private var prepared: [String: String] = [:]
  /// Names are never used twice: it may be unknown whether an old one is taken.
  private var preparations = 0
  private let replyTimeout: Duration

  /// Past this many texts a connection prepares no more: the program has far fewer.
  private static let preparedLimit = 512

  /// Connects; blocks up to the connect timeout.
  /// - Throws: `PostgresError.unavailable`, or `.server` when the server refuses.
  init(_ options: PostgresOptions) throws(PostgresError) {
    let keywords = ["dbname", "connect_timeout", "fallback_application_name", "client_encoding"]
    // A URI as `dbname` is expanded; what follows it are our defaults.
    let values = [options.connectionString, String(options.connectSeconds), "kittycash", "UTF8"]
    let connection = withCStrings(keywords) { keywords in
      withCStrings(values) { values in PQconnectdbParams(keywords, values, 1) }
    }
    guard let connection else { throw .unavailable("no memory", maybeApplied: false) }
    handle = connection
    // A deadlock of sockets and a hung server are both bounded by this.
    replyTimeout = .milliseconds(options.statementMilliseconds + 5000)
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
        set idle_in_transaction_session_timeout = 60000
        """)
    } catch {
      PQfinish(connection)
      throw error
    }
  }

  func close() { PQfinish(handle) }

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

  /// Sends every batch in one flush and reads all results. An error reaches only its own batch.
  /// - Returns: One outcome for each batch, and whether the connection is still good.
  func run(_ batches: [[PostgresStatement]]) -> (outcomes: [Outcome], isGood: Bool) {
    var outcomes: [Outcome] = []
    do throws(PostgresError) {
      guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw broken(false) }
      var units: [Unit] = []
      for batch in batches { try send(batch, &units) }
      try flush()
      // Why statements of this flush could not be prepared, by their names.
      var unprepared: [String: PostgresError] = [:]
      for unit in units {
        let outcome = try receive()
        switch (unit, outcome) {
        case (.batch(let names), .failure(.server("26000", _, _))):
          // It was never prepared: what the preparation said is what the caller needs to know.
          outcomes.append(names.lazy.compactMap { unprepared[$0] }.first.map(Outcome.failure) ?? outcome)
        case (.batch, _): outcomes.append(outcome)
        case (.preparation(let text, let name), .failure(let why)):
          prepared[text] = nil
          unprepared[name] = why
        case (.preparation, .success): break
        }
      }
      guard PQexitPipelineMode(handle) == 1, PQsetnonblocking(handle, 0) == 0 else { throw broken(false) }
      return (outcomes, true)
    } catch {
      // Whatever was sent and not answered may have been done.
      while outcomes.count < batches.count { outcomes.append(.failure(error)) }
      return (outcomes, false)
    }
  }

  typealias Outcome = Result<[PostgresResult], PostgresError>

  /// What ends in one sync: all of it happens or none, and its error is its own.
  private enum Unit {
    case preparation(text: String, name: String)
    case batch(names: [String])
  }

  private func send(_ batch: [PostgresStatement], _ units: inout [Unit]) throws(PostgresError) {
    var names: [String] = []
    for statement in batch where prepared[statement.text] == nil && prepared.count < Self.preparedLimit {
      let name = "k\(preparations)"
      preparations += 1
      prepared[statement.text] = name
      guard PQsendPrepare(handle, name, statement.text, 0, nil) == 1, PQpipelineSync(handle) == 1 else {
        throw broken(false)
      }
      units.append(.preparation(text: statement.text, name: name))
    }
    for statement in batch {
      let values = statement.values
      let sent: Int32
      if let name = prepared[statement.text] {
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
      // With large batches the server answers before all is sent: read, or both ends wait for ever.
      try pump(untilFlushed: false)
    }
    guard PQpipelineSync(handle) == 1 else { throw broken(true) }
    units.append(.batch(names: names))
  }

  private func flush() throws(PostgresError) { try pump(untilFlushed: true) }

  /// Moves bytes in both directions until nothing waits to be sent, or, when that is not asked for, as
  /// far as it goes without waiting.
  private func pump(untilFlushed: Bool) throws(PostgresError) {
    while true {
      let rest = PQflush(handle)
      if rest == 0 { return }
      guard rest == 1 else { throw broken(true) }
      if !untilFlushed && PQisBusy(handle) == 0 && !isReadable() { return }
      try wait(for: Int16(POLLIN | POLLOUT))
      guard PQconsumeInput(handle) == 1 else { throw broken(true) }
    }
  }

  private func isReadable() -> Bool {
    var entry = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  private func wait(for events: Int16) throws(PostgresError) {
    var entry = pollfd(fd: PQsocket(handle), events: events, revents: 0)
    let limit = Int32(replyTimeout.components.seconds * 1000)
    while true {
      let ready = poll(&entry, 1, limit)
      if ready > 0 { return }
      if ready < 0 && errno == EINTR { continue }
      throw .unavailable("PostgreSQL does not answer", maybeApplied: true)
    }
  }

  private func nextResult() throws(PostgresError) -> OpaquePointer? {
    while PQisBusy(handle) == 1 {
      _ = PQflush(handle)
      try wait(for: Int16(POLLIN))
      guard PQconsumeInput(handle) == 1 else { throw broken(true) }
    }
    return PQgetResult(handle)
  }

  /// Reads up to the next sync.
  private func receive() throws(PostgresError) -> Outcome {
    var results: [PostgresResult] = []
    var failure: PostgresError?
    var nulls = 0
    while true {
      guard let result = try nextResult() else {
        // Each command ends in a null; more in a row mean that the connection is gone.
        nulls += 1
        guard nulls < 3, PQstatus(handle) == CONNECTION_OK else { throw broken(true) }
        continue
      }
      nulls = 0
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: return failure.map(Outcome.failure) ?? .success(results)
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: results.append(Self.copy(result))
      case PGRES_PIPELINE_ABORTED: break
      default: failure = failure ?? self.failure(result)
      }
    }
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
