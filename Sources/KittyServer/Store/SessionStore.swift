import KittyShared

/// Sessions as rows. Only a hash of the token is kept: who reads the database cannot sign in with it.
struct SessionStore: Sendable {
  let database: any Database

  func insert(id: ID, tokenHash: String, user: ID, at now: Instant, expires: Instant) async throws {
    try await database.transact([
      """
      insert into sessions (id, token_hash, user_id, created_at, expires_at)
      values (\(id), \(tokenHash), \(user), \(now), \(expires))
      """
    ])
  }

  /// The session with this token that is still valid.
  func find(tokenHash: String, at now: Instant) async throws -> Principal? {
    let rows = try await database.read(
      "select id, user_id, expires_at from sessions where token_hash = \(tokenHash) and expires_at > \(now)")
    return try rows.first.map {
      let (session, user, expires) = try $0.decode(ID.self, ID.self, Instant.self)
      return Principal(session: session, user: user, expires: expires, tokenHash: tokenHash)
    }
  }

  func delete(_ session: ID) async throws {
    try await database.transact(["delete from sessions where id = \(session)"])
  }

  func deleteExpired(at now: Instant) async throws {
    try await database.transact(["delete from sessions where expires_at <= \(now)"])
  }
}

/// Who makes a request.
struct Principal: Codable, Hashable, Sendable {
  let session: ID
  let user: ID
  let expires: Instant
  let tokenHash: String
}
