/// How to connect, and the time limits that the server keeps.
struct PostgresOptions: Sendable {
  let connectionString: String
  let connectSeconds: Int
  let statementMilliseconds: Int
  let lockMilliseconds: Int
}
