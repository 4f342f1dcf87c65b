import KittyShared

/// API tokens: made, and revoked on every copy of the server.
struct Tokens: Sendable {
  let store: TokenStore
  let cache: (any CacheInvalidation)?

  /// Makes a token for the user.
  /// - Returns: The token with its secret, which is kept nowhere.
  /// - Throws: `Rejection` for an expiry in the past or a group that the user is not in, 409 when they have as
  ///   many as they may.
  func make(_ new: NewToken, id: ID, for user: ID, at now: Instant, _ write: WriteContext) async throws
    -> APIToken
  {
    if let expires = new.expiresAt, expires <= now {
      throw Rejection.invalid("expiresAt", "in_the_past", "Write an instant that is still to come.")
    }
    if let group = new.group {
      guard try await store.isMember(user, of: group) else {
        throw Rejection.invalid("group", "not_a_member", "You are not in a group with this id.")
      }
    }
    let secret = try BearerToken.ofToken()
    var token = APIToken(
      id: id, name: new.name.trimmed, scopes: TokenScope.allCases.filter(new.scopes.contains),
      group: new.group, createdAt: now, expiresAt: new.expiresAt)
    guard try await store.insert(token, secretHash: BearerToken(secret).hash, user: user, write) else {
      throw Rejection.conflict(
        "too_many_tokens", "You have \(TokenStore.limit) API tokens. Revoke one that is no longer used.")
    }
    token.token = secret
    return token
  }

  /// Revokes a token, on every copy of the server before this returns.
  /// - Returns: Whether there was one.
  func revoke(_ token: ID, of user: ID, _ write: WriteContext) async throws -> Bool {
    guard let hash = try await store.hash(token, of: user) else { return false }
    do { try await store.delete(token, of: user, write) } catch {
      // It may have been done all the same.
      await cache?.invalidate(sessions: [hash])
      throw error
    }
    await cache?.invalidate(sessions: [hash])
    return true
  }
}
