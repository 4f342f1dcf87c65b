import KittyShared

/// API tokens as rows. Only a hash of the secret is kept.
struct TokenStore: Sendable {
  let database: any Database

  /// How many a user may have.
  static let limit = 100
  /// How long an expired one is still listed, so that its owner sees why a program no longer gets in.
  static let keptAfterExpiry: Duration = .seconds(30 * 86_400)

  /// - Returns: Whether it was made; not when the user has as many as they may.
  /// - Throws: `Rejection` when the id is taken.
  func insert(_ token: APIToken, secretHash: String, user: ID, _ write: WriteContext) async throws -> Bool {
    do {
      let rows = try await database.transact(
        [
          """
          insert into tokens (id, token_hash, user_id, name, scopes, group_id, created_at, expires_at)
          select \(token.id), \(secretHash), \(user), \(token.name), \(token.scopes.column), \(token.group),
            \(token.createdAt), \(token.expiresAt)
          where (select count(*) from tokens where user_id = \(user)) < \(Self.limit)
          returning id
          """
        ], in: write)
      return !rows[0].isEmpty
    } catch DatabaseFailure.notUnique("tokens_id") {
      throw Rejection.conflict("id_taken", "There is a token with this id already.")
    }
  }

  /// Whether the user is in the group.
  func isMember(_ user: ID, of group: ID) async throws -> Bool {
    let membership = MemberStore.membership(in: group, of: "\(user)")
    return try await database.read(membership).contains { try !Membership($0, in: group).isDeleted }
  }

  /// The tokens of a user, newest first.
  /// - Parameter before: The last one of the page before.
  func list(of user: ID, limit: Int, before: ID?) async throws -> [APIToken] {
    try await database.read(
      """
      \(part: Self.columns) where user_id = \(user) and id < \(before ?? ID.last) order by id desc limit \(limit)
      """
    ).map(Self.token)
  }

  func find(_ token: ID, of user: ID) async throws -> APIToken? {
    try await database.read("\(part: Self.columns) where user_id = \(user) and id = \(token)")
      .first.map(Self.token)
  }

  /// The hash of a token's secret.
  func hash(_ token: ID, of user: ID) async throws -> String? {
    try await database.read("select token_hash from tokens where user_id = \(user) and id = \(token)")
      .first?.decode(String.self)
  }

  func delete(_ token: ID, of user: ID, _ write: WriteContext) async throws {
    try await database.transact(["delete from tokens where user_id = \(user) and id = \(token)"], in: write)
  }

  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    let limit = now.advanced(by: .zero - Self.keptAfterExpiry)
    try await database.transact(["delete from tokens where expires_at <= \(limit)"], in: write)
  }

  /// Notes when a token was used.
  static func used(_ token: ID, at instant: Instant) -> SQL {
    """
    update tokens set used_at = \(instant) where id = \(token) and (used_at is null or used_at < \(instant))
    """
  }

  private static let columns: SQL = """
    select id, name, scopes, group_id, created_at, expires_at, used_at from tokens
    """

  private static func token(_ row: Row) throws -> APIToken {
    let (id, name, scopes, group, created, expires, used) = try row.decode(
      ID.self, String.self, String.self, ID?.self, Instant.self, Instant?.self, Instant?.self)
    return APIToken(
      id: id, name: name, scopes: [TokenScope](column: scopes), group: group, createdAt: created,
      expiresAt: expires, lastUsedAt: used)
  }
}

extension [TokenScope] {
  /// As the column has them: their names, in the order of their declaration.
  fileprivate var column: String {
    TokenScope.allCases.filter(contains).map(\.rawValue).joined(separator: " ")
  }

  /// From the column.
  init(column: String) { self = column.split(separator: " ").compactMap { TokenScope(rawValue: String($0)) } }
}
