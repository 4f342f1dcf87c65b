import KittyShared
import Sodium

/// The second factor: one-time codes of an app, and recovery codes for when the app is lost.
struct SecondFactors: Sendable {
  let store: SecondFactorStore
  let clock: @Sendable () -> Instant

  static let recoveryCodes = 10

  /// Gives out a secret that is to be confirmed.
  /// - Throws: `Rejection` when a second factor is on.
  func begin(for user: User, _ write: WriteContext) async throws -> PendingSecondFactor {
    let totp = TOTP(key: try randomBytes(count: TOTP.keyLength))
    guard try await store.begin(hex(totp.key), of: user.id, write) else { throw Self.isOn }
    return PendingSecondFactor(secret: base32(totp.key), uri: totp.uri(account: user.name))
  }

  /// Turns it on with a code of the secret.
  /// - Returns: The recovery codes, which are kept nowhere.
  /// - Throws: `Rejection` when there is nothing to confirm, 422 for a wrong code.
  func confirm(_ code: String, of user: ID, _ write: WriteContext) async throws -> RecoveryCodes {
    guard let known = try await store.find(of: user) else {
      throw Rejection.conflict(
        "second_factor_not_begun", "Ask for a secret first: POST /v1/me/second-factor.")
    }
    guard known.enabledAt == nil else { throw Self.isOn }
    let now = clock()
    guard let step = try Self.totp(known).step(of: Self.plain(code), at: now) else {
      throw Rejection.invalid([Self.wrongCode])
    }
    let codes = try (0..<Self.recoveryCodes).map { _ in try Self.recoveryCode() }
    guard
      try await store.confirm(
        known.secret, of: user, step: step, recoveryHashes: codes.map(Self.recoveryHash), at: now, write)
    else { throw Self.isOn }
    return RecoveryCodes(recoveryCodes: codes)
  }

  /// Asks for the code that signing in needs, after the password was right: who does not know the password does
  /// not learn whether there is a second factor.
  /// - Throws: `Rejection`: `second_factor_needed` without a code, `wrong_code` for one that does not fit.
  func require(_ code: String?, of user: ID, _ write: WriteContext) async throws {
    guard let known = try await store.find(of: user), known.enabledAt != nil else { return }
    guard let code else { throw Rejection.secondFactorNeeded }
    guard try await take(code, of: user, known, write) else {
      throw Rejection(
        .unauthenticated, "wrong_code", "The code is wrong", Self.wrongCode.message, errors: [Self.wrongCode])
    }
  }

  /// Turns it off with a code.
  /// - Throws: `Rejection` when it is not on, 422 for a wrong code.
  func remove(_ code: String, of user: ID, _ write: WriteContext) async throws {
    guard let known = try await store.find(of: user), known.enabledAt != nil else {
      throw Rejection.notFound("second factor")
    }
    guard try await take(code, of: user, known, write) else { throw Rejection.invalid([Self.wrongCode]) }
    try await store.remove(of: user, write)
  }

  /// Whether it is on.
  func state(of user: ID) async throws -> SecondFactor {
    guard let known = try await store.find(of: user), known.enabledAt != nil else {
      return SecondFactor(enabledAt: nil, recoveryCodesLeft: 0)
    }
    return SecondFactor(enabledAt: known.enabledAt, recoveryCodesLeft: known.recoveryCodesLeft)
  }

  /// Whether it is a code that may be used now; from then on it may not.
  private func take(_ code: String, of user: ID, _ known: SecondFactorStore.Known, _ write: WriteContext)
    async throws -> Bool
  {
    let code = Self.plain(code)
    guard code.utf8.count == TOTP.digits else {
      return try await store.take(recoveryHash: Self.recoveryHash(code), of: user, write)
    }
    guard let step = try Self.totp(known).step(of: code, at: clock()) else { return false }
    return try await store.take(step: step, of: user, write)
  }

  private static func totp(_ known: SecondFactorStore.Known) throws -> TOTP {
    guard let key = bytes(hex: known.secret) else { throw DatabaseFailure.fault("a secret is damaged") }
    return TOTP(key: key)
  }

  /// Four groups of four letters and digits: 80 random bits, so that a plain hash of it is safe to keep.
  private static func recoveryCode() throws -> String {
    let letters = Array(base32(try randomBytes(count: 10)).lowercased())
    return stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<$0 + 4]) }
      .joined(separator: "-")
  }

  private static func recoveryHash(_ code: String) -> String { hex(SHA256.hash(Array(plain(code).utf8))) }

  /// A code as it is compared, however it was written down.
  private static func plain(_ code: String) -> String {
    String(code.lowercased().filter { !$0.isWhitespace && $0 != "-" })
  }

  private static let isOn = Rejection.conflict(
    "second_factor_on", "A second factor is on already. Remove it before you set up another.")

  private static let wrongCode = FieldError(
    field: "code", code: "wrong_code",
    message: "This code is wrong, or was used before. Wait for the next one, or use a recovery code.")
}
