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
    id: ID, tokenHash: String, user: ID, device: String?, passwordHash: String, renewed: String?,
    at now: Instant, expires: Instant, _ write: WriteContext
  ) async throws -> Bool {
    let kept = renewed ?? passwordHash
    let rows = try await database.transact(
      [
        // Holds the user's row, so that whatever changes it comes before or after, as a whole.
        """
        update users set password_hash = \(kept)
        where id = \(user) and password_hash = \(passwordHash) and disabled_at is null
        """,
        """
        insert into sessions (id, token_hash, user_id, device, created_at, used_at, expires_at)
        select \(id), \(tokenHash), id, \(device), \(now), \(now), \(expires) from users
        where id = \(user) and password_hash = \(kept) and disabled_at is null
        returning id
        """,
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Who has this secret, of a session or of an API token, while it is valid, and what they are in a group, if
  /// one is named: one round trip.
  func find(
    _ secret: BearerToken, in group: ID?, at now: Instant
  ) async throws -> (principal: Principal?, membership: Membership?) {
    let hash = secret.hash
    let owner: SQL
    var statements: [SQL]
    if secret.isOfToken {
      statements = [
        """
        select t.id, t.user_id, t.expires_at, t.scopes, t.group_id from tokens t
        join users u on u.id = t.user_id and u.disabled_at is null
        where t.token_hash = \(hash) and (t.expires_at is null or t.expires_at > \(now))
        """
      ]
      owner = "(select user_id from tokens where token_hash = \(hash))"
    } else {
      statements = [
        "select id, user_id, expires_at from sessions where token_hash = \(hash) and expires_at > \(now)"
      ]
      owner = "(select user_id from sessions where token_hash = \(hash))"
    }
    if let group { statements.append(MemberStore.membership(in: group, of: owner)) }
    let rows = try await database.read(statements)
    let principal = try rows[0].first.map { try Principal($0, secret) }
    let membership = try group.flatMap { group in try rows[1].first.map { try Membership($0, in: group) } }
    return (principal, membership)
  }

  /// The sessions of a user that are valid, newest first.
  /// - Parameters:
  ///   - current: The one that asks.
  ///   - before: The last one of the page before.
  func list(
    of user: ID, current: ID, at now: Instant, limit: Int, before: ID?
  ) async throws -> [OpenSession] {
    try await database.read(
      """
      select id, device, created_at, used_at, expires_at from sessions
      where user_id = \(user) and id < \(before ?? ID.last) and expires_at > \(now)
      order by id desc limit \(limit)
      """
    ).map { row in
      let (id, device, created, used, expires) = try row.decode(
        ID.self, String?.self, Instant.self, Instant.self, Instant.self)
      return OpenSession(
        id: id, device: device, current: id == current, createdAt: created, lastUsedAt: used,
        expiresAt: expires)
    }
  }

  /// The hashes of these sessions' tokens.
  func hashes(_ which: SessionChoice, of user: ID) async throws -> [String] {
    try await database.read(
      "select token_hash from sessions where user_id = \(user) and \(part: which.condition)"
    ).map { try $0.decode(String.self) }
  }

  /// - Returns: The hashes of the tokens that are no longer valid.
  func delete(_ which: SessionChoice, of user: ID, _ write: WriteContext) async throws -> [String] {
    try await database.transact(
      [
        """
        delete from sessions where user_id = \(user) and \(part: which.condition) returning token_hash
        """
      ], in: write)[0].map { try $0.decode(String.self) }
  }

  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from sessions where expires_at <= \(now)"], in: write)
  }

  /// Notes when a session was used.
  static func used(_ session: ID, at instant: Instant) -> SQL {
    "update sessions set used_at = \(instant) where id = \(session) and used_at < \(instant)"
  }
}

/// Which of a user's sessions.
enum SessionChoice: Sendable {
  case one(ID)
  case others(than: ID)

  fileprivate var condition: SQL {
    switch self {
    case .one(let id): "id = \(id)"
    case .others(let id): "id <> \(id)"
    }
  }
}

/// Who makes a request.
struct Principal: Hashable, Sendable {
  /// The id of the session or of the API token.
  let id: ID
  let user: ID
  /// `nil` for never.
  let expires: Instant?
  let secretHash: String
  /// What the API token may do; `nil` for a session, which may do all that the person may.
  let rights: TokenRights?
}

extension Principal {
  fileprivate init(_ row: Row, _ secret: BearerToken) throws {
    secretHash = secret.hash
    guard secret.isOfToken else {
      (id, user, expires) = try row.decode(ID.self, ID.self, Instant?.self)
      rights = nil
      return
    }
    let (id, user, expires, scopes, group) = try row.decode(
      ID.self, ID.self, Instant?.self, String.self, ID?.self)
    (self.id, self.user, self.expires) = (id, user, expires)
    rights = TokenRights(scopes: Set([TokenScope](column: scopes)), group: group)
  }
}
