import Curl
import Foundation
import KittyShared

@testable import KittyServer

/// The services that give out keys to instances, containers and pods, for one test: Tests/S3/fake_metadata.py.
struct FakeMetadata {
  let port: Int
  private let http = HTTPClient()

  /// The requests for a key of an instance, in their order.
  static let token = "PUT /latest/api/token"
  static let roles = "GET /latest/meta-data/iam/security-credentials/"
  static let key = roles + "photos-role"

  static func run(_ body: (FakeMetadata) async throws -> Void) async throws {
    try await LoopbackScript.run("S3/fake_metadata.py", ["AKIDEXAMPLE", FakeS3.secret]) { port in
      try await body(FakeMetadata(port: port))
    }
  }

  var address: String { "http://127.0.0.1:\(port)" }

  /// The variables of a machine whose metadata service is this one, and that has no files of Amazon's tools.
  var instance: [String: String] { ["AWS_EC2_METADATA_SERVICE_ENDPOINT": address, "HOME": "/nonexistent"] }

  /// Changes the behaviour of the fake, when `json` is given, and returns the number of requests by method and path.
  @discardableResult func control(_ json: String? = nil) async throws -> [String: Int] {
    var request = HTTPRequest.patient(json == nil ? "GET" : "POST", address + "/control")
    if let json { request.body = .bytes(Array(json.utf8)) }
    return try JSON.decode([String: Int].self, from: Data(try await http.send(request).body))
  }

  /// The number of keys that the instance's service was asked for.
  func keyRequests() async throws -> Int { try await control()[Self.key] ?? 0 }
}
