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
