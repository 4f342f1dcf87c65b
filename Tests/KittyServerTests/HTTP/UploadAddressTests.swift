import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Addresses to which a photo can be sent once.
@Suite struct UploadAddressTests {
  private static let settings = ["PUBLIC_URL": "https://pay.example.org/kitty"]
  private static let picture = HTTPRequest.Body.bytes(PNG.encode(16, 16) { x, y in (UInt8(x), UInt8(y), 9) })

  private func make(_ server: TestServer, _ token: String, group: ID?) async throws -> Answer {
    let json = String(decoding: try JSON.encode(NewUpload(group: group)), as: UTF8.self)
    return try await server.send("POST", "/v1/me/uploads", token: token, json: json)
  }

  @Test(arguments: Backend.available) func photoIsSentOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: Self.settings) { (server) async throws in
      let anna = try await server.signUp()
      let group = try await server.makeGroup(anna).group.id
      for target in [group, nil] {
        let made = try await make(server, anna, group: target)
        #expect(made.status == 201, "\(made.text)")
        let address = try made.decode(UploadAddress.self)
        #expect(address.url == "https://pay.example.org/kitty/upload#\(address.token)")
        let wrong = try await server.send(
          "PUT", "/v1/uploads", token: address.token, body: .bytes([1, 2, 3]))
        #expect(wrong.status == 415)
        let sent = try await server.send("PUT", "/v1/uploads", token: address.token, body: Self.picture)
        #expect(sent.status == 200, "\(sent.text)")
        let photo = try sent.decode(Photo.self)
        let path = target.map { "/v1/groups/\($0)/photo" } ?? "/v1/me/photo"
        let shown = try await server.send("GET", path, token: anna)
        #expect(shown.header("ETag") == "\"\(photo.hash)-large\"")
        try expectProblem(
          try await server.send("PUT", "/v1/uploads", token: address.token, body: Self.picture), 403,
          "useless_token")
      }
      // The secret of a session does not open an address, and that of an address no session.
      for (method, path, token) in [("PUT", "/v1/uploads", anna)] {
        #expect(try await server.send(method, path, token: token, body: Self.picture).status == 403)
      }
      let other = try await make(server, anna, group: nil).decode(UploadAddress.self)
      #expect(try await server.send("GET", "/v1/me", token: other.token).status == 401)
    }
  }

  @Test(arguments: Backend.available) func rightsCountWhenThePhotoComes(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: Self.settings) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("bob"))
      let group = try await server.makeGroup(anna).group.id
      #expect(try await make(server, bob, group: group).status == 404)
      _ = try await server.join(group, bob, invitedBy: anna)
      let address = try await make(server, bob, group: group).decode(UploadAddress.self)
      #expect(try await server.send("POST", "/v1/groups/\(group)/leave", token: bob).status == 204)
      let late = try await server.send("PUT", "/v1/uploads", token: address.token, body: Self.picture)
      #expect(late.status == 404)
      // An address ends after ten minutes.
      let expired = try await make(server, anna, group: group).decode(UploadAddress.self)
      try await server.dependencies.database.transact(
        ["update upload_addresses set expires_at = \(Instant.now)"])
      try expectProblem(
        try await server.send("PUT", "/v1/uploads", token: expired.token, body: Self.picture), 403,
        "useless_token")
      // The latest ten remain.
      var made: [UploadAddress] = []
      for _ in 0..<11 { made.append(try await make(server, anna, group: nil).decode(UploadAddress.self)) }
      #expect(
        try await server.send("PUT", "/v1/uploads", token: made[0].token, body: Self.picture).status == 403)
      #expect(
        try await server.send("PUT", "/v1/uploads", token: made[10].token, body: Self.picture).status == 200)
    }
  }

  @Test func addressNeedsThePublicURL() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let anna = try await server.signUp()
      try expectProblem(try await make(server, anna, group: nil), 409, "no_public_url")
    }
  }

  /// nginx replaces the headers of the server, so it must have the hash of the script.
  @Test func pageRunsItsOwnScriptOnly() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let page = try await server.send("GET", "/upload")
      #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
      let policy = try #require(page.header("Content-Security-Policy"))
      #expect(policy == UploadPage.policy)
      let source = try #require(policy.firstMatch(of: /default-src 'none'; (.*)frame-ancestors/)).1
      let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
      let nginx = try String(contentsOf: root.appending(path: "nginx/nginx.conf"), encoding: .utf8)
      #expect(nginx.contains("/upload \"\(source)\";"), "nginx.conf needs: /upload \"\(source)\";")
    }
  }
}
