/// The version of the collation that a PostgreSQL database was made with.
///
/// Another base image can bring another C library with another order of texts. PostgreSQL only warns about it, and its
/// indexes on texts, unique ones too, can be wrong from then on.
struct CollationVersion: Sendable {
  let database: any Database

  /// Compares the version with that of the server's C library.
  /// - Returns: A sentence that says what to do; `nil` when the versions are equal, and before PostgreSQL 15, which
  ///   records none.
  /// - Throws: `DatabaseFailure`.
  func problem() async throws -> String? {
    let release = try await database.read("select current_setting('server_version_num')::integer").first
    guard let release = try release?.decode(Int.self), release >= 150_000 else { return nil }
    let rows = try await database.read(
      """
      select datname, datcollversion, pg_database_collation_actual_version(oid) from pg_database
      where datname = current_database()
      """)
    guard let (name, made, current) = try rows.first?.decode(String.self, String?.self, String?.self),
      let made, made != current
    else { return nil }
    let quoted = "\"\(name.replacing("\"", with: "\"\""))\""
    return """
      The database was made with version \(made) of its collation, and the server has \(current ?? "none"): indexes on \
      texts can be wrong. Run in psql: REINDEX DATABASE \(quoted); ALTER DATABASE \(quoted) REFRESH COLLATION VERSION;
      """
  }
}
