import KittyShared
import Testing

@testable import KittyServer

/// What holds for every route, generated from the route table: a new route is in here by itself.
@Suite struct NegotiationTests {
  /// Every path with the methods that are there.
  private static let paths = Dictionary(grouping: Endpoints.all, by: \.path)

  private func filled(_ path: String) -> String {
    let id = ID(at: .now)
    return Route.filled(path, [id, id])
  }

  private func methods(_ routes: [Route]) -> Set<String> {
    Set(routes.map(\.method.rawValue)).union(["OPTIONS"])
      .union(routes.contains { $0.method == .get } ? ["HEAD"] : [])
  }

  private func list(_ header: String?) -> Set<String> {
    Set((header ?? "").split(separator: ",").map { String($0).trimmed })
  }

  @Test func optionsListsAllowedMethods() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for (path, routes) in Self.paths {
        let answer = try await server.send("OPTIONS", filled(path))
        #expect(answer.status == 204 && answer.text.isEmpty, "\(path)")
        #expect(list(answer.header("Allow")) == methods(routes), "\(path)")
        #expect(
          (answer.header("Accept-Patch") != nil)
            == routes.contains { $0.method == .patch && $0.body != .nothing })
        #expect(
          (answer.header("Accept-Post") != nil)
            == routes.contains { $0.method == .post && $0.body != .nothing })
        // Nobody asks for leave where nothing is configured.
        #expect(answer.header("Access-Control-Allow-Origin") == nil)
      }
      #expect(try await server.send("OPTIONS", "/v1/nothing").status == 404)
    }
  }

  @Test func unknownMethodGets405WithAllow() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for (path, routes) in Self.paths {
        for method in Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
          .subtracting(methods(routes))
        {
          let answer = try await server.send(method, filled(path))
          #expect(answer.status == 405, "\(method) \(path)")
          #expect(list(answer.header("Allow")) == methods(routes), "\(method) \(path)")
          if method != "HEAD" { #expect(try answer.problem().code == "method_not_allowed") }
        }
      }
    }
  }

  @Test func unacceptableFormatGets406AndChangesNothing() async throws {
    try await GroupFixture.run(on: .sqlite) { (books) async throws in
      var seen = 0
      for route in Endpoints.all where route.answer == .json {
        let path = route.path([books.group.id, books.bob])
        let answer = try await books.server.send(
          route.method.rawValue, path, token: books.token, body: .bytes(Array("{}".utf8)),
          headers: [("Accept", "text/html, application/xml;q=0.9"), ("Content-Type", "application/json")])
        #expect(answer.status == 406, "\(route.method.rawValue) \(path): \(answer.text)")
        #expect(try answer.problem().code == "not_acceptable")
        seen += 1
      }
      #expect(seen > 20)
      // A form that only shows when it is there.
      let export = "/v1/groups/\(books.group.id)/export?format=csv"
      for (accept, status) in [("text/csv", 200), ("text/*", 200), ("application/json", 406), ("*/*", 200)] {
        let answer = try await books.send("GET", export, headers: [("Accept", accept)])
        #expect(answer.status == status, "\(accept)")
      }
    }
  }

  @Test(arguments: [
    ("*/*", true), ("application/json", true), ("application/*", true), ("APPLICATION/JSON", true),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
    ("application/json; charset=utf-8", true), ("text/html;q=0.5, application/json;q=0.1", true), ("*", true),
    ("text/html", false), ("application/problem+json", false), ("application/json;q=0", false),
    ("*/*, application/json;q=0.000", false), ("*/*;q=0", false), ("application/*;q=0, */*", false),
    ("application/*;q=0, application/json", true), ("", false), ("nonsense", false),
  ]) func mostSpecificMediaRangeDecides(accept: String, isIn: Bool) {
    #expect(Negotiation.accepts(accept, "application/json") == isIn)
  }

  @Test func unsupportedBodyGets415WithAcceptedTypes() async throws {
    try await GroupFixture.run(on: .sqlite) { (books) async throws in
      for route in Endpoints.all where route.body != .nothing {
        let path = route.path([books.group.id, books.bob])
        func send(_ headers: [(String, String)]) async throws -> Answer {
          try await books.server.send(
            route.method.rawValue, path, token: books.token, body: .bytes(Array("<a>".utf8)), headers: headers
          )
        }
        var answers = [try await send([("Content-Type", "application/json"), ("Content-Encoding", "gzip")])]
        answers.append(try await send([("Content-Type", "text/xml")]))
        for answer in answers {
          #expect(answer.status == 415, "\(route.method.rawValue) \(path): \(answer.text)")
          _ = try answer.problem()
          let accepted = try #require(route.accepted)
          #expect(answer.header("Accept") == accepted && answer.header("Accept-Encoding") == "identity")
          #expect(answer.header("Accept-Post") == (route.method == .post ? accepted : nil))
          #expect(answer.header("Accept-Patch") == (route.method == .patch ? accepted : nil))
        }
      }
    }
  }

  @Test func headOfEveryGetHasItsHeaders() async throws {
    try await GroupFixture.run(on: .sqlite) { (books) async throws in
      let entry = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 3, "payer": "\#(books.anna)"}"#)
      for route in Endpoints.all where route.method == .get {
        let second: any CustomStringConvertible & Sendable =
          route.path.contains("{member}") || route.path.contains("{account}") ? books.bob : entry.id
        let path = route.path([books.group.id, second])
        let whole = try await books.send("GET", path)
        let head = try await books.send("HEAD", path)
        #expect(head.status == whole.status && head.text.isEmpty, "\(path)")
        for name in ["Content-Type", "ETag", "Cache-Control", "Link", "Content-Disposition"] {
          #expect(head.header(name) == whole.header(name), "\(path) \(name)")
        }
      }
    }
  }

  private static let page = "https://kitty.example.org"

  @Test(arguments: ["https://kitty.example.org, http://localhost:5173", "*"])
  func configuredOriginIsAllowed(origins: String) async throws {
    try await TestServer.run(on: .sqlite, settings: ["CORS_ORIGINS": origins]) { (server) async throws in
      let allowed = origins == "*" ? "*" : Self.page
      for (path, routes) in Self.paths {
        let asked = try await server.send(
          "OPTIONS", filled(path),
          headers: [("Origin", Self.page), ("Access-Control-Request-Method", routes[0].method.rawValue)])
        #expect(asked.header("Access-Control-Allow-Origin") == allowed, "\(path)")
        #expect(list(asked.header("Access-Control-Allow-Methods")) == methods(routes), "\(path)")
        #expect(
          list(asked.header("Access-Control-Allow-Headers"))
            .isSuperset(of: ["Authorization", "Content-Type", "If-Match", "Idempotency-Key"]))
        #expect(asked.header("Access-Control-Allow-Credentials") == nil)
      }
      // What is refused can be read by the page too.
      for path in ["/v1/me", "/v1/nothing", "/health/live"] {
        let answer = try await server.send("GET", path, headers: [("Origin", Self.page)])
        #expect(answer.header("Access-Control-Allow-Origin") == allowed)
        #expect(
          list(answer.header("Access-Control-Expose-Headers")).isSuperset(of: [
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

extension Route {
  /// A path with its holes filled.
  fileprivate static func filled(_ path: String, _ values: [ID]) -> String {
    Endpoints.all.first { $0.path == path }?.path(values) ?? path
  }
}
