import HTTPTypes
import Hummingbird

/// Puts the path of the public address in front of the paths in `Location` and `Link`. A proxy that removes the path from
/// requests does not add it to responses.
struct PublicPathMiddleware: RouterMiddleware {
  /// Such as `/kitty`; empty when the server is at the root of its host.
  private let prefix: String

  /// - Parameter publicURL: Such as `https://example.org/kitty`.
  init(publicURL: String?) {
    let rest = publicURL?.split(separator: "://", maxSplits: 1).last ?? ""
    prefix = String(rest.drop { $0 != "/" })
  }

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    guard !prefix.isEmpty else { return response }
    if let path = response.headers[.location], path.hasPrefix("/") {
      response.headers[.location] = prefix + path
    }
    if let link = response.headers[.link], link.hasPrefix("</") {
      response.headers[.link] = "<\(prefix)\(link.dropFirst())"
    }
    return response
  }
}
