import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared

/// What a path takes and gives, read from the route table: for `OPTIONS`, and for what is refused.
enum Negotiation {
  /// The routes at a path.
  static func routes(at path: String) -> [Route] {
    let parts = path.split(separator: "/")
    var found: [Route] = []
    var fewest = Int.max
    for route in Endpoints.all {
      let pattern = route.path.split(separator: "/")
      guard pattern.count == parts.count, zip(pattern, parts).allSatisfy({ $0 == $1 || $0.hasPrefix("{") })
      else { continue }
      // As the router does: a path that is written out goes before one with holes.
      let holes = pattern.count { $0.hasPrefix("{") }
      if holes < fewest { (found, fewest) = ([], holes) }
      if holes == fewest { found.append(route) }
    }
    return found
  }

  /// The value of `Allow` for routes of one path.
  static func allow(_ routes: [Route]) -> String {
    (["OPTIONS"] + routes.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] })
      .sorted().joined(separator: ", ")
  }

  /// Answers `OPTIONS`, for a path or for all of the server.
  /// - Throws: `Rejection` where there is nothing.
  static func options(_ request: Request, _ crossOrigin: CrossOrigin) throws(Rejection) -> Response {
    let path = request.uri.path
    let routes = path == "*" ? Endpoints.all : routes(at: path)
    guard !routes.isEmpty else { throw .notFound("page") }
    let methods = path == "*" ? "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" : allow(routes)
    var headers: HTTPFields = [.allow: methods, .cacheControl: "no-store"]
    if path != "*" {
      for route in routes {
        if let name = route.method.acceptHeader { headers[name] = route.accepted }
      }
    }
    crossOrigin.preflight(&headers, for: request, methods: methods)
    return Response(status: .noContent, headers: headers)
  }

  /// What an error says besides its problem: what would have been right.
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

  /// - Throws: `Problem` 406 when the client does not want the only thing there is.
  /// - Parameter type: The media type that the answer has.
  static func requireAccepted(_ type: String, by request: Request) throws(Problem) {
    guard let accept = request.headers[.accept], !accepts(accept, type) else { return }
    throw Problem(
      406, "not_acceptable", "There is nothing here in a form that you accept",
      "This answers as \(type). Send Accept: \(type), or Accept: */*.")
  }

  /// Whether a value of `Accept` lets this type through: the most specific range that fits it decides.
  static func accepts(_ accept: String, _ type: String) -> Bool {
    if accept == "*/*" || accept == type { return true }
    let type = plain(type)
    let main = type.prefix { $0 != "/" } + "/*"
    var quality: [Int: Bool] = [:]
    for range in accept.split(separator: ",") {
      let name = plain(String(range))
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

  /// A media type without its parameters.
  private static func plain(_ type: String) -> String {
    String(type.prefix { $0 != ";" }).trimmed.lowercased()
  }

  /// - Throws: `Problem` 415 for a body that is packed: what it unpacks to may be far beyond the limits.
  static func requireUnpacked(_ request: Request) throws(Problem) {
    guard let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" else {
      return
    }
    throw Problem(
      415, "unsupported_encoding", "Packed bodies are not understood",
      "Send the body as it is, without Content-Encoding.")
  }
}

extension Route {
  /// What a body may be, as media types; `nil` when there is none.
  var accepted: String? {
    switch body {
    case .nothing: nil
    case .json: "application/json"
    case .bytes: "image/jpeg, image/png, image/webp"
    }
  }
}

extension Route.Method {
  /// The header that says what a body of this method may be (RFC 5789; the W3C's Linked Data Platform).
  fileprivate var acceptHeader: HTTPField.Name? {
    switch self {
    case .post: .acceptPost
    case .patch: .acceptPatch
    case .get, .put, .delete: nil
    }
  }
}
