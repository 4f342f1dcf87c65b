import HTTPTypes
import Hummingbird
import KittyShared

/// Writes one line to the log for each request.
struct AccessLogMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response = try await next(request, context)
    let duration = ContinuousClock.now - start
    // The path without its query: a query may hold what must not be in a log.
    context.logger.info(
      "request",
      metadata: [
        "client": "\(context.client)", "method": "\(request.method)", "path": "\(request.uri.path)",
        "status": "\(response.status.code)",
        "milliseconds": "\(duration.milliseconds)",
        "agent": "\((request.headers[.userAgent] ?? "-").cut(to: 200))",
      ])
    return response
  }
}
