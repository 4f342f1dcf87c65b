import KittyShared

/// Checks that a caller may change what protects their account: a stolen session must not be enough. An account with a
/// password needs it, and one without a session that a key of ssh began a short time ago.
struct Reauthentication: Sendable {
  let users: UserStore
  let sessions: SessionStore
  let passwords: Passwords
  let limits: Limits

  /// Maximum age of a session that stands for a password.
  static let sessionAge: Duration = .seconds(3600)

  /// Checks the caller.
  /// - Parameters:
  ///   - password: The password that they gave.
  ///   - field: Its field in the request.
  /// - Returns: The caller, with the hash that was verified.
  /// - Throws: `Rejection` for a wrong or missing password, and for a session that does not stand for one.
  func require(_ password: String?, _ field: String, _ call: Call) async throws -> UserStore.Credentials {
    let session = try call.signedIn
    guard let credentials = try await users.credentials(of: session.user) else {
      throw Rejection.signInNeeded
    }
    guard credentials.passwordHash != UserStore.noPassword else {
      let start = call.now.advanced(by: .zero - Self.sessionAge)
      guard try await sessions.beganWithKey(session.id, after: start) else { throw Self.oldSession }
      return credentials
    }
    guard let password else {
      throw Rejection.invalid(field, "password_needed", "Write your present password.")
    }
    return try await limits.guess("password:\(session.user)", from: call.context.client) {
      guard try await passwords.verify(password, hash: credentials.passwordHash).isRight else {
        throw Rejection.wrongPassword(field)
      }
      return credentials
    }
  }

  /// Checks a caller who adds or removes a key. Where there is no password a key stands for it, so an old session must not
  /// be enough to add one; with a password, a key changes nothing that needs the password.
  func requireForKeys(_ call: Call) async throws {
    let session = try call.signedIn
    guard let credentials = try await users.credentials(of: session.user) else {
      throw Rejection.signInNeeded
    }
    if credentials.passwordHash == UserStore.noPassword { _ = try await require(nil, "password", call) }
  }

  private static let oldSession = Rejection(
    .forbidden, "sign_in_again", "Sign in again",
    "This account has no password. Sign in with one of its keys, and repeat this within an hour.")
}

extension Rejection {
  /// 403 for a wrong password of the caller.
  static func wrongPassword(_ field: String) -> Rejection {
    let detail = "This is not your current password."
    return Rejection(
      .forbidden, "wrong_password", "The password is wrong", detail,
      errors: [FieldError(field: field, code: "wrong_password", message: detail)])
  }
}
