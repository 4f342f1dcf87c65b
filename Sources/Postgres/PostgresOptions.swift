/// The address of the server, and the time limits that it enforces.
struct PostgresOptions: Sendable {
  let connectionString: String
  let connectSeconds: Int
  let statementMilliseconds: Int
  let lockMilliseconds: Int
  let onlyReads: Bool

  /// Time limit of the wait for a connection.
  var queueTimeout: Duration { .milliseconds(statementMilliseconds) }
  /// Silence after which the server counts as unavailable: its own time limits have passed by then.
  var replyTimeout: Duration { .milliseconds(statementMilliseconds + 5000) }
}
