/// The body of a request: unknown fields are rejected, and it can check its values.
package protocol RequestBody: KnownFields {
  /// Brings the texts of people into the composed form of Unicode, so that a name has one spelling.
  mutating func compose()
  /// Adds the errors of the values to `checks`. Client and server call it.
  func check(_ checks: inout FieldChecks)
}

extension RequestBody {
  /// - Throws: `Rejection.invalid` that names every bad field.
  package func checked() throws(Rejection) -> Self {
    var body = self
    body.compose()
    var checks = FieldChecks()
    body.check(&checks)
    guard checks.errors.isEmpty else { throw .invalid(checks.errors) }
    return body
  }
}
