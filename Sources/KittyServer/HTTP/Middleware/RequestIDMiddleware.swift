import HTTPTypes
import Hummingbird

/// Gives each request an id, which its log lines and its response carry.
struct RequestIDMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.requestID = RequestID.id(of: request.headers)
    context.logger[metadataKey: "requestId"] = "\(context.requestID)"
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    return response
  }
}
