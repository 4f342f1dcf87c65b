import HTTPTypes
import Hummingbird
import KittyShared

/// Refuses a request whose client does not accept the media type of the response.
struct AcceptMiddleware: RouterMiddleware {
  /// The kind of response that the route gives.
  let answer: Route.Content

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    if answer == .json { try Negotiation.requireAccepted("application/json", by: request) }
    let response = try await next(request, context)
    // Only the handler knows the media type of bytes. Such a route is a GET, so nothing was changed.
    if answer == .bytes, let type = response.headers[.contentType] {
      try Negotiation.requireAccepted(type, by: request)
    }
    return response
  }
}
