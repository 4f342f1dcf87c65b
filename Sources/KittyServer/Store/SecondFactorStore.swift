import KittyShared

/// The rows of second factors: the key of the one-time codes, and the hashes of the recovery codes.
struct SecondFactorStore: Sendable {
  let database: any Database

  /// The second factor of a user, as stored.
  struct StoredFactor: Sendable {
    /// As `SecretKeys` stores it.
    let secret: String
    /// `nil` until a code confirms it.
    let enabledAt: Instant?
    let recoveryCodesLeft: Int
  }

  /// Returns the second factor of a user, also one that is not confirmed.
  func find(of user: ID) async throws -> StoredFactor? {
    try await database.read(
      """
      select secret, enabled_at, (select count(*) from recovery_codes where user_id = \(user))
      from second_factors where user_id = \(user)
      """
    ).first.map {
      let (secret, enabled, left) = try $0.decode(String.self, Instant?.self, Int.self)
      return StoredFactor(secret: secret, enabledAt: enabled, recoveryCodesLeft: left)
    }
  }

  /// Returns a page of the users and their stored secrets that do not begin with a prefix.
  /// - Parameter prefix: Without the wildcards of SQL; `nil` for all secrets.
  func secrets(
    withoutPrefix prefix: String?, after user: ID?, limit: Int
  ) async throws -> [(user: ID, secret: String)] {
    try await database.read(
      """
      select user_id, secret from second_factors
      where user_id > \(user ?? ID.first) and secret not like \((prefix ?? " ") + "%")
      order by user_id limit \(limit)
      """
    ).map { try $0.decode(ID.self, String.self) }
  }

  /// Replaces a stored secret by another text for the same secret.
  /// - Returns: `false` when it was changed since.
  func replace(
    _ old: String, with new: String, of user: ID, _ write: WriteContext
  ) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        update second_factors set secret = \(new) where user_id = \(user) and secret = \(old)
        returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Stores a secret that is to be confirmed. It replaces one that was not confirmed.
  /// - Returns: `false` when a second factor is on.
  func begin(_ secret: String, of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        insert into second_factors (user_id, secret) values (\(user), \(secret))
        on conflict (user_id) do update set secret = excluded.secret, last_step = 0
        where second_factors.enabled_at is null
        returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Turns the second factor on.
  /// - Parameters:
  ///   - secret: The secret that the code was computed from.
  ///   - step: The time step of the code.
  /// - Returns: `false` when it is on already, or another secret was stored at the same time.
  func confirm(
    _ secret: String, of user: ID, step: Int64, recoveryHashes: [String], at now: Instant,
    _ write: WriteContext
  ) async throws -> Bool {
    let isPending: SQL = "user_id = \(user) and secret = \(secret) and enabled_at is null"
    let rows = try await database.transact(
      // The first statement locks the row, so that the second of two confirmations finds it confirmed.
      ["update second_factors set last_step = \(step) where \(part: isPending)"]
        + recoveryHashes.map { hash in
          """
          insert into recovery_codes (user_id, code_hash)
          select user_id, \(hash) from second_factors where \(part: isPending)
          """
        } + [
          // Before the last statement, while the factor is pending.
          JobStore.enqueue(
            .factorEnabled, of: "\(user)",
            where: "exists (select 1 from second_factors where \(part: isPending))", at: now),
          "update second_factors set enabled_at = \(now) where \(part: isPending) returning user_id",
        ], in: write)
    return rows.last?.isEmpty == false
  }

  /// Uses the code of a time step.
  /// - Returns: `false` when a code of this or a later step was used before.
  func use(step: Int64, of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        update second_factors set last_step = \(step) where user_id = \(user) and last_step < \(step)
        returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Uses a recovery code.
  /// - Returns: `false` when it does not exist or was used before.
  func use(recoveryHash: String, of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        delete from recovery_codes where user_id = \(user) and code_hash = \(recoveryHash) returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Turns the second factor off, confirmed or not.
  /// - Returns: `false` when the user had none.
  @discardableResult func remove(of user: ID, at now: Instant, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        JobStore.enqueue(
          .factorRemoved, of: "\(user)",
          where: """
            exists (select 1 from second_factors where user_id = \(user) and enabled_at is not null)
            """, at: now),
        // This deletes the recovery codes too.
        "delete from second_factors where user_id = \(user) returning user_id",
      ], in: write)
    return !rows[1].isEmpty
  }
}
