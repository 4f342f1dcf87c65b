import HTTPTypes
import Hummingbird

/// Tells browsers to take the media type of each response as it is declared.
struct ContentTypeOptionsMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    response.headers[.xContentTypeOptions] = "nosniff"
    return response
  }
}
