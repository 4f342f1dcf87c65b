import KittyShared
import Logging
import Sodium

/// The second factor of a user: one-time codes of an app, and recovery codes for a user who has lost the app.
struct SecondFactors: Sendable {
  let store: SecondFactorStore
  let keys: SecretKeys
  let logger: Logger
  let clock: @Sendable () -> Instant

  /// Number of recovery codes.
  static let recoveryCodes = 10

  /// Makes a secret, which a code must confirm.
  /// - Throws: `Rejection` when a second factor is on.
  func begin(for user: User, _ write: WriteContext) async throws -> PendingSecondFactor {
    let totp = TOTP(key: try randomBytes(count: TOTP.keyLength))
    guard try await store.begin(try keys.seal(totp.key, of: user.id), of: user.id, write) else {
      throw Self.isOn
    }
    return PendingSecondFactor(secret: base32(totp.key), uri: totp.uri(user: user.name))
  }

  /// Turns the second factor on with a code of its secret.
  /// - Returns: The recovery codes, of which only the hashes are stored.
  /// - Throws: `Rejection` when there is no secret to confirm, when the second factor is on, and for a wrong code.
  func confirm(_ code: String, of user: ID, _ write: WriteContext) async throws -> RecoveryCodes {
    guard let factor = try await store.find(of: user) else {
      throw Rejection.conflict(
        "second_factor_not_begun", "Ask for a secret first: POST /v1/me/second-factor.")
    }
    guard factor.enabledAt == nil else { throw Self.isOn }
    let now = clock()
    guard let step = try totp(factor, of: user).step(of: Self.normalized(code), at: now) else {
      throw Rejection.invalid([Self.wrongCode])
    }
    let codes = try (0..<Self.recoveryCodes).map { _ in try Self.recoveryCode() }
    guard
      try await store.confirm(
        factor.secret, of: user, step: step, recoveryHashes: codes.map(Self.recoveryHash), at: now, write)
    else { throw Self.isOn }
    return RecoveryCodes(recoveryCodes: codes)
  }

  /// Checks the code of a sign-in. Call it after the password was verified: without the password, a client must not learn
  /// whether there is a second factor.
  /// - Parameter note: Called with the event when a code is used, also a second time.
  /// - Throws: `Rejection`: `second_factor_needed` without a code, `wrong_code` for a wrong one.
  func require(
    _ code: String?, of user: ID, _ write: WriteContext, note: (SecurityEvent) -> Void
  ) async throws {
    guard let factor = try await store.find(of: user), factor.enabledAt != nil else { return }
    guard let code else { throw Rejection.secondFactorNeeded }
    guard try await use(code, of: user, factor, write, note: note) else {
      throw Rejection(
        .unauthenticated, "wrong_code", "The code is wrong", Self.wrongCode.message, errors: [Self.wrongCode])
    }
  }

  /// Turns the second factor off with a code.
  /// - Throws: `Rejection` when it is not on, and for a wrong code.
  func remove(
    _ code: String, of user: ID, _ write: WriteContext, note: (SecurityEvent) -> Void
  ) async throws {
    guard let factor = try await store.find(of: user), factor.enabledAt != nil else {
      throw Rejection.notFound("second factor")
    }
    guard try await use(code, of: user, factor, write, note: note) else {
      throw Rejection.invalid([Self.wrongCode])
    }
    try await store.remove(of: user, at: clock(), write)
  }

  /// Returns the state of the second factor.
  func state(of user: ID) async throws -> SecondFactor {
    guard let factor = try await store.find(of: user), factor.enabledAt != nil else {
      return SecondFactor(enabledAt: nil, recoveryCodesLeft: 0)
    }
    return SecondFactor(enabledAt: factor.enabledAt, recoveryCodesLeft: factor.recoveryCodesLeft)
  }

  /// Uses a one-time code or a recovery code, so that it cannot be used again.
  /// - Returns: `false` for a wrong or used code.
  private func use(
    _ code: String, of user: ID, _ factor: SecondFactorStore.StoredFactor, _ write: WriteContext,
    note: (SecurityEvent) -> Void
  ) async throws -> Bool {
    let code = Self.normalized(code)
    guard code.utf8.count == TOTP.digits else {
      let isUsed = try await store.use(recoveryHash: Self.recoveryHash(code), of: user, write)
      if isUsed { note(.factorUsed) }
      return isUsed
    }
    guard let step = try totp(factor, of: user).step(of: code, at: clock()) else { return false }
    let isUsed = try await store.use(step: step, of: user, write)
    note(isUsed ? .factorUsed : .factorReplayed)
    return isUsed
  }

  private func totp(_ factor: SecondFactorStore.StoredFactor, of user: ID) throws -> TOTP {
    do { return TOTP(key: try keys.open(factor.secret, of: user)) } catch let unreadable
      as SecretKeys.Unreadable
    {
      logger.error("second factor", metadata: ["user": "\(user)", "fault": "\(unreadable)"])
      throw Rejection.unavailable("Your second factor cannot be read. Ask the administrator of this server.")
    }
  }

  /// Seals the secrets with the present key that are stored as they are, or sealed with a former key.
  /// - Returns: The number of secrets that were sealed, and of those that no key opens.
  func reseal(_ write: WriteContext) async throws -> (sealed: Int, unreadable: Int) {
    var outcome = (sealed: 0, unreadable: 0)
    var last: ID?
    while true {
      // Without a key, only those that are sealed matter: none of them can be read.
      let found = try await store.secrets(withoutPrefix: keys.prefix, after: last, limit: 100)
      for (user, secret) in found {
        do {
          let text = try keys.seal(try keys.open(secret, of: user), of: user)
          if !keys.isEmpty, try await store.replace(secret, with: text, of: user, write) {
            outcome.sealed += 1
          }
        } catch is SecretKeys.Unreadable {
          outcome.unreadable += 1
        }
      }
      guard let user = found.last?.user else { return outcome }
      last = user
    }
  }

  /// Returns the number of secrets that no key opens.
  func unreadable() async throws -> Int {
    var (count, last): (Int, ID?) = (0, nil)
    while true {
      let found = try await store.secrets(withoutPrefix: nil, after: last, limit: 100)
      count += found.count { (try? keys.open($0.secret, of: $0.user)) == nil }
      guard let user = found.last?.user else { return count }
      last = user
    }
  }

  /// Makes a recovery code: six groups of four letters and digits. Its 120 random bits make a plain hash safe.
  private static func recoveryCode() throws -> String {
    let letters = Array(base32(try randomBytes(count: 15)).lowercased())
    return stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<$0 + 4]) }
      .joined(separator: "-")
  }

  private static func recoveryHash(_ code: String) -> String {
    hex(SHA256.hash(Array(normalized(code).utf8)))
  }

  /// Returns a code in the form in which codes are compared: in lower case, without spaces and dashes.
  private static func normalized(_ code: String) -> String {
    String(code.lowercased().filter { !$0.isWhitespace && $0 != "-" })
  }

  private static let isOn = Rejection.conflict(
    "second_factor_on", "A second factor is on already. Remove it before you set up another.")

  private static let wrongCode = FieldError(
    field: "code", code: "wrong_code",
    message: "This code is wrong, or was used before. Wait for the next one, or use a recovery code.")
}
