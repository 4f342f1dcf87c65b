/// A request to confirm the user's address.
package struct EmailConfirmation: RequestBody, Hashable {
  /// The token from the mail to the address.
  package var token: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case token }

  package init(token: String) { self.token = token }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.code(token, "token") }
}
