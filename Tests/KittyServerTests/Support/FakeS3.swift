import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A bucket of a test's own: Tests/S3/fake_s3.py, which checks every signature.
final class FakeS3 {
  private let process = Process()
  private let input = Pipe()
  let port: Int
  private let http = HTTPClient()

  static let bucket = "kitty-photos"
  static let secret = "a/secret+key"

  /// What the fake says of itself.
  struct State: Decodable {
    let counts: [String: Int]
    let keys: [String]
  }

  init(token: String? = nil) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../S3/fake_s3.py")
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments =
      [script.standardized.path, Self.bucket, "eu-north-1", "AKIDEXAMPLE", Self.secret]
      + (token.map { [$0] } ?? [])
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "no port: \(line)")
  }

  func stop() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Runs `body` with a bucket.
  static func run(token: String? = nil, _ body: (FakeS3) async throws -> Void) async throws {
    let bucket = try FakeS3(token: token)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(bucket)) } catch { outcome = .failure(error) }
    bucket.stop()
    try outcome.get()
  }

  /// The settings of a server that keeps its photos here.
  var settings: [String: String] {
    [
      "PHOTOS_URL": "s3://\(Self.bucket)/kitty/photos?region=eu-north-1&endpoint=http://127.0.0.1:\(port)",
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": Self.secret,
    ]
  }

  func storage(_ changes: [String: String] = [:], patience: Int = 5) throws -> S3Bucket {
    let values = settings.merging(changes) { $1 }
    return S3Bucket(
      try S3Place(url: values["PHOTOS_URL"] ?? ""), AWSCredentials(environment: values), maxBytes: 1 << 20,
      patience: patience)
  }

  /// Makes it fail, or only asks.
  @discardableResult func control(_ json: String? = nil) async throws -> State {
    var request = HTTPRequest(
      method: json == nil ? "GET" : "POST", url: "http://127.0.0.1:\(port)/control")
    if let json { request.body = .bytes(Array(json.utf8)) }
    return try JSON.decode(State.self, from: Data(try await http.send(request).body))
  }
}
