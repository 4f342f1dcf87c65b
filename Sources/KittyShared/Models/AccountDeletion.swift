/// A request to delete the user's account.
package struct AccountDeletion: RequestBody, Hashable {
  /// The current password.
  package var password: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case password }

  package init(password: String) { self.password = password }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.password(password, "password") }
}
