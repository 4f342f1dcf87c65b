import KittyShared

/// The beginning and the end of sessions. An end is in effect on every server before the function returns.
struct Sessions: Sendable {
  let store: SessionStore
  let cache: (any CacheInvalidation)?
  let clock: @Sendable () -> Instant

  /// Maximum age of a session.
  static let lifetime: Duration = .seconds(30 * 24 * 3600)

  /// Begins a session of a user whose password was verified.
  /// - Parameters:
  ///   - device: The name of the device.
  ///   - renewedHash: A new hash of the password to store, if the old one was made at another cost.
  ///   - deviceToken: The device token to keep.
  /// - Returns: The session with its secret, of which only the hash is stored; `nil` when the password was changed or the
  ///   user was disabled since.
  func begin(
    for credentials: UserStore.Credentials, device: String?, renewedHash: String?,
    deviceToken: String, _ write: WriteContext
  ) async throws -> (id: ID, token: String, expires: Instant)? {
    let now = clock()
    let token = try BearerToken.forSession()
    let id = ID(at: now)
    let expires = now.advanced(by: Self.lifetime)
    let ended = try await store.insert(
      id: id, tokenHash: BearerToken(token).hash, user: credentials.user.id, device: device,
      passwordHash: credentials.passwordHash, renewedHash: renewedHash,
      deviceTokenHash: BearerToken(deviceToken).hash, at: now, expires: expires, write)
    guard let ended else { return nil }
    await cache?.invalidate(sessions: ended)
    return (id, token, expires)
  }

  /// Runs a change of a user that ends sessions or memberships, and invalidates their caches.
  func revoking(_ change: () async throws -> Revocation?) async throws -> Revocation? {
    do {
      let revocation = try await change()
      if let revocation {
        await cache?.invalidate(sessions: revocation.tokens, groups: revocation.groups)
      }
      return revocation
    } catch let rejection as Rejection {
      throw rejection
    } catch {
      // The change may have been committed all the same, and the ended sessions are not known.
      await cache?.invalidateAll()
      throw error
    }
  }

  /// Runs a change of a user that is cached with their sessions and API tokens, and invalidates these.
  func changing<Result>(_ user: ID, _ change: () async throws -> Result) async throws -> Result {
    do {
      let result = try await change()
      await cache?.invalidate(sessions: try await store.allHashes(of: user))
      return result
    } catch let rejection as Rejection {
      throw rejection
    } catch {
      // The change may have been committed all the same.
      await cache?.invalidateAll()
      throw error
    }
  }

  /// Ends some sessions of a user.
  /// - Returns: `false` when there were none.
  func end(_ choice: SessionChoice, of user: ID, _ write: WriteContext) async throws -> Bool {
    let hashes = try await store.hashes(choice, of: user)
    do {
      let ended = try await store.delete(choice, of: user, write)
      await cache?.invalidate(sessions: Set(hashes + ended))
      return !ended.isEmpty
    } catch {
      // They may have ended all the same.
      await cache?.invalidate(sessions: hashes)
      throw error
    }
  }
}
