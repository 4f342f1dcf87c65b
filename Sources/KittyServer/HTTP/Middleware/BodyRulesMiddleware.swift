import HTTPTypes
import Hummingbird
import KittyShared

/// Refuses a body on a route that takes none, and a compressed body.
struct BodyRulesMiddleware: RouterMiddleware {
  /// The kind of body that the route takes.
  let body: Route.Content

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    if body == .nothing { try Self.requireNoBody(request) } else { try Self.requireUncompressed(request) }
    return try await next(request, context)
  }

  /// - Throws: `Rejection` for a body that would be ignored.
  private static func requireNoBody(_ request: Request) throws(Rejection) {
    let length = request.headers[.contentLength] ?? "0"
    guard length == "0", request.headers[.transferEncoding] == nil else {
      throw .invalid("body", "unexpected", "This route takes no body. Leave it out.")
    }
  }

  /// - Throws: `Problem` 415 for a compressed body: its uncompressed size may be far beyond the limits.
  private static func requireUncompressed(_ request: Request) throws(Problem) {
    guard let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" else {
      return
    }
    throw Problem(
      415, "unsupported_encoding", "Compressed bodies are not supported",
      "Send the body as it is, without Content-Encoding.")
  }
}
