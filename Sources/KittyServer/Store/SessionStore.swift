import KittyShared

/// The rows of sessions. Only the hash of a secret is stored, so a reader of the database cannot use a session.
struct SessionStore: Sendable {
  let database: any Database

  /// Maximum number of sessions of one user. One more ends the session that was used longest ago: a refusal would keep out
  /// a user whose script signs in each time.
  static let limit = 100

  /// Inserts a session of a user whose password or key was verified, unless the password was changed, the user was
  /// disabled, or the key was removed since: a change that ends all sessions leaves none behind.
  /// - Parameters:
  ///   - key: The key of ssh that was verified; the session ends with it.
  ///   - client: The address of the client, where its requests come from another one.
  ///   - passwordHash: The hash that the password was verified against.
  ///   - renewedHash: A new hash of the password to store, if the old one was made at another cost.
  ///   - deviceTokenHash: The hash of the device token to store, or to keep for longer; `nil` for none.
  /// - Returns: The hashes of the secrets of the sessions that it ended, because the user had too many; `nil` when it was
  ///   not inserted.
  func insert(
    id: ID, tokenHash: String, user: ID, device: String?, key: ID? = nil, client: String? = nil,
    passwordHash: String,
    renewedHash: String?,
    deviceTokenHash: String?, at now: Instant, expires: Instant, _ write: WriteContext
  ) async throws -> [String]? {
    let currentHash = renewedHash ?? passwordHash
    let hasKey: SQL =
      key.map { "exists (select 1 from ssh_keys where id = \($0) and user_id = \(user))" } ?? "true"
    let isUnchanged: SQL =
      "id = \(user) and password_hash = \(currentHash) and disabled_at is null and \(part: hasKey)"
    let rows = try await database.transact(
      [
        // Locks the row of the user, so that every other change of it comes before or after this transaction.
        """
        update users set password_hash = \(currentHash)
        where id = \(user) and password_hash = \(passwordHash) and disabled_at is null
        """,
        """
        insert into sessions (id, token_hash, user_id, device, key_id, client, created_at, used_at, expires_at)
        select \(id), \(tokenHash), id, \(device), \(key), \(client), \(now), \(now), \(expires) from users
        where \(part: isUnchanged)
        returning id
        """,
        """
        delete from sessions where user_id = \(user) and id <> \(id)
          and exists (select 1 from sessions where id = \(id)) and id not in (
          select id from sessions where user_id = \(user) and id <> \(id)
          order by used_at desc, id desc limit \(Self.limit - 1))
        returning token_hash
        """,
      ] + (key.map { ["update ssh_keys set used_at = \(now) where id = \($0)"] } ?? [])
        + (deviceTokenHash.map { DeviceTokenStore.keep($0, of: user, where: isUnchanged, at: now) } ?? []),
      in: write)
    guard !rows[1].isEmpty else { return nil }
    return try rows[2].map { try $0.decode(String.self) }
  }

  /// Returns the principal of a session or API token that is valid, and their membership of a group, if one is named: in
  /// one round trip.
  func find(
    _ token: BearerToken, in group: ID?, at now: Instant
  ) async throws -> (principal: Principal?, membership: Membership?) {
    let hash = token.hash
    let owner: SQL
    var statements: [SQL]
    if token.isAPIToken {
      statements = [
        """
        select t.id, t.user_id, t.expires_at, u.time_zone, t.scopes, t.group_id from tokens t
        join users u on u.id = t.user_id and u.disabled_at is null
        where t.token_hash = \(hash) and (t.expires_at is null or t.expires_at > \(now))
        """
      ]
      owner = "(select user_id from tokens where token_hash = \(hash))"
    } else {
      statements = [
        """
        select s.id, s.user_id, s.expires_at, u.time_zone, s.client from sessions s join users u on u.id = s.user_id
        where s.token_hash = \(hash) and s.expires_at > \(now)
        """
      ]
      owner = "(select user_id from sessions where token_hash = \(hash))"
    }
    if let group { statements.append(Membership.query(in: group, of: owner)) }
    let rows = try await database.read(statements)
    let principal = try rows[0].first.map { try Principal($0, token) }
    let membership = try group.flatMap { group in try rows[1].first.map { try Membership($0, in: group) } }
    return (principal, membership)
  }

  /// Returns a page of the valid sessions of a user, newest first.
  /// - Parameters:
  ///   - current: The session of the request.
  ///   - before: The id of the last session on the previous page.
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

  /// Returns `true` for a session that a key of ssh began after an instant.
  func beganWithKey(_ session: ID, after start: Instant) async throws -> Bool {
    try await !database.read(
      "select 1 from sessions where id = \(session) and key_id is not null and created_at > \(start)"
    ).isEmpty
  }

  /// Returns the hashes of the secrets of all sessions and API tokens of a user.
  func allHashes(of user: ID) async throws -> [String] {
    try await database.read(
      """
      select token_hash from sessions where user_id = \(user)
      union all select token_hash from tokens where user_id = \(user)
      """
    ).map { try $0.decode(String.self) }
  }

  /// Deletes some sessions.
  /// - Returns: The hashes of their secrets.
  func delete(_ choice: SessionChoice, of user: ID, _ write: WriteContext) async throws -> [String] {
    try await database.transact(
      ["delete from sessions where user_id = \(user) and \(part: choice.condition) returning token_hash"],
      in: write)[0].map { try $0.decode(String.self) }
  }

  /// Returns those sessions that have not ended.
  func open(among sessions: [ID], at now: Instant) async throws -> [ID] {
    guard !sessions.isEmpty else { return [] }
    return try await database.read(
      "select id from sessions where id in (\(list: sessions.map { "\($0)" })) and expires_at > \(now)"
    ).map { try $0.decode(ID.self) }
  }

  /// Deletes sessions that began with a key of ssh.
  /// - Returns: The hashes of their secrets.
  func deleteThoseOfKeys(_ sessions: [ID], _ write: WriteContext) async throws -> [String] {
    guard !sessions.isEmpty else { return [] }
    return try await database.transact(
      [
        """
        delete from sessions where id in (\(list: sessions.map { "\($0)" })) and key_id is not null
        returning token_hash
        """
      ], in: write)[0].map { try $0.decode(String.self) }
  }

  /// Deletes the expired sessions of all users.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(["delete from sessions where expires_at <= \(now)"], in: write)
  }

  /// Returns the statement that records the last use of a session.
  static func used(_ session: ID, at instant: Instant) -> SQL {
    "update sessions set used_at = \(instant) where id = \(session) and used_at < \(instant)"
  }
}

extension SessionChoice {
  fileprivate var condition: SQL {
    switch self {
    case .one(let id): "id = \(id)"
    case .others(let id): "id <> \(id)"
    }
  }
}

extension Principal {
  /// Decodes a row of `SessionStore.find`.
  fileprivate init(_ row: Row, _ token: BearerToken) throws {
    var columns = row.reader
    let (id, user): (ID, ID) = (try columns.next(), try columns.next())
    let (expires, timeZone): (Instant?, String?) = (try columns.next(), try columns.next())
    var rights: TokenRights?
    var client: String?
    if token.isAPIToken {
      let scopes: String = try columns.next()
      rights = TokenRights(scopes: Set([TokenScope](column: scopes)), group: try columns.next())
    } else {
      client = try columns.next()
    }
    self.init(
      id: id, user: user, expires: expires, secretHash: token.hash, rights: rights, timeZone: timeZone,
      client: client)
  }
}
