import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared

/// The methods and media types of a path, read from the route table: for `OPTIONS` and for refusals.
enum Negotiation {
  /// Returns the routes at a path.
  static func routes(at path: String) -> [Route] {
    let parts = path.split(separator: "/")
    var found: [Route] = []
    var fewest = Int.max
    for route in Endpoints.all {
      let pattern = route.path.split(separator: "/")
      guard pattern.count == parts.count, zip(pattern, parts).allSatisfy({ $0 == $1 || $0.hasPrefix("{") })
      else { continue }
      // As in the router, a literal path wins over one with parameters.
      let parameters = pattern.count { $0.hasPrefix("{") }
      if parameters < fewest { (found, fewest) = ([], parameters) }
      if parameters == fewest { found.append(route) }
    }
    return found
  }

  /// Returns the value of `Allow` for the routes of one path.
  static func allow(_ routes: [Route]) -> String {
    (["OPTIONS"] + routes.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] })
      .sorted().joined(separator: ", ")
  }

  /// Returns the headers of a refusal that tell the client what is allowed or accepted instead.
  static func headers(for status: Int, _ request: Request) -> HTTPFields {
    switch status {
    case 405: return [.allow: allow(routes(at: request.uri.path))]
    case 415:
      guard
        let route = routes(at: request.uri.path).first(where: {
          $0.method.rawValue == request.method.rawValue
        }),
        let accepted = route.accepted
      else { return [:] }
      var headers: HTTPFields = [.accept: accepted, .acceptEncoding: "identity"]
      if let name = route.method.acceptHeader { headers[name] = accepted }
      return headers
    default: return [:]
    }
  }

  /// - Parameter type: The media type of the response.
  /// - Throws: `Problem` 406 when the client does not accept it.
  static func requireAccepted(_ type: String, by request: Request) throws(Problem) {
    guard let accept = request.headers[.accept], !accepts(accept, type) else { return }
    throw Problem(
      406, "not_acceptable", "No acceptable representation",
      "The response is \(type). Send Accept: \(type), or Accept: */*.")
  }

  /// Returns `true` when a value of `Accept` includes the type: the most specific range that matches decides.
  static func accepts(_ accept: String, _ type: String) -> Bool {
    if accept == "*/*" || accept == type { return true }
    let type = withoutParameters(type)
    let main = type.prefix { $0 != "/" } + "/*"
    var quality: [Int: Bool] = [:]
    for range in accept.split(separator: ",") {
      let name = withoutParameters(String(range))
      let rank = name == type ? 3 : name == main ? 2 : name == "*/*" || name == "*" ? 1 : 0
      guard rank > 0 else { continue }
      let isWanted = !range.split(separator: ";").dropFirst().contains { parameter in
        let parts = parameter.split(separator: "=").map { String($0).trimmed.lowercased() }
        return parts.count == 2 && parts[0] == "q" && Double(parts[1]) == 0
      }
      quality[rank] = isWanted || quality[rank] == true
    }
    return quality.max { $0.key < $1.key }?.value ?? false
  }

  /// Returns a media type without its parameters.
  private static func withoutParameters(_ type: String) -> String {
    String(type.prefix { $0 != ";" }).trimmed.lowercased()
  }
}

extension Route {
  /// The media types of a request body; `nil` when the route takes none.
  var accepted: String? {
    switch body {
    case .nothing: nil
    case .json: "application/json"
    case .bytes: "image/jpeg, image/png, image/webp, image/heic, image/avif"
    }
  }
}

extension Route.Method {
  /// The header that names the media types of a body with this method (RFC 5789; the W3C's Linked Data Platform).
  var acceptHeader: HTTPField.Name? {
    switch self {
    case .post: .acceptPost
    case .patch: .acceptPatch
    case .get, .put, .delete: nil
    }
  }
}
