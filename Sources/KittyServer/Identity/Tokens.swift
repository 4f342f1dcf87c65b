import KittyShared

/// API tokens: made, and revoked on every server.
struct Tokens: Sendable {
  let store: TokenStore
  let cache: (any CacheInvalidation)?

  /// Makes a token of a user.
  /// - Returns: The token with its secret, of which only the hash is stored.
  /// - Throws: `Rejection` for an expiry in the past, for a group that the user is not a member of, and when the user has
  ///   the maximum number of tokens.
  func make(
    _ new: NewToken, id: ID, for user: ID, at now: Instant, _ write: WriteContext
  ) async throws -> APIToken {
    if let expires = new.expiresAt, expires <= now {
      throw Rejection.invalid("expiresAt", "in_the_past", "The token must expire in the future.")
    }
    if let group = new.group {
      guard try await store.isMember(user, of: group) else {
        throw Rejection.invalid("group", "not_a_member", "You are not in a group with this id.")
      }
    }
    let secret = try BearerToken.forAPIToken()
    var token = APIToken(
      id: id, name: new.name.trimmed, scopes: TokenScope.allCases.filter(new.scopes.contains),
      group: new.group, createdAt: now, expiresAt: new.expiresAt)
    guard try await store.insert(token, secretHash: BearerToken(secret).hash, user: user, write) else {
      throw Rejection.conflict(
        "too_many_tokens",
        "You have \(TokenStore.limit) API tokens, which is the maximum. Revoke one that is no longer used.")
    }
    token.token = secret
    return token
  }

  /// Revokes all tokens of a user, on every server before this returns.
  func revokeAll(of user: ID, _ write: WriteContext) async throws {
    _ = try await write.changing([.sessions], in: cache) {
      try await store.deleteAll(of: user, write)
    } changed: {
      $0.map(CacheTag.session)
    }
  }

  /// Revokes a token, on every server before this returns.
  /// - Returns: `false` when it did not exist.
  func revoke(_ token: ID, of user: ID, _ write: WriteContext) async throws -> Bool {
    guard let hash = try await store.hash(token, of: user) else { return false }
    try await write.changing([.session(hash)], in: cache) {
      try await store.delete(token, of: user, write)
    } changed: {
      [.session(hash)]
    }
    return true
  }
}
