import Curl
import Foundation
import KittyShared

@testable import KittyServer

/// A bucket for one test: Tests/S3/fake_s3.py, which checks every signature.
struct FakeS3 {
  let port: Int
  private let http = HTTPClient()

  static let bucket = "kitty-photos"
  static let secret = "a/secret+key"

  /// The state that the fake reports.
  struct State: Decodable {
    let counts: [String: Int]
    let keys: [String]
  }

  /// Runs `body` with a bucket, which ends when its standard input is closed.
  static func run(token: String? = nil, _ body: (FakeS3) async throws -> Void) async throws {
    let key = [Self.bucket, "eu-north-1", "AKIDEXAMPLE", Self.secret] + (token.map { [$0] } ?? [])
    try await LoopbackScript.run("S3/fake_s3.py", key) { port in try await body(FakeS3(port: port)) }
  }

  /// The settings of a server that stores its photos in this bucket.
  var settings: [String: String] {
    [
      "PHOTOS_URL": "s3://\(Self.bucket)/kitty/photos?region=eu-north-1&endpoint=http://127.0.0.1:\(port)",
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": Self.secret,
      // A test without a key must not ask for one outside of the loopback.
      "AWS_EC2_METADATA_DISABLED": "true",
    ]
  }

  func storage(_ changes: [String: String] = [:], timeout: Int = 5) throws -> S3Bucket {
    let values = settings.merging(changes) { $1 }
    return S3Bucket(
      try S3Location(url: values["PHOTOS_URL"] ?? ""), AWSCredentials(environment: values), maxBytes: 1 << 20,
      timeout: timeout)
  }

  /// Changes the behaviour of the fake, when `json` is given, and returns its state.
  @discardableResult func control(_ json: String? = nil) async throws -> State {
    var request = HTTPRequest.patient(
      json == nil ? "GET" : "POST", "http://127.0.0.1:\(port)/control")
    if let json { request.body = .bytes(Array(json.utf8)) }
    return try JSON.decode(State.self, from: Data(try await http.send(request).body))
  }
}
