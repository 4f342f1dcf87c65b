/// The one shape of every error that the API answers with (RFC 9457, `application/problem+json`).
public struct Problem: Error, Codable, Hashable, Sendable {
  /// A URI that names the kind: `urn:problem:kittycash:` and the code.
  public let type: String
  /// The kind in words; the same for every occurrence.
  public let title: String
  /// The HTTP status.
  public let status: Int
  /// What happened this time and what to do about it.
  public let detail: String
  /// The kind as a stable word for programs.
  public let code: String
  /// What is wrong with each field, when fields are the matter.
  public let errors: [FieldError]?
  /// The id under which the server's log has this request.
  public var requestId: String?
  /// After how many seconds to try again; sent as `Retry-After`.
  public var retryAfter: Int?
  /// The version that a thing has now, where a change named another one; sent as `ETag` too.
  public var version: Int64?

  /// The media type.
  public static let contentType = "application/problem+json"

  /// Makes one.
  public init(
    _ status: Int, _ code: String, _ title: String, _ detail: String, errors: [FieldError]? = nil,
    retryAfter: Int? = nil
  ) {
    type = "urn:problem:kittycash:" + code
    self.title = title
    self.status = status
    self.detail = detail
    self.code = code
    self.errors = errors
    self.retryAfter = retryAfter
  }
}

extension Problem {
  /// 422: fields have wrong values; every one is named.
  public static func invalid(_ errors: [FieldError]) -> Problem {
    let detail = errors.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
    return Problem(
      422, "invalid", "The request has invalid fields", detail.joined(separator: " "), errors: errors)
  }

  /// 422 for a single field.
  public static func invalid(_ field: String, _ code: String, _ message: String) -> Problem {
    invalid([FieldError(field: field, code: code, message: message)])
  }

  /// 404: there is no such thing, or the asker may not know of it. Both look the same.
  public static func notFound(_ what: String) -> Problem {
    Problem(404, "not_found", "Not found", "There is no \(what) here that you can see.")
  }

  /// 401: nobody is signed in, or no longer.
  public static let signInNeeded = Problem(
    401, "sign_in_needed", "Sign in first",
    "Send the token of a session as \"Authorization: Bearer …\". POST /v1/sessions gives one.")

  /// 401: the password is right, and the account wants a code as well.
  public static let secondFactorNeeded = Problem(
    401, "second_factor_needed", "A code is needed too",
    "Send the six digits of your authenticator app as \"code\", or one of your recovery codes.",
    errors: [
      FieldError(
        field: "code", code: "missing",
        message: "Write the six digits of your authenticator app, or a recovery code.")
    ])

  /// 412: the version that a change names is no longer the present one.
  public static let stale = Problem(
    412, "stale", "It was changed meanwhile",
    "Read it again, look at what changed, and send the change with the new ETag.")

  /// 412 that says which version there is now.
  /// - Parameter what: What was changed, as the start of a sentence.
  public static func stale(_ what: String, version: Int64) -> Problem {
    var problem = Problem(
      412, "stale", "It was changed meanwhile",
      "\(what) has version \"\(version)\" now. Read it again, look at what changed, and send the change with that ETag."
    )
    problem.version = version
    return problem
  }

  /// 409: the request does not fit the present state.
  public static func conflict(_ code: String, _ detail: String) -> Problem {
    Problem(409, code, "The request does not fit the present state", detail)
  }

  /// 503: a part that is needed is down or full; nothing was decided, try again.
  public static func unavailable(_ detail: String, retryAfter: Int = 1) -> Problem {
    Problem(503, "unavailable", "Not available just now", detail, retryAfter: retryAfter)
  }
}
