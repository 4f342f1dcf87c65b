import KittyShared

/// The beginning and the end of sessions. An end is in effect on every server before the function returns.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any CacheInvalidation)?
  let clock: @Sendable () -> Instant

  /// Maximum age of a session.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Begins a session of a user whose password or key was verified.
  /// - Parameters:
  ///   - device: The name of the device.
  ///   - key: The key that signed; the session ends with it.
  ///   - renewedHash: A new hash of the password to store, if the old one was made at another cost.
  ///   - deviceToken: The device token to keep.
  ///   - client: The address of the client, where its requests come from another one.
  ///   - lifetime: The age at which it expires.
  /// - Returns: The session with its secret, of which only the hash is stored; `nil` when the password was changed or the
  ///   user was disabled since.
  func begin(
    for credentials: UserStore.Credentials, device: String?, key: ID? = nil, renewedHash: String? = nil,
    deviceToken: String? = nil, client: String? = nil, lifetime: Duration = Self.lifetime,
    _ write: WriteContext
  ) async throws -> (id: ID, token: String, expires: Instant)? {
    let now = clock()
    let token = try BearerToken.forSession()
    let id = ID(at: now)
    let expires = now.advanced(by: lifetime)
    let ended = try await write.changing([.sessions], in: cache) {
      try await store.insert(
        id: id, tokenHash: BearerToken(token).hash, user: credentials.user.id, device: device, key: key,
        client: client,
        passwordHash: credentials.passwordHash, renewedHash: renewedHash,
        deviceTokenHash: deviceToken.map { BearerToken($0).hash }, at: now, expires: expires, write)
    } changed: {
      ($0 ?? []).map(CacheTag.session)
    }
    guard ended != nil else { return nil }
    return (id, token, expires)
  }

  /// Runs a change of a user that ends sessions or memberships, and invalidates them.
  /// - Parameter tags: All that the change may end.
  func revoking(
    _ write: WriteContext, ending tags: [CacheTag] = [.sessions], _ change: () async throws -> Revocation?
  ) async throws -> Revocation? {
    try await write.changing(tags, in: cache, change) { $0?.tags ?? [] }
  }

  /// Runs a change of a user that is cached with their sessions and API tokens, and invalidates these.
  func changing<Result>(
    _ user: ID, _ write: WriteContext, _ change: () async throws -> Result
  ) async throws -> Result {
    let (result, _) = try await write.changing([.sessions], in: cache) {
      let result = try await change()
      return (result, try await store.allHashes(of: user))
    } changed: { (_, hashes) in
      hashes.map(CacheTag.session)
    }
    return result
  }

  /// Ends some sessions of a user.
  /// - Returns: `false` when there were none.
  func end(_ choice: SessionChoice, of user: ID, _ write: WriteContext) async throws -> Bool {
    let ended = try await write.changing([.sessions], in: cache) {
      try await store.delete(choice, of: user, write)
    } changed: {
      $0.map(CacheTag.session)
    }
    return !ended.isEmpty
  }

  /// Ends sessions that began with a key of ssh.
  func endThoseOfKeys(_ sessions: [ID], _ write: WriteContext) async throws {
    _ = try await write.changing([.sessions], in: cache) {
      try await store.deleteThoseOfKeys(sessions, write)
    } changed: {
      $0.map(CacheTag.session)
    }
  }
}

extension Revocation {
  /// The tags of the ended sessions and API tokens, and of the groups that their user left.
  fileprivate var tags: [CacheTag] { tokens.map(CacheTag.session) + groups.flatMap { CacheTag.tags(of: $0) } }
}
