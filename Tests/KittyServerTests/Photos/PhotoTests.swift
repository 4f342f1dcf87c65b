import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// Pictures that the tests make themselves.
struct TestPictures {
  let folder: String

  init() throws {
    // Once in a process; it also keeps these tests from decoding anything else.
    _ = try Self.started.get()
    folder = NSTemporaryDirectory() + "kitty-pictures-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private static let started = Result { try Vips.start() }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// A JPEG whose left half is red and whose right half is blue.
  func jpeg(_ width: Int = 64, _ height: Int = 48) throws -> [UInt8] {
    // libvips may not read PPM here, so the JPEG is made from a PNG of our own.
    let source = try write(
      "source.png", PNG.encode(width, height) { x, _ in x < width / 2 ? (220, 20, 20) : (20, 20, 220) })
    _ = try Vips.copy(source, to: folder + "/made.jpg", side: 4096, as: .jpeg(quality: 95))
    return try read("made.jpg")
  }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
  }

  /// Puts an Exif segment behind the start of a JPEG: orientation 6 (turn right), a GPS latitude, and a name.
  static func withExif(_ jpeg: [UInt8]) -> [UInt8] {
    var tiff: [UInt8] = Array("MM".utf8) + [0, 42, 0, 0, 0, 8]
    // Two entries: Orientation (0x0112), and the place of the GPS block (0x8825), which is at 38.
    tiff += [
      0, 2, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0,
    ]
    // GPSLatitudeRef "N" and GPSLatitude 52° 30' 0".
    tiff += [
      0, 2, 0, 1, 0, 2, 0, 0, 0, 2, UInt8(ascii: "N"), 0, 0, 0, 0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 68, 0, 0, 0,
      0,
    ]
    for number: UInt8 in [52, 30, 0] { tiff += [0, 0, 0, number, 0, 0, 0, 1] }
    let exif = Array("Exif\0\0".utf8) + tiff
    let comment = Array("SECRET-PLACE".utf8)
    func segment(_ marker: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [0xff, marker, UInt8((bytes.count + 2) >> 8), UInt8((bytes.count + 2) & 255)] + bytes
    }
    return Array(jpeg[0..<2]) + segment(0xe1, exif) + segment(0xfe, comment) + Array(jpeg[2...])
  }

  /// The markers of the segments before the picture itself.
  static func markers(_ jpeg: [UInt8]) -> [UInt8] {
    var markers: [UInt8] = []
    var position = 2
    while position + 4 <= jpeg.count, jpeg[position] == 0xff, jpeg[position + 1] != 0xda {
      markers.append(jpeg[position + 1])
      position += 2 + Int(jpeg[position + 2]) << 8 + Int(jpeg[position + 3])
    }
    return markers
  }
}

@Suite struct PhotoTests {
  @Test(arguments: Backend.available) func aPhotoWithALocationComesOutWithout(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let original = TestPictures.withExif(try pictures.jpeg())
    #expect(TestPictures.markers(original).contains(0xe1))
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let asMember = "/v1/groups/\(group.id)/members/\(group.me)/photo"
      for path in ["/v1/groups/\(group.id)/photo", "/v1/me/photo"] {
        let put = try await server.send("PUT", path, token: token, body: .bytes(original))
        // 64×48 on its side.
        let photo = try put.decode(Photo.self)
        #expect(photo.width == 48 && photo.height == 64)
        for size in ["large", "small"] {
          let answer = try await server.send("GET", "\(path)?size=\(size)", token: token)
          #expect(answer.status == 200 && answer.header("Content-Type") == "image/jpeg")
          let markers = TestPictures.markers(answer.response.body)
          #expect(!markers.contains { (0xe1...0xef).contains($0) || $0 == 0xfe }, "\(markers)")
          #expect(Data(answer.response.body).range(of: Data("SECRET".utf8)) == nil)
          #expect(Data(answer.response.body).range(of: Data("Exif".utf8)) == nil)
        }
        let preview = try await server.send("GET", "\(path)?size=preview", token: token)
        #expect(preview.header("Content-Type") == "image/x-portable-pixmap")
        #expect(String(decoding: preview.response.body.prefix(3), as: UTF8.self) == "P6\n")
        let tag = try #require(preview.header("ETag"))
        let again = try await server.send(
          "GET", "\(path)?size=preview", token: token, headers: [("If-None-Match", tag)])
        #expect(again.status == 304 && again.response.body.isEmpty)
        // One's own photo is what the group shows of a member.
        let isMine = path == "/v1/me/photo"
        let seen = try await server.send("GET", "\(asMember)?size=preview", token: token)
        #expect(isMine ? seen.response.body == preview.response.body : seen.status == 404)
        let seenAgain = try await server.send(
          "GET", "\(asMember)?size=preview", token: token, headers: [("If-None-Match", tag)])
        #expect(seenAgain.status == (isMine ? 304 : 404))
        #expect(try await server.send("DELETE", path, token: token).status == 204)
        #expect(try await server.send("GET", path, token: token).status == 404)
      }
      // On disk there is nothing of the original either.
      let files = try #require(FileManager.default.enumerator(atPath: server.folder)).compactMap {
        $0 as? String
      }
      #expect(files.filter { $0.contains("original") }.isEmpty)
      for file in files where file.hasSuffix(".jpg") {
        let bytes = try Data(contentsOf: URL(filePath: server.folder + "/" + file))
        #expect(bytes.range(of: Data("SECRET".utf8)) == nil)
      }
    }
  }

  @Test func whatIsNoPhotoIsRefusedByName() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg(400, 300)
    let cases: [(bytes: [UInt8], status: Int, code: String)] = [
      (Array("this is a text".utf8), 415, "not_a_picture"),
      (
        Array("<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>".utf8), 415,
        "not_a_picture"
      ),
      (Array("P6\n64 64\n255\n".utf8) + [UInt8](repeating: 9, count: 64 * 64 * 3), 415, "not_a_picture"),
      ([], 415, "not_a_picture"),
      (Array(jpeg.prefix(jpeg.count / 2)), 422, "damaged"),
      (PNG.encode(1, 1) { _, _ in (9, 9, 9) }, 422, "too_small"),
      (PNG.encode(15, 100) { _, _ in (9, 9, 9) }, 422, "too_small"),
      (PNG.blank(10_000, 5_000), 422, "too_many_pixels"),
      ([UInt8](repeating: 7, count: 3_000_001), 413, "too_large"),
    ]
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for test in cases {
        let answer = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(test.bytes))
        #expect(answer.status == test.status, "\(test.code): \(answer.text)")
        #expect(try answer.problem().code == test.code)
        #expect(try answer.problem().errors?.first?.field == "photo")
      }
      #expect(try await server.send("GET", "/v1/me/photo", token: token).status == 404)
      #expect(try await server.send("GET", "/v1/me", token: token).decode(User.self).photo == nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder + "/uploads").isEmpty)
      // At the limit it is taken.
      let small = PNG.encode(16, 16) { x, y in (UInt8(x * 9), UInt8(y * 9), 90) }
      #expect(try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(small)).status == 200)
    }
  }

  @Test func aConverterThatHangsOrCrashesIsNotWaitedFor() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    for script in ["exec sleep 600", "kill -SEGV $$", "exit 3", "exec yes"] {
      let program = try pictures.write("converter", Array("#!/bin/sh\nexec 2>/dev/null\n\(script)\n".utf8))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      let converter = PhotoConverterProcess(program: program, timeLimit: .milliseconds(500))
      try await TestServer.run(on: .sqlite, converter: converter) { (server) async throws in
        let token = try await server.signUp()
        let answer = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg))
        #expect(try answer.problem().code == "damaged", "\(script)")
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
    }
  }

  @Test(arguments: Backend.available) func theWorkerRemovesWhatNobodyShows(backend: Backend) async throws {
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
      // A backup that was begun before finds it, so nothing is done for an hour.
      #expect(try await worker.runNext() == false)
      let afterwards = Instant.now.advanced(by: .seconds(3601))
      // The group still shows it: the job is done and the files stay.
      #expect(try await worker.runNext(at: afterwards) == true)
      while try await worker.runNext(at: afterwards) {}
      #expect(isThere(shared))
      #expect(try await server.send("DELETE", "/v1/groups/\(group.id)/photo", token: token).status == 204)
      // It is young: somebody may be about to show it again, so the job waits.
      #expect(try await worker.runNext() == false)
      #expect(try await worker.runNext(at: Instant.now.advanced(by: .seconds(3601))) == true)
      while try await worker.runNext(at: Instant.now.advanced(by: .seconds(3601))) {}
      #expect(isThere(shared))
      let old = Date.now.addingTimeInterval(-7200)
      for variant in PhotoVariant.allCases {
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
      try await Books.expectClean(server)
      let preview = try #require(server.dependencies.photos.file(other.hash, .preview))
      try FileManager.default.removeItem(atPath: preview)
      let audit = Audit(database: server.dependencies.database, photos: server.dependencies.photos)
      #expect(
        try await audit.findings() == ["photo \(other.hash) is shown, but one of its files is missing"])
    }
  }

  @Test(arguments: Backend.available) func aJobThatFailsIsTriedAgainLaterAndGivenUpAtLast(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      try await server.dependencies.database.transact([
        "insert into jobs (id, kind, payload, run_at, created_at) values (\(ID(at: .now)), 'unknown', '', 0, 0)"
      ])
      let worker = server.dependencies.worker()
      var now = Instant.now
      for _ in 0..<JobStore.maxAttempts {
        #expect(try await worker.runNext(at: now) == true)
        #expect(try await worker.runNext(at: now) == false)
        now = now.advanced(by: .seconds(3600))
      }
      #expect(try await worker.runNext(at: now) == false)
      let rows = try await server.dependencies.database.read("select attempts, last_error, dead_at from jobs")
      let (attempts, error, dead) = try rows[0].decode(Int.self, String.self, Instant?.self)
      #expect(attempts == JobStore.maxAttempts && error.contains("unknown") && dead != nil)
    }
  }

  @Test(arguments: Backend.available) func aJobRunsOnceHoweverManyWorkersAsk(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let jobs = JobStore(database: server.dependencies.database)
      for _ in 0..<20 {
        try await server.dependencies.database.transact([
          "insert into jobs (id, kind, payload, run_at, created_at) values (\(ID(at: .now)), 'photo.remove', '', 0, 0)"
        ])
      }
      let taken = try await withThrowingTaskGroup(of: [ID].self) { group in
        for _ in 0..<8 {
          group.addTask {
            var mine: [ID] = []
            for _ in 0..<30 { if let job = try await jobs.claim(by: "w", at: .now) { mine.append(job.id) } }
            return mine
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(taken.count == 20 && Set(taken).count == 20)
      // A worker was killed: after its lease another takes over.
      #expect(try await jobs.claim(by: "w", at: Instant.now.advanced(by: jobs.lease + .seconds(5))) != nil)
    }
  }

  @Test func foldersAreForTheServerAlone() throws {
    let folder = NSTemporaryDirectory() + "kitty-folder-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try PhotoFolder(dataFolder: folder)
    _ = try Uploads(dataFolder: folder)
    for path in [folder, folder + "/photos", folder + "/uploads"] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o750)
    }
    #expect(throws: PhotoStorageFailure.self) { try PhotoFolder(dataFolder: "/proc/none") }
  }
}
