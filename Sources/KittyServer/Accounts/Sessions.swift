import KittyShared
import Sodium

/// Sign-ins: tokens, and who they belong to.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any Cache)?
  let clock: @Sendable () -> Instant

  /// How long a session lasts.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Makes a session for the user, whose password was found to be right.
  /// - Parameter renewed: What is kept of the password from now on, when that is to change.
  /// - Returns: Its id, the token, which is kept nowhere, and when it expires; `nil` when the password was
  ///   changed or the user was disabled meanwhile.
  func begin(
    for credentials: UserStore.Credentials, renewed: String?
  ) async throws -> (id: ID, token: String, expires: Instant)? {
    let now = clock()
    let token = "kitty_" + base64URL(try randomBytes(count: 32))
    let id = ID(at: now)
    let expires = now.advanced(by: Self.lifetime)
    let isBegun = try await store.insert(
      id: id, tokenHash: Self.hash(token), user: credentials.user.id,
      passwordHash: credentials.passwordHash, renewed: renewed, at: now, expires: expires)
    return isBegun ? (id, token, expires) : nil
  }

  /// Does what ends sessions, or what somebody is in groups: every copy of the server knows before this
  /// returns.
  func ending(_ body: () async throws -> UserStore.Ended?) async throws -> UserStore.Ended? {
    do {
      let ended = try await body()
      if let ended { await cache?.outdate(ended.scopes) }
      return ended
    } catch let failure as DatabaseFailure {
      // It may have been done all the same, and whose tokens it were is not known.
      await cache?.outdate([.all])
      throw failure
    }
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
