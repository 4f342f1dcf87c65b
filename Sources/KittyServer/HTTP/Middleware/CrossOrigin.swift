import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Lets scripts on web pages of other places call the API, where that is configured (CORS, the Fetch standard).
/// Never with credentials: a token goes into a header, and only a page that was given one can send it.
struct CrossOrigin: Sendable, Hashable {
  /// Such as `https://kitty.example.org`.
  private let origins: Set<String>
  /// Whether every page may.
  private let isOpen: Bool
  /// No page may.
  static let none = CrossOrigin(origins: [], isOpen: false)

  private static let requestHeaders =
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id"
  private static let responseHeaders =
    "Allow, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"

  private init(origins: Set<String>, isOpen: Bool) {
    self.origins = origins
    self.isOpen = isOpen
  }

  /// Origins with commas or blanks between them, or `*` for every page.
  /// - Returns: `nil` when one is not the origin of a page.
  init?(_ text: String) {
    let parts = text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
    isOpen = parts == ["*"]
    origins = isOpen ? [] : Set(parts)
    guard isOpen || parts.allSatisfy(Self.isOrigin) else { return nil }
  }

  /// As a browser sends it: a scheme, a host, and a port that is not the usual one, all in lower case.
  private static func isOrigin(_ text: String) -> Bool {
    guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme),
      let host = url.host, !host.isEmpty, text == text.lowercased()
    else { return false }
    return text == "\(url.scheme ?? "")://\(host)" + (url.port.map { ":\($0)" } ?? "")
  }

  /// Tells a browser what the page that asks may see of the answer.
  func write(to headers: inout HTTPFields, for request: Request) {
    guard isOpen || !origins.isEmpty else { return }
    if !isOpen { headers[.vary] = "Origin" }
    guard let origin = request.headers[.origin], isOpen || origins.contains(origin) else { return }
    headers[.accessControlAllowOrigin] = isOpen ? "*" : origin
    headers[.accessControlExposeHeaders] = Self.responseHeaders
  }

  /// Answers a browser that asks before it sends.
  /// - Parameter methods: What there is at the path.
  func preflight(_ headers: inout HTTPFields, for request: Request, methods: String) {
    guard let origin = request.headers[.origin], request.headers[.accessControlRequestMethod] != nil,
      isOpen || origins.contains(origin)
    else { return }
    headers[.accessControlAllowMethods] = methods
    headers[.accessControlAllowHeaders] = Self.requestHeaders
    headers[.accessControlMaxAge] = "600"
  }
}
