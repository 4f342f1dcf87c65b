import KittyShared

/// The public keys of users, and signing in with them.
struct SSHKeys: Sendable {
  let store: SSHKeyStore
  let sessions: Sessions

  /// Lifetime of a challenge.
  static let challengeLifetime: Duration = .seconds(120)

  /// Adds a key to a user.
  /// - Throws: `Rejection` for a text that is no key, a key that is not accepted or belongs to an account, and when the
  ///   user has the maximum number of keys.
  func add(_ new: NewSSHKey, id: ID, to user: ID, at now: Instant, _ write: WriteContext) async throws
    -> SSHKey
  {
    let (key, comment) = try SSHPublicKey.read(line: new.key)
    let added = SSHKey(
      id: id, name: Self.name(new.name, comment, key), type: key.type, fingerprint: key.fingerprint,
      createdAt: now)
    guard try await store.insert(added, of: user, write) else {
      throw Rejection.conflict(
        "too_many_keys",
        "You have \(SSHKeyStore.limit) keys, which is the maximum. Remove one that is not used.")
    }
    return added
  }

  /// Removes a key, and ends the sessions that it began, on every server before this returns.
  /// - Returns: `false` when there was no such key.
  func remove(_ key: ID, of user: ID, at now: Instant, _ write: WriteContext) async throws -> Bool {
    let ended = try await write.changing([.sessions], in: sessions.cache) {
      try await store.delete(key, of: user, at: now, write)
    } changed: {
      ($0 ?? []).map(CacheTag.session)
    }
    return ended != nil
  }

  /// Makes a challenge.
  func challenge(at now: Instant, _ write: WriteContext) async throws -> SignInChallenge {
    let text = try BearerToken.forChallenge()
    let expires = now.advanced(by: Self.challengeLifetime)
    try await store.insert(challengeHash: BearerToken(text).hash, at: now, expires: expires, write)
    return SignInChallenge(challenge: text, expiresAt: expires)
  }

  /// Checks a sign-in, and uses its challenge up.
  /// - Parameter host: The host of this server, as the client wrote it.
  /// - Returns: The key that signed; `nil` when anything is wrong.
  func verify(
    _ input: NewKeySession, host: String, at now: Instant, _ write: WriteContext
  ) async throws -> SSHPublicKey? {
    // A challenge that was shown once is not used again, even after a wrong signature.
    guard try await store.use(challengeHash: BearerToken(input.challenge).hash, at: now, write) else {
      return nil
    }
    let message = SignInChallenge.message(host: host, name: input.name, challenge: input.challenge)
    guard let signature = SSHSignature(armored: input.signature),
      signature.isRight(for: message, namespace: SignInChallenge.namespace)
    else { return nil }
    return signature.key
  }

  private static func name(_ given: String?, _ comment: String, _ key: SSHPublicKey) -> String {
    if let given { return given.trimmed }
    var checks = FieldChecks()
    checks.text(comment, "name", max: SSHKey.maxName)
    return checks.errors.isEmpty ? comment : key.type
  }
}
