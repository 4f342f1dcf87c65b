import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Photos in a bucket.
@Suite struct S3BucketTests {
  private let hash = String(repeating: "ab12", count: 16)

  private func put(_ storage: S3Bucket, _ hash: String, _ bytes: [UInt8]) async throws {
    let path = NSTemporaryDirectory() + "kitty-s3-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(filePath: path))
    for variant in StoredVariant.ofPhoto { try await storage.put(hash, variant, file: path) }
  }

  @Test func photosAreStoredListedAndRemoved() async throws {
    try await FakeS3.run { bucket in
      let storage = try bucket.storage()
      #expect(try await storage.read(hash, .large) == nil)
      #expect(try await storage.hashes().isEmpty)
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let hashes = Set((0..<5).map { String(repeating: "\($0)f", count: 32) } + [hash])
      for hash in hashes { try await put(storage, hash, bytes) }
      try await put(storage, hash, [])
      #expect(try await storage.read(hash, .large)?.isEmpty == true)
      try await put(storage, hash, bytes)
      #expect(try await storage.read(hash, .preview) == bytes)
      #expect(try await bucket.control().keys.contains("kitty/photos/ab/\(hash).large.jpg"))
      #expect(try await storage.variants()[hash] == Set(StoredVariant.ofPhoto))
      // In pages of four.
      try await bucket.control(#"{"page": 4}"#)
      #expect(try await storage.hashes() == hashes)
      // Recent objects stay.
      #expect(try await storage.remove(hash, .photo, untouchedFor: .seconds(3600)) == false)
      #expect(try await storage.read(hash, .small) == bytes)
      try await bucket.control(#"{"age": 3700}"#)
      #expect(try await storage.remove(hash, .photo, untouchedFor: .seconds(3600)))
      #expect(try await storage.read(hash, .small) == nil)
      #expect(try await storage.remove(hash, .photo, untouchedFor: .seconds(3600)))
      #expect(try await storage.hashes() == hashes.subtracting([hash]))
      #expect(await storage.healthProblem() == nil)
    }
  }

  @Test func uploadIsStagedInBucketForRemoteWorker() async throws {
    let folder = NSTemporaryDirectory() + "kitty-s3-\(ID(at: .now))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 11) })
    try bytes.write(to: URL(filePath: folder + "/sent"))
    try await FakeS3.run { bucket in
      let storage = try bucket.storage()
      let upload = ID(at: .now)
      #expect(try await storage.fetchStaged(upload, into: folder + "/none") == false)
      try await storage.stage(upload, file: folder + "/sent")
      #expect(try await storage.hashes().isEmpty)
      #expect(try await storage.fetchStaged(upload, into: folder + "/fetched"))
      #expect(try Data(contentsOf: URL(filePath: folder + "/fetched")) == bytes)
      try await storage.unstage(upload)
      try await storage.unstage(upload)
      #expect(try await bucket.control().keys.isEmpty)
      // Staged uploads are removed after their maximum age; photos stay.
      try await put(storage, hash, [1])
      try await storage.stage(upload, file: folder + "/sent")
      try await storage.removeStaged(olderThan: .seconds(3600))
      #expect(try await storage.fetchStaged(upload, into: folder + "/fetched"))
      try await bucket.control(#"{"age": 3700}"#)
      try await storage.removeStaged(olderThan: .seconds(3600))
      #expect(try await storage.fetchStaged(upload, into: folder + "/none") == false)
      #expect(try await bucket.control().keys.count == 3)
      let wrong = try bucket.storage([
        "PHOTOS_URL": bucket.settings["PHOTOS_URL", default: ""].replacing(FakeS3.bucket, with: "other")
      ])
      await #expect(throws: PhotoStorageFailure.self) {
        try await wrong.fetchStaged(upload, into: folder + "/none")
      }
    }
  }

  @Test func secretIsNotInTheError() async {
    for url in [
      "s3://KEY:hidden@flat?region=x", "s3://flat?region=x&endpoint=http://u:hidden@x",
      "s3://flat?key=hidden",
    ] {
      do {
        _ = try await Settings(flags: Settings.Flags.parse([]), environment: ["PHOTOS_URL": url])
        Issue.record("\(url) was accepted")
      } catch { #expect(!"\(error)".contains("hidden") && "\(error)".contains("PHOTOS_URL")) }
    }
  }

  @Test func transientFailureIsRetriedTwice() async throws {
    try await FakeS3.run { bucket in
      let storage = try bucket.storage(timeout: 1)
      try await put(storage, hash, [1, 2, 3])
      for trouble in [#"{"fail": 2}"#, #"{"drop": 2}"#, #"{"hang": 1}"#] {
        try await bucket.control(trouble)
        #expect(try await storage.read(hash, .large) == [1, 2, 3], "\(trouble)")
      }
      let before = try await bucket.control(#"{"fail": 100}"#).counts["GET"] ?? 0
      await #expect(throws: PhotoStorageFailure.self) { try await storage.read(hash, .large) }
      #expect(try await bucket.control().counts["GET"] == before + 3)
    }
  }

  @Test func credentialsAreReadFromAWSFiles() async throws {
    let file = NSTemporaryDirectory() + "kitty-aws-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let text = """
      # mine
      [default]
      aws_access_key_id = WRONG
      aws_secret_access_key = wrong

      [ photos ]
      aws_access_key_id=AKIDEXAMPLE
      aws_secret_access_key = \(FakeS3.secret)
      aws_session_token = for an hour
      """
    try Data(text.utf8).write(to: URL(filePath: file))
    let none = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": file]
    try await FakeS3.run(token: "for an hour") { bucket in
      try await put(try bucket.storage(none.merging(["AWS_PROFILE": "photos"]) { $1 }), hash, [1])
      try await put(try bucket.storage(["AWS_SESSION_TOKEN": "for an hour"]), hash, [2])
      for (wrong, words) in [
        (none, "403 SignatureDoesNotMatch"),
        (none.merging(["AWS_PROFILE": "other"]) { $1 }, "no key for the profile"),
        (none.merging(["AWS_SHARED_CREDENTIALS_FILE": "/none"]) { $1 }, "/none cannot be read"),
        (["AWS_SECRET_ACCESS_KEY": "x"], "permissions for the bucket"), (["AWS_SESSION_TOKEN": "old"], "403"),
        (
          [
            "PHOTOS_URL": bucket.settings["PHOTOS_URL", default: ""].replacing(
              "eu-north-1", with: "eu-west-1")
          ], "403"
        ),
      ] {
        let storage = try bucket.storage(wrong)
        do {
          _ = try await storage.read(hash, .large)
          Issue.record("\(words): the object was read")
        } catch {
          #expect("\(error)".contains(words) && !"\(error)".contains(FakeS3.secret), "\(error)")
        }
        #expect(await storage.healthProblem()?.isEmpty == false)
      }
    }
  }

  @Test func locationIsReadFromItsURL() async throws {
    let amazon = try S3Location(url: "s3://flat-12?region=eu-central-1")
    #expect(amazon.base == "https://flat-12.s3.eu-central-1.amazonaws.com/" && amazon.prefix.isEmpty)
    let dotted = try S3Location(url: "s3://flat.12/a/b/?region=eu-central-1")
    #expect(dotted.base == "https://s3.eu-central-1.amazonaws.com/flat.12/" && dotted.prefix == "a/b/")
    let other = try S3Location(url: "s3://flat/a?endpoint=https%3A%2F%2Fs3.example.org%3A9000/&region=x")
    #expect(other.base == "https://s3.example.org:9000/flat/" && other.prefix == "a/" && other.region == "x")
    let tools = [
      "AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-3", "AWS_ENDPOINT_URL": "http://minio:9000",
    ]
    let configured = try S3Location(url: "s3://flat", environment: tools)
    #expect(configured.region == "eu-west-3" && configured.base == "http://minio:9000/flat/")
    let file = NSTemporaryDirectory() + "kitty-aws-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let config = ["AWS_CONFIG_FILE": file, "AWS_PROFILE": "photos"]
    #expect(throws: S3Location.Invalid.self) { try S3Location(url: "s3://flat", environment: config) }
    // A folder cannot be read as a file.
    let unreadable = #expect(throws: S3Location.Invalid.self) {
      try S3Location(url: "s3://flat", environment: ["AWS_CONFIG_FILE": "/tmp"])
    }
    #expect(unreadable?.description.contains("/tmp cannot be read: ") == true)
    try Data(
      """
      [default]
      region = eu-west-1
      [profile  photos]
      s3 =
        region = of something else
      region=eu-south-2
      aws_access_key_id = AKIDEXAMPLE
      aws_secret_access_key = secret
      """.utf8
    ).write(to: URL(filePath: file))
    #expect(try S3Location(url: "s3://flat", environment: config).region == "eu-south-2")
    #expect(try S3Location(url: "s3://flat", environment: ["AWS_CONFIG_FILE": file]).region == "eu-west-1")
    #expect(try S3Location(url: "s3://flat", environment: config.merging(tools) { $1 }).region == "eu-west-3")
    let key = AWSCredentials.Key(id: "AKIDEXAMPLE", secret: "secret", sessionToken: nil)
    #expect(
      try await AWSCredentials(
        environment: config.merging(["AWS_SHARED_CREDENTIALS_FILE": "/none"]) { $1 }
      ).key() == key)
    let own = try S3Location(url: "s3://flat?region=x&endpoint=http://y", environment: tools)
    #expect(own.region == "x" && own.base == "http://y/flat/")
    for bad in [
      "https://x", "s3://", "s3://ab?region=x", "s3://Flat?region=x", "s3://flat", "s3://flat?region=",
      "s3://flat/../x?region=x", "s3://flat/a b?region=x", "s3://flat?region=x&zone=y",
      "s3://flat?region=x&region=y",
      "s3://flat?region=x&endpoint=ftp://x", "s3://flat?region=x&endpoint=https://",
      "s3://flat?region=x&endpoint=http://u@x", "s3://flat?region=x&endpoint=http://x%3Fy",
      "s3://flat?region=x&endpoint=http://x/path",
    ] {
      #expect(throws: S3Location.Invalid.self, "\(bad)") { try S3Location(url: bad) }
    }
  }

  @Test(arguments: Backend.available) func serverKeepsPhotosInBucket(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await FakeS3.run { bucket in
      try await ArchiveFixture.run { archives in
        var photos: [StoredVariant: [UInt8]] = [:]
        var hash = ""
        try await TestServer.run(on: backend, settings: bucket.settings) { server in
          let token = try await server.signUp()
          hash = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg)).decode(
            Photo.self
          )
          .hash
          #expect(try await bucket.control().keys.count == 3)
          #expect(!FileManager.default.fileExists(atPath: server.folder + "/photos"))
          for variant in StoredVariant.ofPhoto {
            let answer = try await server.send("GET", "/v1/me/photo?size=\(variant.rawValue)", token: token)
            #expect(answer.status == 200 && answer.header("Content-Type") == variant.contentType)
            #expect(try await server.dependencies.photos.read(hash, variant) == answer.response.body)
            photos[variant] = answer.response.body
            let again = try await server.send(
              "GET", "/v1/me/photo?size=\(variant.rawValue)", token: token,
              headers: [("If-None-Match", answer.header("ETag") ?? "")])
            #expect(again.status == 304)
          }
          try await GroupFixture.expectClean(server)
          try await archives.write("s3.tar", of: server.dependencies)

          // The bucket is unavailable: only photos fail.
          try await bucket.control(#"{"fail": 1000}"#)
          let failed = try await server.send("GET", "/v1/me/photo", token: token)
          #expect(try failed.problem().code == "unavailable" && failed.header("Retry-After") != nil)
          #expect(
            try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg)).status == 503)
          #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
          // The server looks at its parts once a second.
          try await until {
            let health = try await server.send("GET", "/health/ready").decode(Health.self)
            return health.status == "degraded" && health.parts?["photos"] != "ok"
          }
          await #expect(throws: PhotoStorageFailure.self) {
            try await archives.write("none.tar", of: server.dependencies)
          }
          try await bucket.control(#"{"fail": 0}"#)

          // An unused photo is removed after the grace period.
          #expect(try await server.send("DELETE", "/v1/me/photo", token: token).status == 204)
          try await bucket.control(#"{"age": 7200}"#)
          let worker = server.dependencies.worker()
          while try await worker.runNext(at: Instant.now.advanced(by: .seconds(3700))) {}
          #expect(try await bucket.control().keys.isEmpty)
        }
        // A backup moves the photos from the bucket to a folder, and back.
        try await ArchiveFixture.empty(on: .sqlite) { dependencies, _ in
          try await archives.restore("s3.tar", into: dependencies)
          for variant in StoredVariant.ofPhoto {
            #expect(try await dependencies.photos.read(hash, variant) == photos[variant])
          }
          try await archives.write("folder.tar", of: dependencies)
        }
        try await TestServer.run(on: backend, settings: bucket.settings) { server in
          try await archives.restore("folder.tar", into: server.dependencies)
          let token = try await server.signIn()
          let answer = try await server.send("GET", "/v1/me/photo", token: token)
          #expect(answer.response.body == photos[.large])
          try await GroupFixture.expectClean(server)
          #expect(try await bucket.control().keys.count == 3)
        }
      }
    }
  }
}
