import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// Photos: upload, rejection, delivery.
@Suite struct PhotoTests {
  @Test(arguments: Backend.available) func uploadedPhotoLosesItsLocation(backend: Backend) async throws {
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
        // 64×48, rotated by the orientation.
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
        let any = try await server.send("GET", path, token: token, headers: [("If-None-Match", "*")])
        #expect(any.status == 304 && any.header("ETag") != nil)
        // The photo of a user is also the photo of the member.
        let isMine = path == "/v1/me/photo"
        let seen = try await server.send("GET", "\(asMember)?size=preview", token: token)
        #expect(isMine ? seen.response.body == preview.response.body : seen.status == 404)
        let seenAgain = try await server.send(
          "GET", "\(asMember)?size=preview", token: token, headers: [("If-None-Match", tag)])
        #expect(seenAgain.status == (isMine ? 304 : 404))
        #expect(try await server.send("DELETE", path, token: token).status == 204)
        #expect(try await server.send("GET", path, token: token).status == 404)
      }
      // The original is not on disk either.
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

  @Test func partOfAPhotoIsSent() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let original = try pictures.jpeg()
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      for path in ["/v1/groups/\(group.id)/photo", "/v1/me/photo"] {
        _ = try await server.send("PUT", path, token: token, body: .bytes(original))
      }
      for path in [
        "/v1/groups/\(group.id)/photo", "/v1/me/photo", "/v1/groups/\(group.id)/members/\(group.me)/photo",
      ] {
        let whole = try await server.send("GET", path, token: token)
        let bytes = whole.response.body
        #expect(whole.status == 200 && whole.header("Accept-Ranges") == "bytes", "\(path)")
        let part = try await server.send("GET", path, token: token, headers: [("Range", "bytes=2-5")])
        #expect(part.status == 206 && part.response.body == Array(bytes[2...5]), "\(path)")
        #expect(part.header("Content-Range") == "bytes 2-5/\(bytes.count)", "\(path)")
        // A part of another version would not fit.
        let other = try await server.send(
          "GET", path, token: token, headers: [("Range", "bytes=2-5"), ("If-Range", "\"other\"")])
        #expect(other.status == 200 && other.response.body == bytes, "\(path)")
        let outside = try await server.send(
          "GET", path, token: token, headers: [("Range", "bytes=99999999-")])
        try expectProblem(outside, 416, "range_not_satisfiable")
      }
    }
  }

  @Test func picturesOfPhonesAreAccepted() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    // Phones make 50 and 108 megapixels; a black picture is a small file.
    let cases: [(name: String, bytes: [UInt8], width: Int, height: Int)] = [
      ("HEIC", PictureSamples.heic, 64, 48), ("AVIF", PictureSamples.avif, 64, 48),
      ("50 MP PNG", PNG.black(8192, 6144), 2048, 1536), ("108 MP PNG", PNG.black(12_000, 9000), 2048, 1536),
    ]
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for test in cases {
        let answer = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(test.bytes))
        #expect(answer.status == 200, "\(test.name): \(answer.text)")
        let photo = try answer.decode(Photo.self)
        #expect(photo.width == test.width && photo.height == test.height, "\(test.name)")
        let small = try await server.send("GET", "/v1/me/photo?size=small", token: token)
        #expect(small.response.body.starts(with: [0xff, 0xd8, 0xff]), "\(test.name)")
      }
    }
  }

  /// Makes a file of whole boxes without a picture.
  private static func unreadable(_ brand: String) -> [UInt8] {
    [0, 0, 0, 20] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0] + Array("mif1".utf8) + [0, 0, 0, 12]
      + Array("metaxxxx".utf8)
  }

  /// A file of another format is refused with its name, and with what to do instead.
  @Test func refusalNamesTheFormat() async throws {
    let cases: [(bytes: [UInt8], words: [String])] = [
      (Array("II*".utf8) + [0, 8, 0, 0, 0, 0, 0], ["a TIFF file", "JPEG, PNG, WebP, GIF, HEIC or AVIF"]),
      (Array("%PDF-1.7\n".utf8), ["a PDF file", "JPEG"]),
      (
        Array("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>".utf8), ["an SVG file", "JPEG"]
      ),
      // A whole file that no decoder can read.
      (
        Self.unreadable("heic"),
        ["HEIC picture is of a kind that cannot be read", "Save it as JPEG", "Most Compatible"]
      ),
      (Self.unreadable("avif"), ["AVIF picture is of a kind that cannot be read", "Save it as JPEG"]),
      ([], ["The file is empty", "JPEG"]),
    ]
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for test in cases {
        let answer = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(test.bytes))
        #expect(answer.status == 415)
        let detail = try answer.problem().detail
        for word in test.words { #expect(detail.contains(word), "\(detail)") }
        #expect(!detail.contains("AVIF picture") || !detail.contains("iPhone"))
      }
    }
  }

  @Test func fileThatIsNotAPhotoIsRefused() async throws {
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
      (Array(PictureSamples.heic.prefix(60)), 422, "damaged"),
      (Array(PictureSamples.avif.prefix(60)), 422, "damaged"),
      (Array(PictureSamples.heic.dropLast(100)), 422, "damaged"),
      (PNG.encode(1, 1) { _, _ in (9, 9, 9) }, 422, "too_small"),
      (PNG.encode(15, 100) { _, _ in (9, 9, 9) }, 422, "too_small"),
      (PNG.blank(12_000, 9_200), 422, "too_many_pixels"),
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
      // A photo at the limit is accepted.
      let small = PNG.encode(16, 16) { x, y in (UInt8(x * 9), UInt8(y * 9), 90) }
      #expect(try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(small)).status == 200)
    }
  }

  @Test func hangingOrCrashingConverterGetsProblem() async throws {
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
}
