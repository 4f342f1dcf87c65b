/// A request to change one's own password.
package struct PasswordChange: RequestBody, Hashable {
  /// The present password.
  package var current: String
  /// The password from now on: 8 to 256 characters.
  package var new: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case current, new }

  package init(current: String, new: String) {
    self.current = current
    self.new = new
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.password(current, "current")
    checks.newPassword(new, "new")
  }
}

/// What became of a change of password.
package struct PasswordChanged: Codable, Hashable, Sendable {
  /// How many other sessions of the same person were ended by it.
  package let endedSessions: Int

  package init(endedSessions: Int) { self.endedSessions = endedSessions }
}

/// A request to delete one's own account.
package struct AccountDeletion: RequestBody, Hashable {
  /// The present password.
  package var password: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case password }

  package init(password: String) { self.password = password }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.password(password, "password") }
}

/// A request for a mail with which a forgotten password can be replaced.
package struct PasswordResetRequest: RequestBody, Hashable {
  /// The address of the account, or of several.
  package var email: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case email }

  package init(email: String) { self.email = email }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.email(email, "email") }
}

/// A request to replace a forgotten password.
package struct PasswordReset: RequestBody, Hashable {
  /// The token from the mail.
  package var token: String
  /// The password from now on: 8 to 256 characters.
  package var password: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case token, password }

  package init(token: String, password: String) {
    self.token = token
    self.password = password
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.code(token, "token")
    checks.newPassword(password, "password")
  }
}
