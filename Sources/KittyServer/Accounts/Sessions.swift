import KittyShared
import Sodium

/// Sign-ins: tokens, and who they belong to.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any Cache)?
  let clock: @Sendable () -> Instant

  /// How long a session lasts.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Makes a session for the user.
  /// - Returns: Its id, the token, which is kept nowhere, and when it expires.
  func begin(for user: ID) async throws -> (id: ID, token: String, expires: Instant) {
    let now = clock()
    let token = "kitty_" + base64URL(try randomBytes(count: 32))
    let id = ID(at: now)
    let expires = now.advanced(by: Self.lifetime)
    try await store.insert(id: id, tokenHash: Self.hash(token), user: user, at: now, expires: expires)
    return (id, token, expires)
  }

  /// Ends the session, on every copy of the server before this returns.
  func end(_ principal: Principal) async throws {
    do { try await store.delete(principal.session) } catch {
      // It may have been done all the same.
      await cache?.outdate([.session(principal.tokenHash)])
      throw error
    }
    await cache?.outdate([.session(principal.tokenHash)])
  }

  /// What is kept of a token.
  static func hash(_ token: String) -> String { hex(SHA256.hash(Array(token.utf8))) }
}
