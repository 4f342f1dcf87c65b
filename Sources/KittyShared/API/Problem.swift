/// The format of every error of the API (RFC 9457, `application/problem+json`).
package struct Problem: Error, Codable, Hashable, Sendable {
  /// A URI that names the kind: `urn:problem:kittycash:` and the code.
  package let type: String
  /// The kind in words; the same for every occurrence.
  package let title: String
  /// The HTTP status.
  package let status: Int
  /// The facts of this occurrence, and what to do about them.
  package let detail: String
  /// The kind as a stable word for programs.
  package let code: String
  /// The errors of single fields, when fields are the cause.
  package let errors: [FieldError]?
  /// The id under which the server's log has this request.
  package var requestId: String?
  /// Seconds until a retry makes sense; sent as `Retry-After`.
  package var retryAfter: Int?
  /// The current version of the resource, when the request named another one; also sent as `ETag`.
  package var version: Int64?

  /// The media type.
  package static let contentType = "application/problem+json"

  package init(
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
  /// Creates the response to a rejection: the only place that gives each reason its HTTP status.
  package init(_ rejection: Rejection) {
    self.init(
      Self.status(of: rejection.reason), rejection.code, rejection.title, rejection.detail,
      errors: rejection.errors, retryAfter: rejection.retryAfter)
    version = rejection.version
  }

  private static func status(of reason: Rejection.Reason) -> Int {
    switch reason {
    case .malformed: 400
    case .unauthenticated: 401
    case .forbidden: 403
    case .notFound: 404
    case .conflict: 409
    case .gone: 410
    case .stale: 412
    case .invalid: 422
    case .rateLimited: 429
    case .unavailable: 503
    }
  }
}
