import CPostgres
import Foundation

/// Notices: messages of `pg_notify`, which arrive at any time. The connection is not in pipeline mode.
extension PostgresConnection {
  /// Waits until bytes arrive, the connection ends, or the time is over.
  /// - Returns: `false` when the time is over.
  func waitForInput(milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Sends a statement without content. The notices of all transactions before it arrive before its reply.
  func ping() throws(PostgresError) {
    guard PQsendQuery(handle, "") == 1 else { throw broken(false) }
  }

  /// Reads the bytes that have arrived.
  /// - Parameter isPinging: Whether the reply to a ping is expected.
  /// - Returns: The texts of the notices, and whether the reply is complete.
  func arrivals(isPinging: Bool) throws(PostgresError) -> (notices: [String], isAnswered: Bool) {
    guard PQconsumeInput(handle) == 1 else { throw broken(false) }
    var isAnswered = false
    while isPinging, !isAnswered, PQisBusy(handle) == 0 {
      if let result = PQgetResult(handle) { PQclear(result) } else { isAnswered = true }
    }
    guard PQstatus(handle) == CONNECTION_OK else { throw broken(false) }
    var notices: [String] = []
    // The reply is parsed after the notices that came before it, so they are all here.
    while let notice = PQnotifies(handle) {
      if let text = notice.pointee.extra { notices.append(String(cString: text)) }
      PQfreemem(notice)
    }
    return (notices, isAnswered)
  }
}
