import HTTPTypes

extension HTTPField.Name {
  /// `X-Request-Id`.
  static let requestID = literal("X-Request-Id")
  /// `Idempotency-Key`, of the IETF draft of that name.
  static let idempotencyKey = literal("Idempotency-Key")
  /// `Link`, of RFC 8288.
  static let link = literal("Link")
  /// `Host`.
  static let host = literal("Host")
  /// `X-Forwarded-For`.
  static let forwardedFor = literal("X-Forwarded-For")
  /// `X-Forwarded-Proto`.
  static let forwardedProto = literal("X-Forwarded-Proto")
  /// `X-Frame-Options`, for browsers without the `frame-ancestors` of a policy.
  static let frameOptions = literal("X-Frame-Options")
  /// `Referrer-Policy`, of the W3C recommendation of that name.
  static let referrerPolicy = literal("Referrer-Policy")
  /// `X-Proxy-Secret`, by which a proxy proves that it is the one of `PROXY_SECRET`.
  static let proxySecret = literal("X-Proxy-Secret")
  /// `X-Accel-Files`, by which nginx tells that it can send the files of the photo storage itself.
  static let accelFiles = literal("X-Accel-Files")
  /// `X-Accel-Redirect`, the file that nginx sends in place of the response.
  static let accelRedirect = literal("X-Accel-Redirect")
  /// `Accept-Post`.
  static let acceptPost = literal("Accept-Post")
  /// `Accept-Patch`, of RFC 5789.
  static let acceptPatch = literal("Accept-Patch")
  /// `RateLimit`, of the IETF draft "RateLimit header fields for HTTP".
  static let rateLimit = literal("RateLimit")
  /// `RateLimit-Policy`, of the same draft.
  static let rateLimitPolicy = literal("RateLimit-Policy")

  private static func literal(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a header name") }
    return name
  }
}
