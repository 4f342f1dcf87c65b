import KittyShared

/// Sign-ins: tokens, and who they belong to.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any CacheInvalidation)?
  let clock: @Sendable () -> Instant

  /// How long a session lasts.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Makes a session for the user, whose password was found to be right.
  /// - Parameters:
  ///   - device: What it is begun with.
  ///   - renewed: What is kept of the password from now on, when that is to change.
  /// - Returns: Its id, the token, which is kept nowhere, and when it expires; `nil` when the password was
  ///   changed or the user was disabled meanwhile.
  func begin(
    for credentials: UserStore.Credentials, device: String?, renewed: String?, _ write: WriteContext
  ) async throws -> (id: ID, token: String, expires: Instant)? {
    let now = clock()
    let token = try BearerToken.ofSession()
    let id = ID(at: now)
    let expires = now.advanced(by: Self.lifetime)
    let isBegun = try await store.insert(
      id: id, tokenHash: BearerToken(token).hash, user: credentials.user.id, device: device,
      passwordHash: credentials.passwordHash, renewed: renewed, at: now, expires: expires, write)
    return isBegun ? (id, token, expires) : nil
  }

  /// Does what ends sessions, or what somebody is in groups: every copy of the server knows before this
  /// returns.
  func ending(_ body: () async throws -> UserStore.Ended?) async throws -> UserStore.Ended? {
    do {
      let ended = try await body()
      if let ended { await cache?.invalidate(sessions: ended.tokens, groups: ended.groups) }
      return ended
    } catch let failure as DatabaseFailure {
      // It may have been done all the same, and whose tokens it were is not known.
      await cache?.invalidateAll()
      throw failure
    }
  }

  /// Ends sessions, on every copy of the server before this returns.
  /// - Returns: Whether there were any.
  func end(_ which: SessionChoice, of user: ID, _ write: WriteContext) async throws -> Bool {
    let known = try await store.hashes(which, of: user)
    do {
      let ended = try await store.delete(which, of: user, write)
      await cache?.invalidate(sessions: Set(known + ended))
      return !ended.isEmpty
    } catch {
      // It may have been done all the same.
      await cache?.invalidate(sessions: known)
      throw error
    }
  }
}
