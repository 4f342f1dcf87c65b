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
    /// The thing does not exist, or the caller must not know that it does.
    case notFound
    /// The request does not fit the current state.
    case conflict
    /// The thing existed once, and what is left does not answer the request.
    case gone
    /// The request names a version that is no longer the current one.
    case stale
    /// The caller sent too many requests.
    case rateLimited
    /// A part that is needed is down or full.
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
  /// The current version of the thing, where the request named another one.
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

  /// 422 for a single field.
  package static func invalid(_ field: String, _ code: String, _ message: String) -> Rejection {
    invalid([FieldError(field: field, code: code, message: message)])
  }

  /// There is no such thing, or the asker may not know of it. Both look the same.
  package static func notFound(_ what: String) -> Rejection {
    Rejection(.notFound, "not_found", "Not found", "There is no \(what) here that you can see.")
  }

  /// Nobody is signed in, or no longer.
  package static let signInNeeded = Rejection(
    .unauthenticated, "sign_in_needed", "Sign in first",
    "Send the token of a session as \"Authorization: Bearer …\". POST /v1/sessions gives one.")

  /// The password is right, and the account wants a code as well.
  package static let secondFactorNeeded = Rejection(
    .unauthenticated, "second_factor_needed", "A code is needed too",
    "Send the six digits of your authenticator app as \"code\", or one of your recovery codes.",
    errors: [
      FieldError(
        field: "code", code: "missing",
        message: "Write the six digits of your authenticator app, or a recovery code.")
    ])

  /// The version that a change names is no longer the present one.
  package static let stale = Rejection(
    .stale, "stale", "It was changed meanwhile",
    "Read it again, look at what changed, and send the change with the new ETag.")

  /// 412 that says which version there is now.
  /// - Parameter what: What was changed, as the start of a sentence.
  package static func stale(_ what: String, version: Int64) -> Rejection {
    var problem = Rejection(
      .stale, "stale", "It was changed meanwhile",
      "\(what) has version \"\(version)\" now. Read it again, look at what changed, and send the change with that ETag."
    )
    problem.version = version
    return problem
  }

  /// The request does not fit the present state.
  package static func conflict(_ code: String, _ detail: String) -> Rejection {
    Rejection(.conflict, code, "The request does not fit the present state", detail)
  }

  /// A part that is needed is down or full; nothing was decided, try again.
  package static func unavailable(_ detail: String, retryAfter: Int = 1) -> Rejection {
    Rejection(.unavailable, "unavailable", "Not available just now", detail, retryAfter: retryAfter)
  }
}
