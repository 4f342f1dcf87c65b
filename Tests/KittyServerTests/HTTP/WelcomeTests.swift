import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The description of the server at `/`.
@Suite struct WelcomeTests {
  private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

  private func welcome(
    _ server: TestServer, accept: String? = nil, headers: [(String, String)] = []
  ) async throws -> Answer {
    try await server.send("GET", "/", headers: headers + (accept.map { [("Accept", $0)] } ?? []))
  }

  @Test func clientGetsTheFormThatItAccepts() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for (accept, type) in [
        ("*/*", "text/plain; charset=utf-8"), ("text/plain", "text/plain; charset=utf-8"),
        (Self.browser, "text/html; charset=utf-8"),
        ("text/html;q=0.5, text/plain;q=0.4", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html;q=0, */*;q=0.1, application/json;q=0.2", "application/json"),
      ] {
        let answer = try await welcome(server, accept: accept)
        #expect(answer.status == 200 && answer.header("Content-Type") == type, "\(accept)")
        #expect(answer.header("Vary") == "Accept" && answer.header("Cache-Control") == "no-store")
      }
      for accept in ["image/png", "text/*;q=0, application/*;q=0"] {
        #expect(try await welcome(server, accept: accept).problem().code == "not_acceptable", "\(accept)")
      }
      for accept in ["text/html", "text/plain", "application/json"] {
        let head = try await server.send("HEAD", "/", headers: [("Accept", accept)])
        let whole = try await welcome(server, accept: accept)
        #expect(head.status == 200 && head.text.isEmpty)
        #expect(head.header("Content-Type") == whole.header("Content-Type"))
        #expect(head.header("Content-Length") == String(whole.response.body.count))
      }
    }
  }

  @Test func linesConnectToTheAddressOfTheRequest() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let text = try await welcome(server).text
      #expect(text.contains("\n  kittycash --server \(server.url)\n"), "\(text)")
      #expect(text.contains("curl \(server.url)/v1/users --json @-\n") && text.contains(KittyCash.version))
      #expect(text.contains("Everyone can sign up.") && text.contains("\(server.url)/openapi.yaml"))
      let info = try await welcome(server, accept: "application/json").decode(ServerInfo.self)
      #expect(
        info
          == ServerInfo(
            name: "KittyCash", version: KittyCash.version, address: server.url, signUp: "open",
            contract: "/openapi.yaml"))
      for (host, address) in [
        ("kitty.example.org", "http://kitty.example.org"), ("kitty_1:8080", "http://kitty_1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
      ] {
        let page = try await welcome(server, accept: "text/html", headers: [("Host", host)])
        #expect(page.text.contains("<pre>kittycash --server \(address)</pre>"), "\(page.text)")
      }
      let secure = try await welcome(server, headers: [("Host", "k"), ("X-Forwarded-Proto", "https")])
      #expect(secure.text.contains("--server https://k\n"), "\(secure.text)")
    }
  }

  @Test(arguments: [
    "x&lt;script&gt;", "x';id;'", "$(id)", "x!$&'()*+,;=", "user@x", "x%0aid",
    String(repeating: "x", count: 256),
  ]) func hostileHostIsNotShown(host: String) async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for accept in ["text/plain", "text/html", "application/json"] {
        let answer = try await welcome(server, accept: accept, headers: [("Host", host)])
        guard answer.status == 200 else {
          // It is no host at all.
          #expect(try answer.problem().code == "not_http")
          continue
        }
        #expect(!answer.text.contains(host) && !answer.text.contains("id)"), "\(answer.text)")
        if accept == "application/json" {
          #expect(try answer.decode(ServerInfo.self).address == nil)
        } else {
          #expect(answer.text.contains("kittycash --server https://ADDRESS"))
        }
      }
    }
  }

  @Test func signingUpIsAsTheSettingsSay() async throws {
    for (mode, sentence, line) in [
      ("open", "Everyone can sign up.", #"/v1/users --json @-"#),
      ("invite", "Signing up needs an invite", #""invite": "CODE"}' | curl https://k.example/v1/users"#),
      (
        "closed", "The administrator of this server makes the accounts.", "curl https://k.example/v1/sessions"
      ),
    ] {
      let settings = ["SIGN_UP": mode, "PUBLIC_URL": "https://k.example/"]
      try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
        let text = try await welcome(server, headers: [("Host", "other")]).text
        #expect(text.contains(sentence) && text.contains(line) && !text.contains("other"), "\(text)")
        let info = try await welcome(server, accept: "application/json").decode(ServerInfo.self)
        #expect(info.signUp == mode && info.address == "https://k.example")
      }
    }
  }

  @Test func pageEscapesItsTextAndHasNoScript() async throws {
    let settings = ["PUBLIC_URL": "https://k.example/<script>&"]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      let page = try await welcome(server, accept: Self.browser)
      #expect(page.text.contains("https://k.example/&lt;script&gt;&amp;") && !page.text.contains("<script"))
      #expect(page.text.hasPrefix("<!doctype html>") && page.text.contains(#"<a href="openapi.yaml">"#))
      // The same headers as nginx adds.
      let nginx = try Document("nginx/nginx.conf").text
      for name in [
        "Referrer-Policy", "X-Frame-Options", "Cross-Origin-Resource-Policy", "Content-Security-Policy",
        "X-Content-Type-Options",
      ] {
        let rest = try #require(
          nginx.components(separatedBy: "add_header \(name) ").dropFirst().first, "\(name)")
        let value = rest.components(separatedBy: " always;")[0].replacing("\"", with: "")
          .replacing("${style_source}", with: "style-src 'unsafe-inline'; ").replacing("${sandbox}", with: "")
        #expect(page.header(name) == value, "\(name)")
        #expect(nginx.contains("proxy_hide_header \(name);"), "\(name)")
      }
    }
  }

  @Test func cacheLearnsOfEachHeaderThatChangesTheAnswer() async throws {
    let settings = ["CORS_ORIGINS": "https://kitty.example.org"]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      #expect(try await welcome(server).header("Vary") == "Accept, Origin")
      #expect(try await server.send("GET", "/openapi.yaml").header("Vary") == "Origin")
    }
  }

  @Test(arguments: Backend.available) func welcomeNeedsNoDatabase(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      await server.dependencies.database.close()
      for accept in ["text/plain", "text/html", "application/json"] {
        #expect(try await welcome(server, accept: accept).status == 200)
      }
      // Nor does it look at a token.
      #expect(try await server.send("GET", "/", token: "kitty_none").status == 200)
      #expect(try await server.send("GET", "/?a=b").problem().code == "invalid")
      #expect(try await server.send("POST", "/").header("Allow") == "GET, HEAD, OPTIONS")
    }
  }
}
