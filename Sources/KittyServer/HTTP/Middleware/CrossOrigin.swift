import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The web pages of other origins whose scripts may call the API (CORS, the Fetch standard). Requests with
/// credentials are never allowed: a token goes into a header, so a page needs to have it.
struct CrossOrigin: Sendable, Hashable {
  /// Allowed origins, such as `https://kitty.example.org`.
  private let origins: Set<String>
  /// `true` when every origin is allowed.
  private let isOpen: Bool
  /// The setting that allows no origin.
  static let none = CrossOrigin(origins: [], isOpen: false)

  private static let requestHeaders =
    "Accept, Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
  private static let responseHeaders =
    "Allow, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"

  private init(origins: Set<String>, isOpen: Bool) {
    self.origins = origins
    self.isOpen = isOpen
  }

  /// Parses origins separated by commas or blanks, or `*` for every origin.
  /// - Returns: `nil` when one of them is not an origin.
  init?(_ text: String) {
    let parts = text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
    isOpen = parts == ["*"]
    origins = isOpen ? [] : Set(parts)
    guard isOpen || parts.allSatisfy(Self.isOrigin) else { return nil }
  }

  /// Returns `true` for an origin as browsers send it: a scheme, a host, and a port if it is not the default one,
  /// all in lower case.
  private static func isOrigin(_ text: String) -> Bool {
    guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme),
      let host = url.host, !host.isEmpty, text == text.lowercased()
    else { return false }
    return text == "\(url.scheme ?? "")://\(host)" + (url.port.map { ":\($0)" } ?? "")
  }

  /// Adds the headers that let the calling page read the response.
  func addHeaders(to headers: inout HTTPFields, for request: Request) {
    guard isOpen || !origins.isEmpty else { return }
    if !isOpen { headers[.vary] = headers[.vary].map { $0 + ", Origin" } ?? "Origin" }
    guard let origin = request.headers[.origin], isOpen || origins.contains(origin) else { return }
    headers[.accessControlAllowOrigin] = isOpen ? "*" : origin
    headers[.accessControlExposeHeaders] = Self.responseHeaders
  }

  /// Adds the headers that answer a preflight request.
  /// - Parameter methods: The methods of the path.
  func addPreflightHeaders(to headers: inout HTTPFields, for request: Request, methods: String) {
    guard let origin = request.headers[.origin], request.headers[.accessControlRequestMethod] != nil,
      isOpen || origins.contains(origin)
    else { return }
    headers[.accessControlAllowMethods] = methods
    headers[.accessControlAllowHeaders] = Self.requestHeaders
    headers[.accessControlMaxAge] = "600"
  }
}
