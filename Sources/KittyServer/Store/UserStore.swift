import KittyShared

/// Accounts as rows.
struct UserStore: Sendable {
  let database: any Database

  /// What there is to know about somebody who wants to sign in.
  struct Credentials: Sendable {
    let user: User
    let passwordHash: String
    /// Set while an administrator keeps them out.
    let disabledAt: Instant?
  }

  /// Makes an account, and takes its invite in the same transaction.
  /// - Parameter invite: The hash of an invite's code, where one is needed.
  /// - Returns: Whether it was made; `false` when there is no such invite to take.
  /// - Throws: `Rejection` when the name or the id is taken.
  func insert(_ user: User, passwordHash: String, invite: String? = nil, _ write: WriteContext) async throws
    -> Bool
  {
    do {
      let rows = try await database.transact(
        [
          """
          update sign_up_invites set used_by = \(user.id)
          where code_hash = \(invite) and used_by is null and expires_at > \(user.createdAt)
          """,
          """
          insert into users (id, name, display_name, email, currency, time_zone, password_hash, created_at)
          select \(user.id), \(user.name), \(user.displayName), \(user.email), \(user.defaultCurrency),
            \(user.timeZone), \(passwordHash), \(user.createdAt)
          where \(invite == nil) or exists (
            select 1 from sign_up_invites where code_hash = \(invite) and used_by = \(user.id))
          returning id
          """,
        ], in: write)
      return !rows[1].isEmpty
    } catch DatabaseFailure.notUnique("users_name") {
      throw Rejection(
        .conflict, "name_taken", "The name is taken",
        "Somebody has the name \"\(user.name)\" already. Choose another.",
        errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
    } catch DatabaseFailure.notUnique("users_id") {
      throw Rejection.conflict("id_taken", "There is a user with this id already.")
    }
  }

  func find(name: String) async throws -> Credentials? {
    try await credentials(where: "name = \(name)").first
  }

  func credentials(of user: ID) async throws -> Credentials? {
    try await credentials(where: "id = \(user)").first
  }

  /// Accounts in the order of their names, disabled ones too.
  /// - Parameter after: The last name of the page before.
  func list(after: String, limit: Int) async throws -> [Credentials] {
    try await credentials(where: "name > \(after) order by name limit \(limit)")
  }

  private func credentials(where condition: SQL) async throws -> [Credentials] {
    try await database.read(
      "select \(part: Self.columns), password_hash, disabled_at from users where \(part: condition)"
    ).map { row in
      let rest = Row(columns: Array(row.columns.dropFirst(Self.columnCount)))
      let (hash, disabled) = try rest.decode(String.self, Instant?.self)
      return Credentials(user: try Self.user(row), passwordHash: hash, disabledAt: disabled)
    }
  }

  func find(id: ID) async throws -> User? {
    try await database.read("select \(part: Self.columns) from users where id = \(id)").first.map(Self.user)
  }

  /// ChangeSet an account if it still has `version`; any version will do when that is `nil`. A token that was
  /// mailed to another address is of no use any more.
  /// - Returns: Whether it was changed.
  func change(_ user: ID, _ change: UserChange, version: Int64?, _ write: WriteContext) async throws -> Bool {
    let isOfEmail = change.email != .keep
    let rows = try await database.transact(
      [
        """
        update users set version = version + 1,
          display_name = coalesce(\(change.displayName?.trimmed), display_name),
          email = case when \(!isOfEmail) then email else \(change.email.applied(to: nil)) end,
          currency = case when \(change.defaultCurrency == .keep) then currency
            else \(change.defaultCurrency.applied(to: nil)) end,
          time_zone = case when \(change.timeZone == .keep) then time_zone
            else \(change.timeZone.applied(to: nil)) end
        where id = \(user) and (\(version == nil) or version = \(version ?? 0))
        returning id
        """,
        "delete from password_resets where user_id = \(user) and \(isOfEmail)",
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Sets or removes the photo, and asks the worker to remove the files of the one before.
  func setPhoto(_ photo: Photo?, of user: ID, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        JobStore.enqueueRemoval(ofPhotosFrom: "select photo_hash from users where id = \(user)", at: now),
        """
        update users set version = version + 1, photo_hash = \(photo?.hash), photo_width = \(photo?.width),
          photo_height = \(photo?.height)
        where id = \(user)
        """,
      ], in: write)
  }

  private static let columnCount = 11
  private static let columns: SQL = """
    id, name, display_name, email, currency, time_zone, photo_hash, photo_width, photo_height, created_at, version
    """

  private static func user(_ row: Row) throws -> User {
    let (id, name, display, email, currency, timeZone, photo, width, height, created, version) =
      try row.decode(
        ID.self, String.self, String.self, String?.self, Currency?.self, String?.self, String?.self,
        Int?.self, Int?.self, Instant.self, Int64.self)
    return User(
      id: id, name: name, displayName: display, email: email, defaultCurrency: currency, timeZone: timeZone,
      photo: Photo(hash: photo, width: width, height: height), createdAt: created, version: version)
  }
}

extension Photo {
  /// A photo from its three columns; `nil` when they are.
  init?(hash: String?, width: Int?, height: Int?) {
    guard let hash, let width, let height else { return nil }
    self.init(hash: hash, width: width, height: height)
  }
}
