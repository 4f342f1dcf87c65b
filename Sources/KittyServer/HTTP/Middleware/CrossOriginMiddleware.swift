import Hummingbird

/// Adds the CORS headers of a response. `OptionsMiddleware` answers preflight requests.
struct CrossOriginMiddleware: RouterMiddleware {
  let crossOrigin: CrossOrigin

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    crossOrigin.addHeaders(to: &response.headers, for: request)
    return response
  }
}
