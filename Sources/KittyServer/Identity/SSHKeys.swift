import KittyShared
import POSIX

/// The public keys of users, and signing in with them.
struct SSHKeys: Sendable {
  let store: SSHKeyStore
  let sessions: Sessions
  /// The host of `PUBLIC_URL`; `nil` without one.
  let publicHost: String?

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
  /// - Throws: `Rejection` for the last key of an account without a password.
  func remove(_ key: ID, of user: ID, _ write: WriteContext) async throws -> Bool {
    let ended = try await write.changing([.sessions], in: sessions.cache) {
      try await store.delete(key, of: user, write)
    } changed: {
      ($0 ?? []).map(CacheTag.session)
    }
    if ended == nil, try await store.find(key, of: user) != nil {
      throw Rejection.conflict(
        "last_key",
        "This is the only way to sign in: the account has no password and no other key. Add another key or set a password first."
      )
    }
    return ended != nil
  }

  /// Returns the hosts that a signature may name: that of `PUBLIC_URL`, and this machine. The host of a request counts only
  /// there: a server that passes a challenge on writes the request, and so its `Host`.
  private func hosts(of request: String) -> [String] {
    let host = SignInChallenge.host(of: request).lowercased()
    return [publicHost, LoopbackHost.contains(host) ? host : nil].compactMap { $0 }
  }

  /// Makes a challenge.
  /// - Parameter authority: The authority of the request.
  /// - Throws: `Rejection` when no signature could be accepted.
  func challenge(authority: String, at now: Instant, _ write: WriteContext) async throws -> SignInChallenge {
    guard !hosts(of: authority).isEmpty else {
      throw Rejection.conflict(
        "no_public_url",
        "This server does not know its own address, so it accepts no signatures. Sign in with the password, or ask its operator to set PUBLIC_URL."
      )
    }
    let text = try BearerToken.forChallenge()
    let expires = now.advanced(by: Self.challengeLifetime)
    try await store.insert(challengeHash: BearerToken(text).hash, at: now, expires: expires, write)
    return SignInChallenge(challenge: text, expiresAt: expires)
  }

  /// Checks a sign-in, and uses its challenge up.
  /// - Parameter authority: The authority of the request.
  /// - Returns: The key that signed; `nil` when anything is wrong.
  func verify(
    _ input: NewKeySession, authority: String, at now: Instant, _ write: WriteContext
  ) async throws -> SSHPublicKey? {
    // A challenge that was shown once is not used again, even after a wrong signature.
    guard try await store.use(challengeHash: BearerToken(input.challenge).hash, at: now, write) else {
      return nil
    }
    guard let signature = SSHSignature(armored: input.signature) else { return nil }
    let isRight = hosts(of: authority).contains { host in
      let message = SignInChallenge.message(host: host, name: input.name, challenge: input.challenge)
      return signature.isRight(for: message, namespace: SignInChallenge.namespace)
    }
    return isRight ? signature.key : nil
  }

  private static func name(_ given: String?, _ comment: String, _ key: SSHPublicKey) -> String {
    if let given { return given.trimmed }
    var checks = FieldChecks()
    checks.text(comment, "name", max: SSHKey.maxName)
    return checks.errors.isEmpty ? comment : key.type
  }
}
