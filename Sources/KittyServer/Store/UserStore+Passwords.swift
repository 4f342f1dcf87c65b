import KittyShared

/// Changes of a user that end sessions: a new password, and disabling.
extension UserStore {
  /// Sets the password of a user if the hash is still the one that was verified.
  /// - Parameters:
  ///   - old: The hash that was verified.
  ///   - session: The session that remains.
  /// - Returns: The ended sessions; `nil` when nothing was changed.
  func setPassword(
    of user: ID, from old: String, to hash: String, keeping session: ID, at now: Instant,
    _ write: WriteContext
  ) async throws -> Revocation? {
    try await setPassword(
      hash, of: "\(user)", where: "password_hash = \(old)", keeping: session, .passwordChanged, at: now, write
    )
  }

  /// Sets the password of the user with a name, for an administrator.
  /// - Returns: The ended sessions and API tokens; `nil` when no user has this name.
  func setPassword(
    of name: String, to hash: String, at now: Instant, _ write: WriteContext
  ) async throws -> Revocation? {
    try await setPassword(
      hash, of: "(select id from users where name = \(name))", where: "true", .passwordSet, at: now, write)
  }

  /// Sets the password of the user to whom a token was mailed, and uses the token.
  /// - Returns: The ended sessions and API tokens; `nil` when the token cannot be used.
  func setPassword(
    token tokenHash: String, to hash: String, at now: Instant, _ write: WriteContext
  ) async throws -> Revocation? {
    let use = ID(at: now)
    return try await setPassword(
      hash, of: "(select user_id from password_resets where token_hash = \(tokenHash) and used_by = \(use))",
      where: "disabled_at is null",
      first: """
        update password_resets set used_by = \(use)
        where token_hash = \(tokenHash) and used_by is null and expires_at > \(now)
        """, .passwordReset, at: now, write)
  }

  /// Sets a password, ends sessions, and tells the user. Without a session that remains, the user had lost the account,
  /// perhaps to an attacker: then API tokens and keys of ssh end too.
  /// - Parameters:
  ///   - user: Selects the id of the user.
  ///   - session: The session that remains.
  ///   - first: The statement to run before.
  private func setPassword(
    _ hash: String, of user: SQL, where condition: SQL, keeping session: ID? = nil, first: SQL? = nil,
    _ notice: AccountNotice, at now: Instant, _ write: WriteContext
  ) async throws -> Revocation? {
    // Each hash has a salt of its own, so a user with this hash was changed by this transaction.
    let changed: SQL = "(select id from users where id = \(part: user) and password_hash = \(hash))"
    let rows = try await database.transact(
      [first ?? "select 1"] + [
        """
        update users set password_hash = \(hash),
          version = version + case when password_hash = \(UserStore.noPassword) then 1 else 0 end
        where id = \(part: user) and \(part: condition) returning id
        """,
        """
        delete from sessions where user_id = \(part: changed) and id <> \(session ?? ID.first)
        returning token_hash
        """,
        """
        delete from tokens where user_id = \(part: changed) and \(session == nil) returning token_hash
        """,
        // The last statement deletes the token, by which the user may be selected.
        JobStore.enqueue(notice, of: changed, at: now),
        "delete from password_resets where user_id = \(part: changed)",
        "delete from ssh_keys where user_id = \(part: changed) and \(session == nil)",
        // With a lost password the devices are in doubt; a user who knows the present one keeps them.
        "delete from device_tokens where user_id = \(part: changed) and \(session == nil)",
      ], in: write)
    guard !rows[1].isEmpty else { return nil }
    return Revocation(tokens: try Revocation.tokens(rows[2] + rows[3]), sessions: rows[2].count)
  }

  /// Disables a user and ends their sessions, or enables them.
  /// - Returns: The ended sessions, and the API tokens, which are valid only while their user is enabled; `nil` when no
  ///   user has this name.
  func setDisabled(
    _ isDisabled: Bool, name: String, at now: Instant, _ write: WriteContext
  ) async throws -> Revocation? {
    let user: SQL = "(select id from users where name = \(name) and disabled_at is not null)"
    let rows = try await database.transact(
      [
        """
        update users set disabled_at = case when \(isDisabled) then coalesce(disabled_at, \(now)) else null end
        where name = \(name) returning id
        """,
        "delete from sessions where user_id = \(part: user) returning token_hash",
        "delete from password_resets where user_id = \(part: user)",
        "select token_hash from tokens where user_id = (select id from users where name = \(name))",
        "delete from device_tokens where user_id = \(part: user)",
      ], in: write)
    return rows[0].isEmpty
      ? nil : Revocation(tokens: try Revocation.tokens(rows[1] + rows[3]), sessions: rows[1].count)
  }
}
