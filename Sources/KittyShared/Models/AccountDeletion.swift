/// A request to delete the user's account.
package struct AccountDeletion: RequestBody, Hashable {
  /// The current password; omitted by an account without one.
  package var password: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case password }

  package init(password: String? = nil) { self.password = password }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.currentPassword(password, "password") }
}
