/// A request to change the user's password.
package struct PasswordChange: RequestBody, Hashable {
  /// The current password.
  package var current: String
  /// The new password: 8 to 256 characters.
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

/// The result of a password change.
package struct PasswordChanged: Codable, Hashable, Sendable {
  /// The number of other sessions of the user that were ended.
  package let endedSessions: Int

  package init(endedSessions: Int) { self.endedSessions = endedSessions }
}

/// A request to delete the user's account.
package struct AccountDeletion: RequestBody, Hashable {
  /// The current password.
  package var password: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case password }

  package init(password: String) { self.password = password }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.password(password, "password") }
}

/// A request for a mail to reset a forgotten password.
package struct PasswordResetRequest: RequestBody, Hashable {
  /// The address of one or more accounts.
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
  /// The new password: 8 to 256 characters.
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
