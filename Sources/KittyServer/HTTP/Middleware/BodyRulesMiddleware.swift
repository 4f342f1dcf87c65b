import HTTPTypes
import Hummingbird
import KittyShared

/// Refuses a body on a route that takes none, and a compressed body on a route that does not decode it.
struct BodyRulesMiddleware: RouterMiddleware {
  let route: Route

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    if route.body == .nothing { try Self.requireNoBody(request) } else { try requireKnownEncoding(request) }
    return try await next(request, context)
  }

  /// - Throws: `Rejection` for a body that would be ignored.
  private static func requireNoBody(_ request: Request) throws(Rejection) {
    let length = request.headers[.contentLength] ?? "0"
    guard length == "0", request.headers[.transferEncoding] == nil else {
      throw .invalid("body", "unexpected", "This route takes no body. Leave it out.")
    }
  }

  /// - Throws: `Problem` 415 for a body with an encoding that the route does not take: its decoded size may be far beyond the
  ///   limits.
  private func requireKnownEncoding(_ request: Request) throws(Problem) {
    let encoding = request.contentEncoding
    guard encoding != "identity", !(route.takesGzip && request.isGzip) else { return }
    throw Problem(
      415, "unsupported_encoding", "The encoding of the body is not supported",
      route.takesGzip
        ? "Send the body with Content-Encoding: gzip, or as it is, without Content-Encoding."
        : "Send the body as it is, without Content-Encoding.")
  }
}

extension Request {
  /// The value of `Content-Encoding`.
  fileprivate var contentEncoding: String {
    headers[.contentEncoding]?.trimmed.lowercased() ?? "identity"
  }

  /// `true` for a body in the gzip format.
  var isGzip: Bool { ["gzip", "x-gzip"].contains(contentEncoding) }
}
