/// How to connect, and the time limits that the server keeps.
struct PostgresOptions: Sendable {
  let connectionString: String
  let connectSeconds: Int
  let statementMilliseconds: Int
  let lockMilliseconds: Int
  let onlyReads: Bool

  /// How long a batch may wait for a connection.
  var patience: Duration { .milliseconds(statementMilliseconds) }
  /// After how long a silent server is given up: its own time limits have passed then.
  var replyTimeout: Duration { .milliseconds(statementMilliseconds + 5000) }
}
