import Hummingbird
import KittyShared

/// Reads the query parameters of a route, and refuses unknown and repeated ones.
struct QueryParametersMiddleware: RouterMiddleware {
  /// The names that the route knows.
  let known: [String]

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.query = try parameters(of: request)
    return try await next(request, context)
  }

  private func parameters(of request: Request) throws(Rejection) -> [String: String] {
    var parameters: [String: String] = [:]
    for (name, value) in QueryText.parameters(of: request.uri.query ?? "") {
      guard known.contains(name) else {
        let names = known.isEmpty ? "This route has none." : "Known: \(known.joined(separator: ", "))."
        throw .invalid(
          name.cut(to: 64), "unknown_parameter", "There is no such query parameter. \(names)")
      }
      guard parameters.updateValue(value, forKey: name) == nil else {
        throw .invalid(name, "twice", "Send this parameter once.")
      }
    }
    return parameters
  }
}
