import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// Removal of photos that are not shown any more.
@Suite struct PhotoRemovalTests {
  @Test(arguments: Backend.available) func unusedPhotoIsRemovedAfterAnHour(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let (first, second) = (try pictures.jpeg(64, 48), try pictures.jpeg(80, 48))
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let worker = server.dependencies.worker()
      func put(_ path: String, _ bytes: [UInt8]) async throws -> Photo {
        try await server.send("PUT", path, token: token, body: .bytes(bytes)).decode(Photo.self)
      }
      func isThere(_ photo: Photo) -> Bool {
        server.dependencies.photos.file(photo.hash, .large).map { FileManager.default.fileExists(atPath: $0) }
          == true
      }
      let shared = try await put("/v1/me/photo", first)
      #expect(try await put("/v1/groups/\(group.id)/photo", first) == shared)
      let other = try await put("/v1/me/photo", second)
      #expect(shared != other)
      // A backup that began earlier may still read the photo, so it is kept for an hour.
      #expect(try await worker.runNext() == false)
      let afterwards = Instant.now.advanced(by: .seconds(3601))
      // The group still uses it: the job runs and keeps the files.
      #expect(try await worker.runNext(at: afterwards) == true)
      while try await worker.runNext(at: afterwards) {}
      #expect(isThere(shared))
      #expect(try await server.send("DELETE", "/v1/groups/\(group.id)/photo", token: token).status == 204)
      // The photo is recent: a user may upload it again, so the job waits.
      #expect(try await worker.runNext() == false)
      #expect(try await worker.runNext(at: Instant.now.advanced(by: .seconds(3601))) == true)
      while try await worker.runNext(at: Instant.now.advanced(by: .seconds(3601))) {}
      #expect(isThere(shared))
      let old = Date.now.addingTimeInterval(-7200)
      for variant in StoredVariant.ofPhoto {
        try FileManager.default.setAttributes(
          [.modificationDate: old],
          ofItemAtPath: #require(server.dependencies.photos.file(shared.hash, variant)))
      }
      let later = Instant.now.advanced(by: .seconds(8000))
      #expect(try await worker.runNext(at: later) == true)
      while try await worker.runNext(at: later) {}
      #expect(!isThere(shared) && isThere(other))
      #expect(try await worker.runNext(at: later) == false)
      let rows = try await server.dependencies.database.read("select count(*) from jobs")
      #expect(try rows[0].decode(Int.self) == 0)
      try await GroupFixture.expectClean(server)
      let preview = try #require(server.dependencies.photos.file(other.hash, .preview))
      try FileManager.default.removeItem(atPath: preview)
      let audit = Audit(database: server.dependencies.database, photos: server.dependencies.photos)
      #expect(
        try await audit.findings() == ["photo \(other.hash) is shown, but one of its files is missing"])
    }
  }
}
