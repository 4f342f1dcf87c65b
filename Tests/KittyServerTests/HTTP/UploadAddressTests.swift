import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Addresses to which a photo or a receipt can be sent once.
@Suite struct UploadAddressTests {
  private static let settings = ["PUBLIC_URL": "https://pay.example.org/kitty"]
  private static let picture = HTTPRequest.Body.bytes(PNG.encode(16, 16) { x, y in (UInt8(x), UInt8(y), 9) })

  private func make(
    _ server: TestServer, _ token: String, group: ID?, entry: ID? = nil
  ) async throws -> Answer {
    let json = String(decoding: try JSON.encode(NewUpload(group: group, entry: entry)), as: UTF8.self)
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
        // So a client asks whether the address still works.
        let empty = try await server.send("PUT", "/v1/uploads", token: address.token, body: .bytes([]))
        try expectProblem(empty, 415, "not_a_picture")
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

  private static let pdf = ReceiptSamples.pdf()

  private func enter(_ server: TestServer, _ token: String, in group: Group) async throws -> Entry {
    try await server.send(
      "POST", "/v1/groups/\(group.id)/expenses", token: token,
      json: #"{"description": "Dinner", "amount": 300, "payer": "\#(group.me)"}"#
    ).decode(Entry.self)
  }

  @Test(arguments: Backend.available) func receiptIsSentOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: Self.settings) { (server) async throws in
      let anna = try await server.signUp()
      let group = try await server.makeGroup(anna).group
      let entry = try await enter(server, anna, in: group)
      let path = "/v1/groups/\(group.id)/entries/\(entry.id)"
      let made = try await make(server, anna, group: group.id, entry: entry.id)
      #expect(made.status == 201, "\(made.text)")
      let address = try made.decode(UploadAddress.self)
      #expect(address.url == "https://pay.example.org/kitty/upload?for=receipt#\(address.token)")
      @Sendable func put(_ token: String, _ bytes: [UInt8], name: String = "bill") async throws -> Answer {
        try await server.send("PUT", "/v1/uploads?name=\(name)", token: token, body: .bytes(bytes))
      }
      // What is refused leaves the address.
      #expect(try await put(address.token, [1, 2, 3]).status == 415)
      #expect(try await put(address.token, Self.pdf, name: "a%2Fb").status == 422)
      #expect(
        try await put(address.token, Self.pdf + Array(repeating: 32, count: Receipt.maxBytes)).status == 413)
      let sent = try await put(address.token, Self.pdf)
      #expect(sent.status == 200, "\(sent.text)")
      let receipt = try sent.decode(Receipt.self)
      #expect(receipt.name == "bill.pdf" && receipt.number == 1 && receipt.bytes == Self.pdf.count)
      let shown = try await server.send("GET", "\(path)/receipts/1", token: anna)
      #expect(shown.response.body == Self.pdf)
      let changed = try await server.send("GET", path, token: anna).decode(Entry.self)
      #expect(changed.receipts == [receipt] && changed.version == entry.version + 1)
      try expectProblem(try await put(address.token, Self.pdf), 403, "useless_token")
      // The next ones, at the same time, get numbers of their own.
      var others: [String] = []
      for _ in 2...Receipt.maxNumber {
        let answer = try await make(server, anna, group: group.id, entry: entry.id)
        others.append(try answer.decode(UploadAddress.self).token)
      }
      // A user has two places for uploads.
      for start in stride(from: 0, to: others.count - 1, by: 2) {
        let tokens = (others[start], others[start + 1])
        async let first = put(tokens.0, ReceiptSamples.pdf("\(start)"), name: "more")
        async let second = put(tokens.1, ReceiptSamples.pdf("\(start + 1)"), name: "more")
        let statuses = try await [first.status, second.status]
        #expect(statuses == [200, 200])
      }
      #expect(try await put(others[8], ReceiptSamples.pdf("8")).status == 200)
      let full = try await server.send("GET", path, token: anna).decode(Entry.self)
      #expect(full.receipts?.map(\.number) == Array(1...Receipt.maxNumber))
      #expect(Set(full.receipts?.map(\.hash) ?? []).count == Receipt.maxNumber)
      try expectProblem(
        try await make(server, anna, group: group.id, entry: entry.id), 409, "too_many_receipts")
    }
  }

  @Test(arguments: Backend.available) func rightsCountWhenTheReceiptComes(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: Self.settings) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("bob"))
      let group = try await server.makeGroup(anna).group
      let entry = try await enter(server, anna, in: group)
      #expect(try await make(server, bob, group: group.id, entry: entry.id).status == 404)
      #expect(try await make(server, anna, group: nil, entry: entry.id).status == 422)
      #expect(try await make(server, anna, group: group.id, entry: ID(at: .now)).status == 404)
      _ = try await server.join(group.id, bob, invitedBy: anna)
      let address = try await make(server, bob, group: group.id, entry: entry.id).decode(UploadAddress.self)
      func patch(_ json: String) async throws {
        let answer = try await server.send(
          "PATCH", "/v1/groups/\(group.id)", token: anna, json: json, headers: [("If-Match", "*")])
        try #require(answer.status == 200, "\(answer.text)")
      }
      func send() async throws -> Answer {
        try await server.send("PUT", "/v1/uploads", token: address.token, body: .bytes(Self.pdf))
      }
      try await patch(#"{"ownEntriesOnly": true}"#)
      try expectProblem(try await send(), 403, "not_your_entry")
      #expect(try await make(server, bob, group: group.id, entry: entry.id).status == 403)
      try await patch(#"{"ownEntriesOnly": false, "closedUntil": "\#(entry.date)"}"#)
      try expectProblem(try await send(), 409, "closed")
      try await patch(#"{"closedUntil": null, "archived": true}"#)
      try expectProblem(try await send(), 409, "archived")
      try await patch(#"{"archived": false}"#)
      #expect(try await send().status == 200)
      let late = try await make(server, bob, group: group.id, entry: entry.id).decode(UploadAddress.self)
      let path = "/v1/groups/\(group.id)/entries/\(entry.id)"
      #expect(try await server.send("DELETE", path, token: anna).status == 204)
      try expectProblem(
        try await server.send("PUT", "/v1/uploads", token: late.token, body: .bytes(Self.pdf)), 409, "deleted"
      )
    }
  }

  @Test(arguments: Backend.available) func receiptThatTheQuotaRefusesLeavesTheAddress(backend: Backend)
    async throws
  {
    let settings = Self.settings.merging(["GROUP_MAX_BYTES": "65536"]) { $1 }
    try await TestServer.run(on: backend, settings: settings) { (server) async throws in
      let anna = try await server.signUp()
      let group = try await server.makeGroup(anna).group
      let entry = try await enter(server, anna, in: group)
      let address = try await make(server, anna, group: group.id, entry: entry.id).decode(UploadAddress.self)
      func put(_ bytes: [UInt8]) async throws -> Answer {
        try await server.send("PUT", "/v1/uploads?name=bill", token: address.token, body: .bytes(bytes))
      }
      let large = ReceiptSamples.pdf(String(repeating: "x", count: 300_000))
      try expectProblem(try await put(large), 409, "quota_exceeded")
      #expect(try await put(Self.pdf).status == 200)
      try expectProblem(try await put(Self.pdf), 403, "useless_token")
    }
  }

  @Test func nameOfAPhotoDoesNotCount() async throws {
    try await TestServer.run(on: .sqlite, settings: Self.settings) { (server) async throws in
      let anna = try await server.signUp()
      let address = try await make(server, anna, group: nil).decode(UploadAddress.self)
      let sent = try await server.send(
        "PUT", "/v1/uploads?name=a:b.jpg", token: address.token, body: Self.picture)
      #expect(sent.status == 200, "\(sent.text)")
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
      let receipts = try await server.send("GET", "/upload?for=receipt")
      #expect(receipts.text.contains("application/pdf") && !page.text.contains("application/pdf"))
      // `PHOTO_MAX_BYTES` is 3,000,000 here.
      #expect(page.text.contains("at most 2.8 MiB") && page.text.contains("data-bytes=\"3000000\""))
      #expect(receipts.text.contains("at most 10 MiB") && receipts.text.contains("data-bytes=\"10485760\""))
      #expect(try await server.send("GET", "/upload?for=x").status == 422)
      let policy = try #require(page.header("Content-Security-Policy"))
      #expect(policy == UploadPage.policy)
      let source = try #require(policy.firstMatch(of: /default-src 'none'; (.*)frame-ancestors/)).1
      let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
      let nginx = try String(contentsOf: root.appending(path: "nginx/nginx.conf"), encoding: .utf8)
      #expect(nginx.contains("/upload \"\(source)\";"), "nginx.conf needs: /upload \"\(source)\";")
    }
  }
}
