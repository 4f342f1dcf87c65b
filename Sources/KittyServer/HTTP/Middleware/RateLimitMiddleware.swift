import HTTPTypes
import Hummingbird
import KittyShared

/// Refuses requests beyond the rate limit of their token or address, and tells the client how much is left.
struct RateLimitMiddleware: RouterMiddleware {
  let limits: Limits

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    // Monitors may ask as often as they like.
    guard !request.uri.path.hasPrefix("/health/"),
      let status = limits.count(token: request.bearerToken, address: context.client)
    else { return try await next(request, context) }
    var response: Response
    if status.isExceeded {
      response = try .problem(Problem(status.rejection), requestID: context.requestID)
    } else {
      response = try await next(request, context)
      // A refusal by another limit has its own Retry-After; the room that is left here would only confuse.
      if response.status == .tooManyRequests { return response }
    }
    status.addHeaders(to: &response.headers)
    return response
  }
}

extension RateLimitStatus {
  /// Adds the headers of the IETF draft "RateLimit header fields for HTTP".
  fileprivate func addHeaders(to headers: inout HTTPFields) {
    // Appended, because no other code sets them, and a search for them takes time on every request.
    headers.append(HTTPField(name: .rateLimitPolicy, value: policy))
    headers.append(
      HTTPField(name: .rateLimit, value: quotedName + ";r=" + String(remaining) + ";t=" + String(reset)))
  }
}
