import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Large and slow bodies: one user cannot take the memory, the disk or the places of all.
@Suite struct LargeBodyTests {
  /// Begins requests with a large body on connections of their own, and sends none of the bodies to its end.
  private func begin(
    _ count: Int, _ line: String, _ token: String, type: String, length: Int = 2_000_000, body: String = "{",
    on server: TestServer
  ) throws -> [RawConnection] {
    let port = try #require(URL(string: server.url)?.port)
    return try (0..<count).map { _ in
      let connection = try RawConnection(port: port)
      connection.send(
        "\(line) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: \(type)\r\n"
          + "Content-Length: \(length)\r\n\r\n\(body)")
      return connection
    }
  }

  /// Waits until all but `kept` of the requests were refused with 429, before their bodies.
  private func expectRefused(_ connections: [RawConnection], but kept: Int) async throws {
    try await until {
      for connection in connections { connection.read() }
      return connections.count { $0.statuses == [429] } == connections.count - kept
    }
    for connection in connections where !connection.received.isEmpty {
      #expect(connection.received.contains("too_many_at_once"), "\(connection.received)")
      #expect(connection.received.lowercased().contains("\r\nretry-after: "), "\(connection.received)")
    }
  }

  @Test(arguments: Backend.available) func slowUploadsOfAUserLeavePlacesForOthers(backend: Backend)
    async throws
  {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await TestServer.run(on: backend) { (server) async throws in
      let (token, victim) = (try await server.signUp(), try await server.signUp("bob"))
      let (group, _) = try await server.makeGroup(token, guests: [])
      let photos = try begin(40, "PUT /v1/me/photo", token, type: "image/jpeg", on: server)
      try await expectRefused(photos, but: 2)
      let files = try begin(
        20, "POST /v1/groups/\(group.id)/import", token, type: "application/json", on: server)
      try await expectRefused(files, but: 1)
      // Only those with a place are on the disk.
      let uploads = try FileManager.default.contentsOfDirectory(atPath: server.folder + "/uploads")
      #expect(uploads.count == 3)
      let photo = try await server.send("PUT", "/v1/me/photo", token: victim, body: .bytes(jpeg))
      #expect(photo.status == 200, "\(photo.text)")
      let (own, _) = try await server.makeGroup(victim, guests: [])
      let file = try await server.send("GET", "/v1/groups/\(own.id)/export", token: victim).text
      let imported = try await server.send(
        "POST", "/v1/groups/\(own.id)/import", token: victim, json: file)
      #expect(imported.status == 200, "\(imported.text)")
      #expect(server.dependencies.shares.imports.places.refused.value == 19)
      withExtendedLifetime((photos, files)) {}
    }
  }

  @Test func placesOfClientsThatLeaveAreGivenBack() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      var photos = try begin(2, "PUT /v1/me/photo", token, type: "image/jpeg", on: server)
      let places = server.dependencies.shares.photos.places
      try await until { places.taken == 2 }
      photos.removeAll()
      try await until { places.taken == 0 }
    }
  }

  @Test func uploadWithoutAPlaceGets503() async throws {
    try await TestServer.run(on: .sqlite, adjust: { $0.shares.photos.all = 2 }) { (server) async throws in
      let (token, victim) = (try await server.signUp(), try await server.signUp("bob"))
      let photos = try begin(2, "PUT /v1/me/photo", token, type: "image/jpeg", on: server)
      try await until { server.dependencies.shares.photos.places.taken == 2 }
      let refused = try await server.send("PUT", "/v1/me/photo", token: victim, body: .bytes([1, 2, 3]))
      #expect(refused.status == 503 && refused.header("Retry-After") != nil, "\(refused.text)")
      #expect(try refused.problem().code == "unavailable")
      withExtendedLifetime(photos) {}
    }
  }

  @Test func bodiesOfAUserInMemoryAreLimited() async throws {
    let numbers = (all: 600_000, each: 300_000)
    try await TestServer.run(on: .sqlite, adjust: { $0.shares.bodyBytes = numbers }) {
      (server) async throws in
      let (token, victim) = (try await server.signUp(), try await server.signUp("bob"))
      let memory = server.dependencies.shares.bodies
      var bodies = try begin(
        6, "POST /v1/groups", token, type: "application/json", length: 150_000,
        body: String(repeating: " ", count: 100_000), on: server)
      try await expectRefused(bodies, but: 3)
      #expect(memory.taken <= 300_000)
      let padding = String(repeating: " ", count: 200_000)
      let made = try await server.send(
        "POST", "/v1/groups", token: victim, json: #"{"name": "Flat", "currency": "EUR"\#(padding)}"#)
      #expect(made.status == 201, "\(made.text)")
      bodies.removeAll()
      try await until { memory.taken == 0 }
    }
  }

  @Test func largeBodyThatComesTooSlowlyLosesItsPlace() async throws {
    try await TestServer.run(on: .sqlite, settings: ["CLIENT_TIMEOUT": "1"]) { (server) async throws in
      let token = try await server.signUp()
      let connection = try #require(
        try begin(1, "PUT /v1/me/photo", token, type: "image/jpeg", on: server).first)
      // Fast enough for a small body.
      let part = String(repeating: "a", count: 200)
      #expect(
        try await connection.wait(seconds: 20) {
          connection.send(part)
        } until: {
          $0.isClosed
        })
      #expect(connection.statuses == [408], "\(connection.received)")
      #expect(connection.received.contains("at least 8192 bytes per second"), "\(connection.received)")
      try await until { server.dependencies.shares.photos.places.taken == 0 }
    }
  }

  /// `PHOTO_MAX_BYTES` is 3,000,000 here.
  @Test func importsAndReceiptsMayBeLargerThanPhotos() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let padding = String(repeating: " ", count: 8 << 20)
      let table = "Date,Description,Amount,Paid by\n2026-03-01,Bread,4.00,Bob\n" + padding
      let imported = try await books.server.send(
        "POST", "/v1/groups/\(books.group.id)/imports", token: books.token, body: .bytes(Array(table.utf8)))
      #expect(imported.status == 200, "\(imported.text)")
      let entry = try await books.enter(
        "/expenses", #"{"description": "Tea", "amount": "2", "payer": "\#(books.anna)"}"#)
      let receipt = try await books.server.send(
        "PUT", "/v1/groups/\(books.group.id)/entries/\(entry.id)/receipts/1", token: books.token,
        body: .bytes(Array(repeating: 0, count: 9 << 20)),
        headers: [("Content-Type", "application/octet-stream")])
      // It was read to its end.
      #expect(receipt.status == 415 || receipt.status == 422, "\(receipt.text)")
    }
  }
}
