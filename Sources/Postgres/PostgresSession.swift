import Foundation

/// A connection for one caller, for scripts and for transactions of several batches.
package final class PostgresSession: @unchecked Sendable {
  // Unchecked: only blocks on `queue` touch `connection`, one at a time.
  private let connection: PostgresConnection
  private let queue: DispatchQueue
  private let replyTimeout: Duration

  private init(_ connection: PostgresConnection, _ queue: DispatchQueue, _ replyTimeout: Duration) {
    self.replyTimeout = replyTimeout
    self.connection = connection
    self.queue = queue
  }

  static func open(_ options: PostgresOptions) async throws(PostgresError) -> PostgresSession {
    let queue = DispatchQueue(label: "postgres.session")
    let opened: Result<PostgresSession, PostgresError> = await withCheckedContinuation { continuation in
      queue.async {
        do throws(PostgresError) {
          let session = PostgresSession(try PostgresConnection(options), queue, options.replyTimeout)
          continuation.resume(returning: .success(session))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try opened.get()
  }

  /// Runs a batch: one transaction, unless a script has begun one.
  /// - Throws: `PostgresError`.
  package func run(_ batch: [PostgresStatement]) async throws(PostgresError) -> [PostgresResult] {
    let outcome = await withCheckedContinuation { continuation in
      queue.async { [connection, replyTimeout] in
        continuation.resume(returning: connection.run(batch, timeout: replyTimeout))
      }
    }
    return try outcome.get()
  }

  /// Runs a text of several statements. The server stops at the first error.
  /// - Throws: `PostgresError`.
  package func script(_ text: String) async throws(PostgresError) {
    let outcome: Result<Void, PostgresError> = await withCheckedContinuation { continuation in
      queue.async { [connection] in
        do throws(PostgresError) {
          try connection.script(text)
          continuation.resume(returning: .success(()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    try outcome.get()
  }

  func close() async {
    await withCheckedContinuation { continuation in
      queue.async { [connection] in
        connection.close()
        continuation.resume()
      }
    }
  }
}
