import HTTPTypes
import Hummingbird
import KittyShared

/// Answers `OPTIONS`, for a path or for the whole server, from the route table.
struct OptionsMiddleware: RouterMiddleware {
  let crossOrigin: CrossOrigin

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    request.method == .options ? try options(request) : try await next(request, context)
  }

  /// - Throws: `Rejection.notFound` for a path without routes.
  private func options(_ request: Request) throws(Rejection) -> Response {
    let path = request.uri.path
    let routes = path == "*" ? Endpoints.all : Negotiation.routes(at: path)
    guard !routes.isEmpty else { throw .notFound("page") }
    let methods =
      path == "*" ? "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" : Negotiation.allow(routes)
    var headers: HTTPFields = [.allow: methods, .cacheControl: "no-store"]
    if path != "*" {
      for route in routes {
        if let name = route.method.acceptHeader { headers[name] = route.accepted }
      }
    }
    crossOrigin.addPreflightHeaders(to: &headers, for: request, methods: methods)
    return Response(status: .noContent, headers: headers)
  }
}
