/// A request to change one's own password.
public struct PasswordChange: RequestBody, Hashable {
  /// The present password.
  public var current: String
  /// The password from now on: 8 to 256 characters.
  public var new: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case current, new }

  /// Makes one.
  public init(current: String, new: String) {
    self.current = current
    self.new = new
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.password(current, "current")
    checks.newPassword(new, "new")
  }
}

/// What became of a change of password.
public struct PasswordChanged: Codable, Hashable, Sendable {
  /// How many other sessions of the same person were ended by it.
  public let endedSessions: Int

  /// Makes one.
  public init(endedSessions: Int) { self.endedSessions = endedSessions }
}

/// A request to delete one's own account.
public struct AccountDeletion: RequestBody, Hashable {
  /// The present password.
  public var password: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case password }

  /// Makes one.
  public init(password: String) { self.password = password }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) { checks.password(password, "password") }
}

/// A request for a mail with which a forgotten password can be replaced.
public struct PasswordResetRequest: RequestBody, Hashable {
  /// The address of the account, or of several.
  public var email: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case email }

  /// Makes one.
  public init(email: String) { self.email = email }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) { checks.email(email, "email") }
}

/// A request to replace a forgotten password.
public struct PasswordReset: RequestBody, Hashable {
  /// The token from the mail.
  public var token: String
  /// The password from now on: 8 to 256 characters.
  public var password: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case token, password }

  /// Makes one.
  public init(token: String, password: String) {
    self.token = token
    self.password = password
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.code(token, "token")
    checks.newPassword(password, "password")
  }
}
