import KittyShared

/// Second factors as rows: the key of the one-time codes, and hashes of the recovery codes.
struct SecondFactorStore: Sendable {
  let database: any Database

  /// A user's second factor.
  struct Known: Sendable {
    let secret: String
    /// `nil` until it was confirmed.
    let enabledAt: Instant?
    let recoveryCodesLeft: Int
  }

  func find(of user: ID) async throws -> Known? {
    try await database.read(
      """
      select secret, enabled_at, (select count(*) from recovery_codes where user_id = \(user))
      from second_factors where user_id = \(user)
      """
    ).first.map {
      let (secret, enabled, left) = try $0.decode(String.self, Instant?.self, Int.self)
      return Known(secret: secret, enabledAt: enabled, recoveryCodesLeft: left)
    }
  }

  /// Keeps a secret that is to be confirmed, instead of one that never was.
  /// - Returns: Whether it was kept: not when a second factor is on.
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
  ///   - secret: The one that the code was made of.
  ///   - step: The time step of the code.
  /// - Returns: Whether it was done: not when it was on already, or another secret was given out meanwhile.
  func confirm(
    _ secret: String, of user: ID, step: Int64, recoveryHashes: [String], at now: Instant,
    _ write: WriteContext
  ) async throws -> Bool {
    let isPending: SQL = "user_id = \(user) and secret = \(secret) and enabled_at is null"
    let rows = try await database.transact(
      // The first statement holds the row, so that of two confirmations one finds it confirmed.
      ["update second_factors set last_step = \(step) where \(part: isPending)"]
        + recoveryHashes.map { hash in
          """
          insert into recovery_codes (user_id, code_hash)
          select user_id, \(hash) from second_factors where \(part: isPending)
          """
        } + [
          "update second_factors set enabled_at = \(now) where \(part: isPending) returning user_id"
        ], in: write)
    return rows.last?.isEmpty == false
  }

  /// Takes the code of a time step, if no code of it or of a later one was taken before.
  func take(step: Int64, of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        update second_factors set last_step = \(step) where user_id = \(user) and last_step < \(step)
        returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Takes a recovery code, if it is one that was not taken before.
  func take(recoveryHash: String, of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        """
        delete from recovery_codes where user_id = \(user) and code_hash = \(recoveryHash) returning user_id
        """
      ], in: write)
    return !rows[0].isEmpty
  }

  /// Turns the second factor off, whether or not it was confirmed.
  /// - Returns: Whether there was one.
  @discardableResult func remove(of user: ID, _ write: WriteContext) async throws -> Bool {
    let rows = try await database.transact(
      [
        // Its recovery codes go with it.
        "delete from second_factors where user_id = \(user) returning user_id"
      ], in: write)
    return !rows[0].isEmpty
  }
}
