import KittyShared

/// Checks the name and the password of an account, and its second factor.
struct PasswordSignIn: Sendable {
  let users: UserStore
  let passwords: Passwords
  let factors: SecondFactors

  /// Checks a sign-in.
  /// - Parameters:
  ///   - code: The digits of the authenticator app, or a recovery code.
  ///   - call: The request; its log line names the account.
  /// - Returns: The account, and a new hash of its password to store, if the old one was made at another cost.
  /// - Throws: `Rejection` when anything is wrong.
  func check(
    name: String, password: String, code: String?, _ call: Call
  ) async throws -> (found: UserStore.Credentials, renewedHash: String?) {
    let found = try await users.find(name: name)
    if let user = found?.user.id { call.context.trail.identify(user) }
    // An unknown or disabled user gets the same response, after the same time.
    let verdict = try await passwords.verify(password, hash: found?.passwordHash)
    guard let found, verdict.isRight, found.disabledAt == nil else { throw Self.wrongCredentials }
    // Checked after the password: without it, a client must not learn of the second factor.
    try await factors.require(code, of: found.user.id, call.write, note: call.note)
    return (found, verdict.renewedHash)
  }

  static let wrongCredentials = Rejection(
    .unauthenticated, "wrong_credentials", "Name or password is wrong",
    "No account has this name and password. Check both, or sign up.")
}
