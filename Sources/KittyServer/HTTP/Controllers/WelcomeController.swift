import HTTPTypes
import Hummingbird
import KittyShared

/// The route that tells a person who opens the address of the server what it is, and how to connect.
struct WelcomeController: Sendable {
  /// `PUBLIC_URL`; `nil` for the host of the request.
  let publicURL: String?
  let signUp: SignUpPolicy.Mode

  /// The media types; the first one is for clients that accept all of them.
  private static let types = ["text/plain; charset=utf-8", "text/html; charset=utf-8", "application/json"]
  /// The headers that nginx.conf adds to each answer: the page is also served without nginx.
  private static let policy: HTTPFields = [
    .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    .referrerPolicy: "no-referrer", .frameOptions: "DENY", .crossOriginResourcePolicy: "same-origin",
  ]

  func register(on routes: inout Routes) {
    routes.on(Endpoints.welcome) { call in
      guard let type = Negotiation.preferred(call.request.headers[.accept], of: Self.types) else {
        throw Problem(
          406, "not_acceptable", "No acceptable representation",
          "The response is text/plain, text/html or application/json. Send Accept with one of them, or Accept: */*."
        )
      }
      let info = ServerInfo(
        name: "KittyCash", version: KittyCash.version, address: address(of: call.request),
        signUp: signUp.rawValue, contract: Endpoints.contract.route.path)
      var headers = Self.policy
      // The representations differ, and a cache must know.
      headers[.vary] = "Accept"
      guard type != "application/json" else { return try .json(info, status: 200, headers: headers) }
      let page = WelcomePage(info: info, signUp: signUp)
      headers[.contentType] = type
      headers[.cacheControl] = "no-store"
      return Response(
        status: .ok, headers: headers,
        body: .init(byteBuffer: ByteBuffer(string: type.hasPrefix("text/html") ? page.html : page.text)))
    }
  }

  /// Returns the address that a client would use. People copy it into a shell, so a host with any other character than
  /// those of names, addresses and ports is not shown.
  private func address(of request: Request) -> String? {
    if let publicURL { return publicURL }
    guard let host = request.head.authority, (1...255).contains(host.utf8.count),
      host.utf8.allSatisfy({ byte in
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._:[]".utf8.contains(byte)
      })
    else { return nil }
    let scheme = request.headers[.forwardedProto] == "https" ? "https" : "http"
    return "\(scheme)://\(host)"
  }
}
