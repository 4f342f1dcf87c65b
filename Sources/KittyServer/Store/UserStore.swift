import KittyShared

/// The rows of users.
struct UserStore: Sendable {
  let database: any Database

  /// Returns the statement that locks the row of a user until the transaction ends, and changes nothing: what is counted
  /// per user is counted by one transaction at a time. A transaction that changes a group locks the group first.
  static func lockRow(of user: ID) -> SQL { "update users set version = version where id = \(user)" }

  /// The hash of an account without a password: no password belongs to it.
  static let noPassword = "none"

  /// A user with what signing in needs.
  struct Credentials: Sendable {
    let user: User
    let passwordHash: String
    /// `nil` unless an administrator has disabled the user.
    let disabledAt: Instant?
  }

  /// Inserts a user, and uses their invite in the same transaction.
  /// - Parameter key: Their first key of ssh.
  /// - Returns: `false` when the invite cannot be used.
  /// - Throws: `Rejection` when the name or the id exists already, or the key belongs to an account.
  func insert(
    _ user: User, passwordHash: String, key: SSHKey? = nil, invite: SignUpInvite = .notNeeded,
    _ write: WriteContext
  ) async throws -> Bool {
    let uses: [SQL]
    let isUsed: SQL
    var groupSecret: String?
    switch invite {
    case .notNeeded:
      uses = []
      isUsed = "true"
    case .toServer(let hash):
      uses = [
        """
        update sign_up_invites set used_by = \(user.id)
        where code_hash = \(hash) and used_by is null and expires_at > \(user.createdAt)
        """
      ]
      isUsed = "exists (select 1 from sign_up_invites where code_hash = \(hash) and used_by = \(user.id))"
    case .toGroup(let key):
      (uses, isUsed) = InviteStore.signUp(with: key, at: user.createdAt)
      groupSecret = key.secret
    }
    do {
      let rows = try await database.transact(
        uses + [
          """
          insert into users (id, name, display_name, email, email_confirmed_at, currency, time_zone, password_hash,
            created_at, group_invite)
          select \(user.id), \(user.name), \(user.displayName), \(user.email), \(user.emailConfirmedAt),
            \(user.defaultCurrency), \(user.timeZone), \(passwordHash), \(user.createdAt), \(groupSecret)
          where \(part: isUsed)
          returning id
          """
        ] + (key.map { [SSHKeyStore.insertFirst($0, of: user.id)] } ?? []), in: write)
      return !rows[uses.count].isEmpty
    } catch DatabaseFailure.notUnique("ssh_keys_fingerprint") {
      throw SSHKeyStore.keyTaken
    } catch DatabaseFailure.notUnique("users_name") {
      throw Rejection(
        .conflict, "name_taken", "The name is taken",
        "Another user has the name \"\(user.name)\" already. Choose another name.",
        errors: [FieldError(field: "name", code: "name_taken", message: "This name is taken.")])
    } catch DatabaseFailure.notUnique("users_id") {
      throw Rejection.conflict("id_taken", "A user with this id exists already.")
    }
  }

  /// Returns the user with a name, and their credentials.
  func find(name: String) async throws -> Credentials? {
    try await credentials(where: "name = \(name)").first
  }

  /// Returns the credentials of a user.
  func credentials(of user: ID) async throws -> Credentials? {
    try await credentials(where: "id = \(user)").first
  }

  /// Returns a page of the users in the order of their names, disabled ones included.
  /// - Parameter after: The last name on the previous page.
  func list(after: String, limit: Int) async throws -> [Credentials] {
    try await credentials(where: "name > \(after) order by name limit \(limit)")
  }

  private func credentials(where condition: SQL) async throws -> [Credentials] {
    try await database.read(
      "select \(part: Self.columns), password_hash, disabled_at from users where \(part: condition)"
    ).map { row in
      var columns = row.reader
      return Credentials(
        user: try Self.user(from: &columns), passwordHash: try columns.next(), disabledAt: try columns.next())
    }
  }

  /// Returns a user.
  func find(id: ID) async throws -> User? {
    try await database.read("select \(part: Self.columns) from users where id = \(id)").first.map { row in
      var columns = row.reader
      return try Self.user(from: &columns)
    }
  }

  /// Changes a user if their version is `version`; `nil` for any version. A new address is not confirmed, invalidates the
  /// reset tokens that were mailed to the old one, and the old one is told of it.
  /// - Parameter isConfirming: `true` to enqueue a mail that confirms a new address.
  /// - Returns: Whether they were changed.
  func change(
    _ user: ID, _ change: UserChange, version: Int64?, isConfirming: Bool, at now: Instant,
    _ write: WriteContext
  ) async throws -> Bool {
    let changesEmail = change.email != .keep
    let email = change.email.applied(to: nil)
    let isOther: SQL = "\(changesEmail) and coalesce(lower(email), '') <> \(email?.lowercased() ?? "")"
    let rows = try await database.transact(
      [
        JobStore.enqueue(
          .emailChanged, of: "\(user)",
          where: "\(part: isOther) and (\(version == nil) or version = \(version ?? 0))", at: now),
        """
        update users set version = version + 1,
          display_name = coalesce(\(change.displayName?.trimmed), display_name),
          email_confirmed_at = case when \(part: isOther) then null else email_confirmed_at end,
          email = case when \(!changesEmail) then email else \(change.email.applied(to: nil)) end,
          currency = case when \(change.defaultCurrency == .keep) then currency
            else \(change.defaultCurrency.applied(to: nil)) end,
          time_zone = case when \(change.timeZone == .keep) then time_zone
            else \(change.timeZone.applied(to: nil)) end
        where id = \(user) and (\(version == nil) or version = \(version ?? 0))
        returning id
        """,
        "delete from password_resets where user_id = \(user) and \(changesEmail)",
        JobStore.enqueue(
          .confirmEmail, payload: user.description,
          where: """
            \(isConfirming) and exists (
              select 1 from users where id = \(user) and email = \(email ?? "") and email_confirmed_at is null)
            """, at: now),
      ], in: write)
    return !rows[1].isEmpty
  }

  /// Sets or removes the photo, and enqueues the removal of the files of the previous one.
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

  private static let columns: SQL = """
    id, name, display_name, email, email_confirmed_at, currency, time_zone, case when password_hash = \(UserStore.noPassword) then 0 else 1 end,
    photo_hash, photo_width, photo_height, created_at, version
    """

  private static func user(from columns: inout RowReader) throws -> User {
    User(
      id: try columns.next(), name: try columns.next(), displayName: try columns.next(),
      email: try columns.next(), emailConfirmedAt: try columns.next(), defaultCurrency: try columns.next(),
      timeZone: try columns.next(), hasPassword: try columns.next(Int64.self) == 1,
      photo: try Photo(from: &columns), createdAt: try columns.next(),
      version: try columns.next())
  }
}
