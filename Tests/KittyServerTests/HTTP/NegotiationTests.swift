import KittyShared
import Testing

@testable import KittyServer

/// Methods and media types of every route. Generated from the route table, which includes new routes.
@Suite struct NegotiationTests {
  @Test func optionsListsAllowedMethods() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for (path, routes) in RoutePaths.all {
        let answer = try await server.send("OPTIONS", RoutePaths.filled(path))
        #expect(answer.status == 204 && answer.text.isEmpty, "\(path)")
        #expect(RoutePaths.list(answer.header("Allow")) == RoutePaths.methods(routes), "\(path)")
        #expect(
          (answer.header("Accept-Patch") != nil)
            == routes.contains { $0.method == .patch && $0.body != .nothing })
        #expect(
          (answer.header("Accept-Post") != nil)
            == routes.contains { $0.method == .post && $0.body != .nothing })
        // No cross-origin headers without configuration.
        #expect(answer.header("Access-Control-Allow-Origin") == nil)
      }
      #expect(try await server.send("OPTIONS", "/v1/nothing").status == 404)
    }
  }

  @Test func unknownMethodGets405WithAllow() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for (path, routes) in RoutePaths.all {
        for method in Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
          .subtracting(RoutePaths.methods(routes))
        {
          let answer = try await server.send(method, RoutePaths.filled(path))
          #expect(answer.status == 405, "\(method) \(path)")
          #expect(RoutePaths.list(answer.header("Allow")) == RoutePaths.methods(routes), "\(method) \(path)")
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
      // The format of an export depends on its query.
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
      // The token of an upload address comes first there, and the entry of a receipt.
      let others: Set<Route> = [Endpoints.upload.route, Endpoints.setReceipt.route]
      for route in Endpoints.all where route.body != .nothing && !others.contains(route) {
        let path = route.path([books.group.id, books.bob])
        func send(_ headers: [(String, String)]) async throws -> Answer {
          try await books.server.send(
            route.method.rawValue, path, token: books.token, body: .bytes(Array("<a>".utf8)), headers: headers
          )
        }
        var answers = [try await send([("Content-Type", "application/json"), ("Content-Encoding", "br")])]
        // The content of a file of another program tells what it is.
        if ![Endpoints.importFile.route, Endpoints.previewImport.route].contains(route) {
          answers.append(try await send([("Content-Type", "text/xml")]))
        }
        for answer in answers {
          #expect(answer.status == 415, "\(route.method.rawValue) \(path): \(answer.text)")
          _ = try answer.problem()
          let accepted = try #require(route.accepted)
          #expect(answer.header("Accept") == accepted)
          #expect(answer.header("Accept-Encoding") == (route.takesGzip ? "gzip" : "identity"))
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
      let put = try await books.server.send(
        "PUT", "/v1/groups/\(books.group.id)/entries/1/receipts/1", token: books.token,
        body: .bytes(ReceiptSamples.pdf()))
      #expect(put.status == 200)
      for route in Endpoints.all where route.method == .get {
        let second: any CustomStringConvertible & Sendable =
          route.path.contains("{member}") || route.path.contains("{account}") ? books.bob : entry.id
        let path = route.path([books.group.id, second, 1])
        let whole = try await books.server.send("GET", path, token: books.token)
        let head = try await books.server.send("HEAD", path, token: books.token)
        #expect(head.status == whole.status && head.text.isEmpty, "\(path)")
        for name in ["Content-Type", "ETag", "Cache-Control", "Link", "Content-Disposition"] {
          #expect(head.header(name) == whole.header(name), "\(path) \(name)")
        }
      }
    }
  }
}
