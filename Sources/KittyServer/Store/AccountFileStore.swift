import KittyShared

/// The rows of the files that clients keep with an account.
struct AccountFileStore: Sendable {
  let database: any Database

  /// Maximum number of files of one user.
  static let limit = 200
  /// Maximum size of all of them in bytes.
  static let maxTotal = 4 << 20
  /// Time after the last use of a session until its files count as left.
  private static let idle: Duration = .seconds(600)

  /// Writes a file, or replaces it.
  /// - Parameter session: The session of the request.
  /// - Returns: `false` when the user has too many files, or too large ones.
  func write(
    _ name: String, _ content: String, of user: ID, session: ID, at now: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let others: SQL = "from account_files where user_id = \(user) and name <> \(name)"
    let length = Int64(content.utf8.count)
    return try await !database.transact(
      [
        UserStore.lockRow(of: user),
        """
        insert into account_files (user_id, name, content, session_id, saved_at)
        select \(user), \(name), \(content), \(session), \(now)
        where (select count(*) \(part: others)) < \(Self.limit)
          and (select coalesce(sum(octet_length(content)), 0) \(part: others)) + \(length) <= \(Self.maxTotal)
        on conflict (user_id, name) do update set
          content = excluded.content, session_id = excluded.session_id, saved_at = excluded.saved_at
        returning name
        """,
      ], in: write)[1].isEmpty
  }

  /// Returns a page of the files of a user, without their content, in the order of their names.
  /// - Parameters:
  ///   - session: The session of the request.
  ///   - after: The last name of the page before.
  func list(
    of user: ID, session: ID, at now: Instant, limit: Int, after: String
  ) async throws -> [AccountFile] {
    try await database.read(
      """
      select name, octet_length(content), saved_at, \(part: Self.inUse(session, now)) from account_files f
      where user_id = \(user) and name > \(after) order by name limit \(limit)
      """
    ).map { row in
      let (name, size, saved, inUse) = try row.decode(String.self, Int.self, Instant.self, Int.self)
      return AccountFile(name: name, size: size, savedAt: saved, inUse: inUse == 1)
    }
  }

  /// Returns all files of a user with their content, in the order of their names.
  /// - Parameter session: The session of the request.
  func all(of user: ID, session: ID, at now: Instant) async throws -> [AccountFile] {
    try await database.read(
      """
      select name, content, saved_at, \(part: Self.inUse(session, now)) from account_files f
      where user_id = \(user) order by name
      """
    ).map { row in
      let (name, content, saved, inUse) = try row.decode(String.self, String.self, Instant.self, Int.self)
      return AccountFile(
        name: name, size: content.utf8.count, savedAt: saved, inUse: inUse == 1, content: content)
    }
  }

  /// Returns a file with its content.
  /// - Parameter session: The session of the request.
  func find(_ name: String, of user: ID, session: ID, at now: Instant) async throws -> AccountFile? {
    try await database.read(
      """
      select content, saved_at, \(part: Self.inUse(session, now)) from account_files f
      where user_id = \(user) and name = \(name)
      """
    ).first.map { row in
      let (content, saved, inUse) = try row.decode(String.self, Instant.self, Int.self)
      return AccountFile(
        name: name, size: content.utf8.count, savedAt: saved, inUse: inUse == 1, content: content)
    }
  }

  /// Deletes a file.
  /// - Returns: `false` when there was none.
  func delete(_ name: String, of user: ID, _ write: WriteContext) async throws -> Bool {
    try await !database.transact(
      ["delete from account_files where user_id = \(user) and name = \(name) returning name"], in: write)[0]
      .isEmpty
  }

  private static func inUse(_ session: ID, _ now: Instant) -> SQL {
    """
    (select count(*) from sessions s where s.id = f.session_id and s.id <> \(session)
      and s.expires_at > \(now) and s.used_at > \(now.advanced(by: .zero - idle)))
    """
  }
}
