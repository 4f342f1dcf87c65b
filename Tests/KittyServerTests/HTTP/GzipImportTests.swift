import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Compressed files of imports: decoded as they come, and bounded.
@Suite struct GzipImportTests {
  private static let gzip = [("Content-Encoding", "gzip")]
  private static let json = ("Content-Type", "application/json")

  private func send(
    _ books: GroupFixture, _ bytes: [UInt8], to path: String, headers: [(String, String)] = gzip
  ) async throws -> Answer {
    try await books.server.send("POST", path, token: books.token, body: .bytes(bytes), headers: headers)
  }

  @Test(arguments: Backend.available) func compressedFilesAreImported(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let file = try await Gzip.compress(ImportSamples.file().utf8)
      let imports = "/v1/groups/\(books.group.id)/imports"
      let tried = try await send(books, file, to: "/v1/imports?dryRun=true")
      #expect(try tried.decode(ImportReport.self).expenses == 1)
      for name in ["gzip", "GZIP", "x-gzip"] {
        let report = try await send(
          books, file, to: imports + "?dryRun=true", headers: [("Content-Encoding", name)])
        #expect(try report.decode(ImportReport.self).expenses == 1, "\(name): \(report.text)")
      }
      #expect(try await send(books, file, to: imports).decode(ImportReport.self).id != nil)

      let export = try await books.send("GET", "/export").text
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let key = [("Idempotency-Key", "\(ID(at: .now))"), Self.json]
      let path = "/v1/groups/\(copy.id)/import"
      let bytes = try await Gzip.compress(export.utf8)
      let done = try await send(books, bytes, to: path, headers: Self.gzip + key)
      #expect(done.status == 200, "\(done.text)")
      #expect(try await books.send("GET", "/v1/groups/\(copy.id)/export").text == export)
      // The same file is the same request, compressed or not.
      let again = try await send(books, Array(export.utf8), to: path, headers: key)
      #expect(again.status == 200 && again.text == done.text, "\(again.text)")
    }
  }

  @Test func wrongDataIsRefusedWithTheReason() async throws {
    try await TestServer.run(on: .sqlite, settings: ["IMPORT_MAX_BYTES": "1000000"]) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token, guests: [])
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let file = try await Gzip.compress(ImportSamples.file().utf8)
      var changed = file
      changed[file.count / 2] ^= 0x55
      let paths = ["imports", "import"].map { "/v1/groups/\(group.id)/\($0)" } + ["/v1/imports?dryRun=true"]
      for path in paths {
        for bytes in [[], Array(file.dropLast(3)), changed, Array(ImportSamples.file().utf8), file + [0, 0]] {
          let answer = try await send(books, bytes, to: path, headers: Self.gzip + [Self.json])
          let problem = try answer.problem()
          #expect(
            problem.status == 422 && problem.errors?.first?.code == "not_gzip",
            "\(bytes.count): \(answer.text)")
        }
        // Decoded, they are above the limit; so are members without content that go on for ever.
        let empty = try await Gzip.compress([])
        let endless = Array(repeatElement(empty, count: 990_000 / empty.count).joined())
        for bytes in [try await Gzip.bomb(1_000_001), try await Gzip.bomb(200 << 20)] {
          #expect(bytes.count < 250_000)
          let answer = try await send(books, bytes, to: path, headers: Self.gzip + [Self.json])
          #expect(answer.status == 413, "\(answer.text)")
        }
        let most = try await send(books, endless, to: path, headers: Self.gzip + [Self.json])
        #expect(try most.problem().status < 500 && most.status != 200, "\(most.text)")
        for name in ["br", "deflate", "gzip, gzip", "zstd"] {
          let answer = try await send(
            books, file, to: path, headers: [("Content-Encoding", name), Self.json])
          #expect(
            answer.status == 415 && answer.header("Accept-Encoding") == "gzip", "\(name): \(answer.text)")
        }
      }
      let uploads = try FileManager.default.contentsOfDirectory(atPath: server.folder + "/uploads")
      #expect(uploads.isEmpty)
      #expect(try await server.send("GET", "/health/live").status == 200)
    }
  }

  /// The connection takes as much of it as the route.
  @Test func fileOfAnotherProgramMayBeAsLargeAsAnExport() async throws {
    try await TestServer.run(on: .sqlite, settings: ["PHOTO_MAX_BYTES": "100000"]) { server in
      let token = try await server.signUp()
      // It gets an answer; which one does not matter here.
      let file = [UInt8(ascii: "{")] + [UInt8](repeating: UInt8(ascii: " "), count: 6 << 20)
      let answer = try await server.send(
        "POST", "/v1/imports?dryRun=true", token: token, body: .bytes(file))
      #expect(answer.status == 422, "\(answer.text)")
    }
  }
}
