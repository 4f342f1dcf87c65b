import HTTPTypes
import Hummingbird
import KittyShared

/// Lets a request pass only if its caller may use the route.
struct AuthorizationMiddleware: RouterMiddleware {
  let authorizer: Authorizer
  let route: Route
  /// `true` when the route accepts an `Idempotency-Key`.
  let isRepeatable: Bool

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    let mayBeRepeated = isRepeatable && request.headers[.idempotencyKey] != nil
    context.authorization = try await authorizer.authorize(
      route, token: request.bearerToken, group: context.parameters.get("group"), mayBeRepeated: mayBeRepeated,
      found: { [trail = context.trail] in trail.identify($0.user, credential: $0.id) })
    // Limits and the log are about the client of sshd, and not about the machine of the gateway.
    if let client = context.authorization.principal?.client, let address = ClientAddress(client) {
      context.client = address
    }
    return try await next(request, context)
  }
}
