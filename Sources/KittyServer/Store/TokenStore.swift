import KittyShared

/// The rows of API tokens. Only the hash of a secret is stored.
struct TokenStore: Sendable {
  let database: any Database

  /// Maximum number of tokens of one user.
  static let limit = 100
  /// Maximum number of mails about new tokens in a day, as long as the tokens exist.
  private static let noticesInADay = 10
  /// Time for which an expired token is still listed, so that its owner sees why a program is rejected.
  static let keptAfterExpiry: Duration = .seconds(30 * 86_400)

  /// Inserts a token.
  /// - Returns: `false` when the user has the maximum number of tokens.
  /// - Throws: `Rejection` when the id exists already.
  func insert(_ token: APIToken, secretHash: String, user: ID, _ write: WriteContext) async throws -> Bool {
    do {
      let rows = try await database.transact(
        [
          UserStore.lockRow(of: user),
          """
          insert into tokens (id, token_hash, user_id, name, scopes, group_id, created_at, expires_at)
          select \(token.id), \(secretHash), \(user), \(token.name), \(token.scopes.column), \(token.group),
            \(token.createdAt), \(token.expiresAt)
          where (select count(*) from tokens where user_id = \(user)) < \(Self.limit)
          returning id
          """,
          JobStore.enqueue(
            .tokenCreated, of: "\(user)",
            where: """
              exists (select 1 from tokens where id = \(token.id) and user_id = \(user))
                and \(Self.noticesInADay) >= (
                  select count(*) from tokens where user_id = \(user)
                    and created_at > \(token.createdAt.advanced(by: .seconds(-86_400))))
              """, at: token.createdAt),
        ], in: write)
      return !rows[1].isEmpty
    } catch DatabaseFailure.notUnique("tokens_id") {
      throw Rejection.conflict("id_taken", "A token with this id exists already.")
    }
  }

  /// Returns `true` when the user is a member of the group.
  func isMember(_ user: ID, of group: ID) async throws -> Bool {
    let membership = Membership.query(in: group, of: "\(user)")
    return try await database.read(membership).contains { try !Membership($0, in: group).isDeleted }
  }

  /// Returns a page of the tokens of a user, newest first.
  /// - Parameter before: The id of the last token on the previous page.
  func list(of user: ID, limit: Int, before: ID?) async throws -> [APIToken] {
    try await database.read(
      """
      \(part: Self.columns) where user_id = \(user) and id < \(before ?? ID.last) order by id desc limit \(limit)
      """
    ).map(Self.token)
  }

  /// Returns a token of a user.
  func find(_ token: ID, of user: ID) async throws -> APIToken? {
    try await database.read("\(part: Self.columns) where user_id = \(user) and id = \(token)")
      .first.map(Self.token)
  }

  /// Returns the hash of a token's secret.
  func hash(_ token: ID, of user: ID) async throws -> String? {
    try await database.read("select token_hash from tokens where user_id = \(user) and id = \(token)")
      .first?.decode(String.self)
  }

  /// Deletes a token.
  func delete(_ token: ID, of user: ID, _ write: WriteContext) async throws {
    try await database.transact(
      ["delete from tokens where user_id = \(user) and id = \(token)"], in: write)
  }

  /// Deletes all tokens of a user.
  /// - Returns: The hashes of their secrets.
  func deleteAll(of user: ID, _ write: WriteContext) async throws -> [String] {
    try await database.transact(
      ["delete from tokens where user_id = \(user) returning token_hash"], in: write)[0]
      .map { try $0.decode(String.self) }
  }

  /// Deletes the tokens of all users that expired some time ago.
  func deleteExpired(at now: Instant, _ write: WriteContext) async throws {
    let limit = now.advanced(by: .zero - Self.keptAfterExpiry)
    try await database.transact(["delete from tokens where expires_at <= \(limit)"], in: write)
  }

  /// Returns the statement that records the last use of a token.
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
  /// The scopes as the column contains them: their names, in the order of their declaration.
  fileprivate var column: String {
    TokenScope.allCases.filter(contains).map(\.rawValue).joined(separator: " ")
  }

  /// Decodes the column.
  init(column: String) { self = column.split(separator: " ").compactMap { TokenScope(rawValue: String($0)) } }
}
