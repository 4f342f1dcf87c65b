/// A request that a rule refuses: the domain error of both ends. It knows no HTTP; `Problem.init(_:)` is the one
/// place that gives each reason its status.
package struct Rejection: Error, Hashable, Sendable {
  /// The kind of refusal.
  package enum Reason: Hashable, Sendable, CaseIterable {
    /// The body is not JSON of the expected shape.
    case malformed
    /// Fields have wrong values.
    case invalid
    /// There is no valid token, password or code.
    case unauthenticated
    /// The caller is known and has no right to do this.
    case forbidden
    /// The resource does not exist, or the caller must not know that it does.
    case notFound
    /// The request does not fit the current state.
    case conflict
    /// The resource existed, and cannot answer the request any more.
    case gone
    /// The request names a version that is no longer the current one.
    case stale
    /// The caller sent too many requests.
    case rateLimited
    /// A required part is down or full.
    case unavailable
  }

  /// The kind of refusal.
  package let reason: Reason
  /// The kind as a stable word for programs.
  package let code: String
  /// The kind in words; the same for every occurrence.
  package let title: String
  /// The facts of this occurrence, and what to do about them.
  package let detail: String
  /// The errors of single fields, when fields are the cause.
  package let errors: [FieldError]?
  /// Seconds until a retry makes sense.
  package var retryAfter: Int?
  /// The current version of the resource, when the request named another one.
  package var version: Int64?

  /// - Parameters:
  ///   - code: A stable word for programs, such as `name_taken`.
  ///   - title: The kind in words.
  ///   - detail: The facts and what to do.
  package init(
    _ reason: Reason, _ code: String, _ title: String, _ detail: String, errors: [FieldError]? = nil,
    retryAfter: Int? = nil
  ) {
    self.reason = reason
    self.code = code
    self.title = title
    self.detail = detail
    self.errors = errors
    self.retryAfter = retryAfter
  }
}

extension Rejection {
  /// Fields have wrong values; every one is named.
  package static func invalid(_ errors: [FieldError]) -> Rejection {
    let detail = errors.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
    return Rejection(
      .invalid, "invalid", "The request has invalid fields", detail.joined(separator: " "), errors: errors)
  }

  /// A single field has a wrong value.
  package static func invalid(_ field: String, _ code: String, _ message: String) -> Rejection {
    invalid([FieldError(field: field, code: code, message: message)])
  }

  /// The resource does not exist, or the caller must not know that it does. Both look the same.
  package static func notFound(_ what: String) -> Rejection {
    Rejection(.notFound, "not_found", "Not found", "The \(what) does not exist, or you cannot see it.")
  }

  /// The request has no valid session or token.
  package static let signInNeeded = Rejection(
    .unauthenticated, "sign_in_needed", "Sign in first",
    "Send the token of a session as \"Authorization: Bearer …\". POST /v1/sessions gives one.")

  /// The password is right, and the account also requires a code.
  package static let secondFactorNeeded = Rejection(
    .unauthenticated, "second_factor_needed", "A second factor is required",
    "Send the six digits of your authenticator app as \"code\", or one of your recovery codes.",
    errors: [
      FieldError(
        field: "code", code: "missing",
        message: "Write the six digits of your authenticator app, or a recovery code.")
    ])

  /// The version that a change names is no longer the current one.
  package static let stale = Rejection(
    .stale, "stale", "The version is no longer current",
    "Read it again, check what changed, and send the change with the new ETag.")

  /// A stale version, with the current one.
  /// - Parameter what: The changed resource, as the start of a sentence.
  package static func stale(_ what: String, version: Int64) -> Rejection {
    var problem = Rejection(
      .stale, "stale", "The version is no longer current",
      "\(what) now has version \"\(version)\". Read it again, check what changed, and send the change with that ETag."
    )
    problem.version = version
    return problem
  }

  /// The request conflicts with the current state.
  package static func conflict(_ code: String, _ detail: String) -> Rejection {
    Rejection(.conflict, code, "The request conflicts with the current state", detail)
  }

  /// A required part is down or full. Nothing was changed; the client can retry.
  package static func unavailable(_ detail: String, retryAfter: Int = 1) -> Rejection {
    Rejection(.unavailable, "unavailable", "Temporarily unavailable", detail, retryAfter: retryAfter)
  }
}
