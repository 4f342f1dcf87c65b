import KittyShared

/// The rows of public keys of ssh.
struct SSHKeyStore: Sendable {
  let database: any Database

  /// Maximum number of keys of one user.
  static let limit = 50
  /// Maximum number of mails about new keys in a day, as long as the keys exist.
  private static let noticesInADay = 10

  /// A key that may sign in, with its user.
  struct Owner: Sendable {
    let key: ID
    let credentials: UserStore.Credentials
  }

  /// Inserts a key, and tells the user by mail.
  /// - Returns: `false` when the user has the maximum number of keys.
  /// - Throws: `Rejection` when the id or the key exists already.
  func insert(_ key: SSHKey, of user: ID, _ write: WriteContext) async throws -> Bool {
    do {
      let rows = try await database.transact(
        [
          UserStore.lockRow(of: user),
          """
          insert into ssh_keys (id, user_id, name, type, fingerprint, created_at)
          select \(key.id), \(user), \(key.name), \(key.type), \(key.fingerprint), \(key.createdAt)
          where (select count(*) from ssh_keys where user_id = \(user)) < \(Self.limit)
          returning id
          """,
          JobStore.enqueue(
            .keyAdded, of: "\(user)",
            where: """
              exists (select 1 from ssh_keys where id = \(key.id) and user_id = \(user))
                and \(Self.noticesInADay) >= (
                  select count(*) from ssh_keys where user_id = \(user)
                    and created_at > \(key.createdAt.advanced(by: .seconds(-86_400))))
              """, at: key.createdAt),
        ], in: write)
      return !rows[1].isEmpty
    } catch DatabaseFailure.notUnique("ssh_keys_id") {
      throw Rejection.conflict("id_taken", "A key with this id exists already.")
    } catch DatabaseFailure.notUnique("ssh_keys_fingerprint") {
      throw Self.keyTaken
    }
  }

  static let keyTaken = Rejection.conflict(
    "key_taken", "This key was added to an account already. Remove it there first, or make another one.")

  /// Returns the statement that inserts the first key of a new user.
  static func insertFirst(_ key: SSHKey, of user: ID) -> SQL {
    """
    insert into ssh_keys (id, user_id, name, type, fingerprint, created_at)
    select \(key.id), id, \(key.name), \(key.type), \(key.fingerprint), \(key.createdAt) from users
    where id = \(user)
    """
  }

  /// Returns the key with a fingerprint, and its user.
  func owner(of fingerprint: String) async throws -> Owner? {
    guard
      let (key, user) = try await database.read(
        "select id, user_id from ssh_keys where fingerprint = \(fingerprint)"
      ).first?.decode(ID.self, ID.self),
      let credentials = try await UserStore(database: database).credentials(of: user)
    else { return nil }
    return Owner(key: key, credentials: credentials)
  }

  /// Returns a page of the keys of a user, newest first.
  /// - Parameter before: The id of the last key on the previous page.
  func list(of user: ID, limit: Int, before: ID?) async throws -> [SSHKey] {
    try await database.read(
      """
      \(part: Self.columns) where user_id = \(user) and id < \(before ?? ID.last) order by id desc limit \(limit)
      """
    ).map(Self.key)
  }

  /// Returns a key of a user.
  func find(_ key: ID, of user: ID) async throws -> SSHKey? {
    try await database.read("\(part: Self.columns) where user_id = \(user) and id = \(key)").first.map(
      Self.key)
  }

  /// Returns the id of the key with a fingerprint that belongs to a user.
  func key(_ fingerprint: String, of user: ID) async throws -> ID? {
    try await database.read(
      "select id from ssh_keys where fingerprint = \(fingerprint) and user_id = \(user)"
    ).first?.decode(ID.self)
  }

  /// Deletes a key of a user, and the sessions that began with it.
  /// - Returns: The hashes of the secrets of these sessions; `nil` when there was no such key, or it is the only way to
  ///   sign in.
  func delete(_ key: ID, of user: ID, _ write: WriteContext) async throws -> [String]? {
    let rows = try await database.transact(
      [
        // A sign-in locks the same row: it comes before, and its session is deleted, or after, and finds no key.
        UserStore.lockRow(of: user),
        """
        delete from ssh_keys where id = \(key) and user_id = \(user) and (
          exists (select 1 from users where id = \(user) and password_hash <> \(UserStore.noPassword))
          or (select count(*) from ssh_keys where user_id = \(user)) > 1)
        returning id
        """,
        """
        delete from sessions where key_id = \(key) and user_id = \(user)
          and not exists (select 1 from ssh_keys where id = \(key))
        returning token_hash
        """,
      ], in: write)
    return rows[1].isEmpty ? nil : try Revocation.tokens(rows[2])
  }

  // MARK: - Challenges

  /// Inserts a challenge, and deletes those that have expired.
  func insert(challengeHash: String, at now: Instant, expires: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from sign_in_challenges where expires_at <= \(now)",
        "insert into sign_in_challenges (challenge_hash, expires_at) values (\(challengeHash), \(expires))",
      ], in: write)
  }

  /// Deletes a challenge.
  /// - Returns: `false` when there was none, or it has expired.
  func use(challengeHash: String, at now: Instant, _ write: WriteContext) async throws -> Bool {
    try await !database.transact(
      [
        """
        delete from sign_in_challenges where challenge_hash = \(challengeHash) and expires_at > \(now)
        returning expires_at
        """
      ], in: write)[0].isEmpty
  }

  private static let columns: SQL = "select id, name, type, fingerprint, created_at, used_at from ssh_keys"

  private static func key(_ row: Row) throws -> SSHKey {
    let (id, name, type, fingerprint, created, used) = try row.decode(
      ID.self, String.self, String.self, String.self, Instant.self, Instant?.self)
    return SSHKey(
      id: id, name: name, type: type, fingerprint: fingerprint, createdAt: created, lastUsedAt: used)
  }
}
