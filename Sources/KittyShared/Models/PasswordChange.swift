/// A request to change the user's password.
package struct PasswordChange: RequestBody, Hashable {
  /// The current password; omitted by an account without one.
  package var current: String?
  /// The new password: 8 to 256 characters.
  package var new: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case current, new }

  package init(current: String? = nil, new: String) {
    self.current = current
    self.new = new
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.currentPassword(current, "current")
    checks.newPassword(new, "new")
  }
}

/// The result of a password change.
package struct PasswordChanged: Codable, Hashable, Sendable {
  /// The number of other sessions of the user that were ended.
  package let endedSessions: Int

  package init(endedSessions: Int) { self.endedSessions = endedSessions }
}
