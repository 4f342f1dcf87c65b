import KittyShared

/// Properties of a PostgreSQL server.
struct DatabaseFacts: Sendable {
  let version: String
  let encoding: String
  /// The connections that users without privileges can open.
  let maxConnections: Int
  /// The connections that are open, of all users.
  let connections: Int
}

/// Reads the properties of a PostgreSQL server.
struct DatabaseFactsStore: Sendable {
  let database: any Database

  /// - Throws: `DatabaseFailure`, here and below.
  func facts() async throws -> DatabaseFacts {
    let rows = try await database.read(
      """
      select current_setting('server_version'), current_setting('server_encoding'),
        current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer,
        (select count(*) from pg_stat_activity where backend_type = 'client backend')
      """)
    guard let row = rows.first else { throw DatabaseFailure.fault("no row") }
    let (version, encoding, limit, open) = try row.decode(String.self, String.self, Int.self, Int.self)
    return DatabaseFacts(version: version, encoding: encoding, maxConnections: limit, connections: open)
  }

  /// Reads the clock of the server.
  func clock() async throws -> Instant {
    let rows = try await database.read("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
    guard let row = rows.first else { throw DatabaseFailure.fault("no row") }
    return Instant(milliseconds: try row.decode(Int64.self))
  }
}
