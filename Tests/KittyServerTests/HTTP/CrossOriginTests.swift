import KittyShared
import Testing

@testable import KittyServer

/// Cross-origin requests of every route. Generated from the route table, which includes new routes.
@Suite struct CrossOriginTests {
  private static let page = "https://kitty.example.org"

  @Test(arguments: ["https://kitty.example.org, http://localhost:5173", "*"])
  func configuredOriginIsAllowed(origins: String) async throws {
    try await TestServer.run(on: .sqlite, settings: ["CORS_ORIGINS": origins]) { (server) async throws in
      let allowed = origins == "*" ? "*" : Self.page
      for (path, routes) in RoutePaths.all {
        let asked = try await server.send(
          "OPTIONS", RoutePaths.filled(path),
          headers: [("Origin", Self.page), ("Access-Control-Request-Method", routes[0].method.rawValue)])
        #expect(asked.header("Access-Control-Allow-Origin") == allowed, "\(path)")
        #expect(
          RoutePaths.list(asked.header("Access-Control-Allow-Methods")) == RoutePaths.methods(routes),
          "\(path)")
        #expect(
          RoutePaths.list(asked.header("Access-Control-Allow-Headers"))
            .isSuperset(of: ["Authorization", "Content-Type", "If-Match", "Idempotency-Key"]))
        #expect(asked.header("Access-Control-Allow-Credentials") == nil)
      }
      // The page can also read error responses.
      for path in ["/v1/me", "/v1/nothing", "/health/live"] {
        let answer = try await server.send("GET", path, headers: [("Origin", Self.page)])
        #expect(answer.header("Access-Control-Allow-Origin") == allowed)
        #expect(
          RoutePaths.list(answer.header("Access-Control-Expose-Headers")).isSuperset(of: [
            "ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy",
          ]))
        #expect(answer.header("Access-Control-Allow-Credentials") == nil)
        #expect(answer.header("Vary") == (origins == "*" ? nil : "Origin"))
      }
    }
  }

  @Test(arguments: ["", "https://kitty.example.org"]) func otherOriginIsRefused(origins: String) async throws
  {
    try await TestServer.run(on: .sqlite, settings: ["CORS_ORIGINS": origins]) { (server) async throws in
      for origin in [
        "https://evil.example.org", "null", "http://kitty.example.org", "https://kitty.example.org:8443",
        "https://kitty.example.org.evil.org", "HTTPS://KITTY.EXAMPLE.ORG",
      ] + (origins.isEmpty ? [Self.page] : []) {
        for method in ["OPTIONS", "GET"] {
          let answer = try await server.send(
            method, "/v1/me", headers: [("Origin", origin), ("Access-Control-Request-Method", "GET")])
          for name in ["Allow-Origin", "Allow-Methods", "Allow-Headers", "Expose-Headers"] {
            #expect(answer.header("Access-Control-\(name)") == nil, "\(origin)")
          }
        }
      }
    }
  }
}
