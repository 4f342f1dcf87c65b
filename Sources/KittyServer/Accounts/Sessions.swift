import FoundationEssentials
import KittyShared
import Sodium

/// Sign-ins: tokens, and who they belong to.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: any Cache
  let clock: @Sendable () -> Instant

  /// How long a session lasts.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)
  /// How long the cache may answer for the database.
  private static let cached: Duration = .seconds(30)
  /// What the cache has in the place of a session that was ended: longer than any look-up takes, so that
  /// one under way cannot put the ended session back.
  private static let ended = "ended"

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

  /// Who the token belongs to; `nil` when it is unknown, ended or expired.
  func principal(token: String) async throws -> Principal? {
    let hash = Self.hash(token)
    let key = "session:" + hash
    let now = clock()
    if let known = await cache.value(for: key) {
      if known == Self.ended { return nil }
      if let principal = try? JSON.decode(Principal.self, from: Data(known.utf8)), principal.expires > now {
        return principal
      }
    }
    guard let principal = try await store.find(tokenHash: hash, at: now) else { return nil }
    let json = String(decoding: try JSON.encode(principal), as: UTF8.self)
    await cache.set(json, for: key, ttl: Self.cached, unlessPresent: true)
    return principal
  }

  /// Ends the session.
  func end(_ principal: Principal) async throws {
    try await store.delete(principal.session)
    await cache.set(
      Self.ended, for: "session:" + principal.tokenHash, ttl: Self.cached * 2, unlessPresent: false)
  }

  private static func hash(_ token: String) -> String { hex(SHA256.hash(Array(token.utf8))) }
}
