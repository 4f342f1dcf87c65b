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
