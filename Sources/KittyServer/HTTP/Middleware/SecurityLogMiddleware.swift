import Hummingbird

/// Writes a line into the log for each request of a route that has a security event and succeeds.
struct SecurityLogMiddleware: RouterMiddleware {
  let event: SecurityEvent

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    let response = try await next(request, context)
    context.note(event, of: request)
    return response
  }
}
