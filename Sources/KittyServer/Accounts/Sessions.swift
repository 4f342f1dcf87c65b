import KittyShared

/// Sign-ins: tokens, and who they belong to.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any Cache)?
  let clock: @Sendable () -> Instant

  /// How long a session lasts.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Makes a session for the user.
  /// - Parameter device: What it is begun with.
  /// - Returns: Its id, the token, which is kept nowhere, and when it expires.
  func begin(for user: ID, device: String?) async throws -> (id: ID, token: String, expires: Instant) {
    let now = clock()
    let token = try Secret.ofSession()
    let id = ID(at: now)
    let expires = now.advanced(by: Self.lifetime)
    try await store.insert(
      id: id, tokenHash: Secret(token).hash, user: user, device: device, at: now, expires: expires)
    return (id, token, expires)
  }

  /// Ends sessions, on every copy of the server before this returns.
  /// - Returns: Whether there were any.
  func end(_ which: SessionChoice, of user: ID) async throws -> Bool {
    let known = try await store.hashes(which, of: user)
    do {
      let ended = try await store.delete(which, of: user)
      await cache?.outdate(Set(known + ended).map(Scope.session))
      return !ended.isEmpty
    } catch {
      // It may have been done all the same.
      await cache?.outdate(known.map(Scope.session))
      throw error
    }
  }
}
