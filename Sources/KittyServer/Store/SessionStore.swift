import KittyShared

/// Sessions as rows. Only a hash of the token is kept: who reads the database cannot sign in with it.
struct SessionStore: Sendable {
  let database: any Database

  /// Begins a session of somebody whose password was found to be right, unless it was changed or they were
  /// disabled meanwhile: what ends their sessions leaves none behind.
  /// - Parameters:
  ///   - passwordHash: What the password was held against.
  ///   - renewed: What is kept of the password from now on, when that is to change.
  /// - Returns: Whether it was begun.
  func insert(
    id: ID, tokenHash: String, user: ID, passwordHash: String, renewed: String?, at now: Instant,
    expires: Instant
  ) async throws -> Bool {
    let kept = renewed ?? passwordHash
    let rows = try await database.transact([
      // Holds the user's row, so that whatever changes it comes before or after, as a whole.
      """
      update users set password_hash = \(kept)
      where id = \(user) and password_hash = \(passwordHash) and disabled_at is null
      """,
      """
      insert into sessions (id, token_hash, user_id, created_at, expires_at)
      select \(id), \(tokenHash), id, \(now), \(expires) from users
      where id = \(user) and password_hash = \(kept) and disabled_at is null
      returning id
      """,
    ])
    return !rows[1].isEmpty
  }

  /// Who has this token, while it is valid, and what they are in a group, if one is named: one round trip.
  func find(
    tokenHash: String, in group: ID?, at now: Instant
  ) async throws -> (principal: Principal?, membership: Membership?) {
    var statements: [SQL] = [
      "select id, user_id, expires_at from sessions where token_hash = \(tokenHash) and expires_at > \(now)"
    ]
    if let group {
      statements.append(
        MemberStore.membership(
          in: group, of: "(select user_id from sessions where token_hash = \(tokenHash))"))
    }
    let rows = try await database.read(statements)
    let principal = try rows[0].first.map {
      let (session, user, expires) = try $0.decode(ID.self, ID.self, Instant.self)
      return Principal(session: session, user: user, expires: expires, tokenHash: tokenHash)
    }
    let membership = try group.flatMap { group in try rows[1].first.map { try Membership($0, in: group) } }
    return (principal, membership)
  }

  func delete(_ session: ID) async throws {
    try await database.transact(["delete from sessions where id = \(session)"])
  }

  func deleteExpired(at now: Instant) async throws {
    try await database.transact(["delete from sessions where expires_at <= \(now)"])
  }
}

/// Who makes a request.
struct Principal: Hashable, Sendable {
  let session: ID
  let user: ID
  let expires: Instant
  let tokenHash: String
}
