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
      var headers: HTTPFields = [.accept: accepted, .acceptEncoding: route.takesGzip ? "gzip" : "identity"]
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
    accept == "*/*" || accept == type || Preference(accept, for: type).quality > 0
  }

  /// Returns the type that a value of `Accept` prefers; of equal ones the first.
  /// - Parameter accept: `nil` accepts every type.
  /// - Returns: `nil` when none of the types is accepted.
  static func preferred(_ accept: String?, of types: [String]) -> String? {
    guard let accept else { return types.first }
    var best: (type: String, preference: Preference)?
    for type in types {
      let preference = Preference(accept, for: type)
      guard preference.quality > 0, best.map({ $0.preference < preference }) ?? true else { continue }
      best = (type, preference)
    }
    return best?.type
  }

  /// The preference of a client for a media type: the quality of the most specific range that matches it. Of equal
  /// qualities the more specific range is preferred, then the one that comes first.
  private struct Preference: Comparable {
    private(set) var quality = 0.0
    /// 3 for the type itself, 2 for its main type, 1 for every type, 0 when no range matches.
    private var rank = 0
    private var position = 0

    init(_ accept: String, for type: String) {
      let type = withoutParameters(type)
      let main = type.prefix { $0 != "/" } + "/*"
      for (position, range) in accept.split(separator: ",").enumerated() {
        let name = withoutParameters(String(range))
        let rank = name == type ? 3 : name == main ? 2 : name == "*/*" || name == "*" ? 1 : 0
        guard rank > 0 else { continue }
        let quality = Negotiation.quality(of: range)
        guard rank > self.rank || (rank == self.rank && quality > self.quality) else { continue }
        (self.quality, self.rank, self.position) = (quality, rank, position)
      }
    }

    static func < (left: Self, right: Self) -> Bool {
      (left.quality, left.rank, -left.position) < (right.quality, right.rank, -right.position)
    }
  }

  /// Reads `q` of a range: from 0 to 1, and 1 without a number.
  private static func quality(of range: Substring) -> Double {
    for parameter in range.split(separator: ";").dropFirst() {
      let parts = parameter.split(separator: "=").map { String($0).trimmed.lowercased() }
      if parts.count == 2, parts[0] == "q", let number = Double(parts[1]), number >= 0 {
        return min(number, 1)
      }
    }
    return 1
  }

  /// Returns the language that a value of `Accept-Language` prefers, such as `de-at`; of equal ones the first. `nil` when it names none.
  static func preferredLanguage(_ accept: String) -> String? {
    var best: (language: String, quality: Double)?
    for range in accept.split(separator: ",") {
      let (language, quality) = (withoutParameters(String(range)), quality(of: range))
      guard !language.isEmpty, language != "*", quality > best?.quality ?? 0 else { continue }
      best = (language, quality)
    }
    return best?.language
  }

  /// Returns a media type without its parameters.
  private static func withoutParameters(_ type: String) -> String {
    String(type.prefix { $0 != ";" }).trimmed.lowercased()
  }
}

extension Route {
  /// `true` for a route whose body is a file of another program: its content tells what it is.
  private var isFileOfBooks: Bool {
    [Endpoints.importFile.route, Endpoints.previewImport.route].contains(self)
  }

  /// `true` for a route that decodes a compressed body: one of files, which are large.
  var takesGzip: Bool { isFileOfBooks || self == Endpoints.importGroup.route }

  private static let pictures = "image/jpeg, image/png, image/webp, image/gif, image/heic, image/avif"

  /// The media types of a request body; `nil` when the route takes none.
  var accepted: String? {
    switch body {
    case .nothing: nil
    case .json: "application/json"
    case .bytes where isFileOfBooks: "text/csv, application/json"
    case .bytes where self == Endpoints.setReceipt.route || self == Endpoints.upload.route:
      "\(Self.pictures), application/pdf"
    case .bytes: Self.pictures
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
