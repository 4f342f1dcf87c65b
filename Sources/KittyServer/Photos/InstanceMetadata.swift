import Curl
import KittyShared

/// The metadata service of an EC2 instance, in its version 2 (IMDSv2): every question has a token that only a program on
/// the instance can get. Version 1 is not used, because a request that an attacker makes the server send could read the key.
///
/// `AWS_EC2_METADATA_DISABLED`, `AWS_EC2_METADATA_SERVICE_ENDPOINT` and `…_ENDPOINT_MODE` have the meaning that they have
/// for Amazon's tools.
struct InstanceMetadata: Sendable {
  private let isDisabled: Bool
  private let endpoint: String
  private let http: HTTPClient

  private static let name = "The instance metadata service"

  init(_ variables: AWSVariables, _ http: HTTPClient) {
    isDisabled = variables["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
    let mode = variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased()
    endpoint =
      variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
      ?? (mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
    self.http = http
  }

  /// Returns the key of the instance's role.
  /// - Throws: `PhotoStorageFailure`.
  func key() async throws -> TemporaryKey {
    let token = try await token()
    let folder = "iam/security-credentials/"
    let roles = try await text(
      folder, token, missing: "The instance has no role. Attach one: aws ec2 associate-iam-instance-profile.")
    guard let role = roles.split(whereSeparator: \.isNewline).first.map({ $0.trimmed }),
      TemporaryKey.isVisible(role), !role.utf8.contains(where: "/?#%".utf8.contains)
    else { throw PhotoStorageFailure(description: "\(Self.name) sent no name of a role.") }
    let missing =
      "\(Self.name) has no key for the role \(role.prefix(64)). Attach the role to the instance again."
    let answer = try await text(folder + role, token, missing: missing)
    return try TemporaryKey(json: Array(answer.utf8), from: Self.name)
  }

  /// Returns the region of the instance.
  /// - Throws: `PhotoStorageFailure`.
  func region() async throws -> String {
    let region = try await text(
      "placement/region", try await token(), missing: "\(Self.name) does not know the region.")
    guard TemporaryKey.isVisible(region.trimmed) else {
      throw PhotoStorageFailure(description: "\(Self.name) sent no name of a region.")
    }
    return region.trimmed
  }

  private func token() async throws -> String {
    guard !isDisabled else {
      throw PhotoStorageFailure(
        description: "AWS_EC2_METADATA_DISABLED is true, so the role of the instance is not used.")
    }
    let response = try await send(
      "PUT", "api/token", header: ("X-aws-ec2-metadata-token-ttl-seconds", "60"))
    switch response.status {
    case 200: break
    case 403:
      throw PhotoStorageFailure(
        description: """
          \(Self.name) is switched off (403). Switch it on: aws ec2 modify-instance-metadata-options --http-endpoint enabled.
          """)
    default:
      throw PhotoStorageFailure(
        description: "\(Self.name) at \(endpoint) gave no token (\(response.status)): it is not IMDSv2.")
    }
    let token = String(decoding: response.body, as: UTF8.self).trimmed
    guard TemporaryKey.isVisible(token) else {
      throw PhotoStorageFailure(description: "\(Self.name) at \(endpoint) sent a token that cannot be used.")
    }
    return token
  }

  /// Returns the text at a path.
  /// - Parameter missing: The sentence for a path that does not exist.
  private func text(_ path: String, _ token: String, missing: String) async throws -> String {
    let response = try await send("GET", "meta-data/" + path, header: ("X-aws-ec2-metadata-token", token))
    switch response.status {
    case 200: return String(decoding: response.body, as: UTF8.self)
    case 404: throw PhotoStorageFailure(description: missing)
    default:
      throw PhotoStorageFailure(description: "\(Self.name) at \(endpoint) responded \(response.status).")
    }
  }

  /// The service answers in milliseconds or not at all.
  private func send(
    _ method: String, _ path: String, header: (name: String, value: String)
  ) async throws -> HTTPResponse {
    let server: String
    do throws(S3Location.Invalid) { server = try S3Location.server(endpoint) } catch {
      throw PhotoStorageFailure(
        description: "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address such as http://169.254.169.254.")
    }
    var request = HTTPRequest(method: method, url: "\(server)/latest/\(path)")
    request.headers = [header]
    request.totalSeconds = 1
    request.usesProxy = false
    do { return try await http.send(request, attempts: 3, pause: 50) } catch {
      throw PhotoStorageFailure(
        description: """
          \(Self.name) at \(endpoint) does not answer (\(error)). In a container on EC2, the hop limit must be 2: \
          aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2. Elsewhere, set AWS_ACCESS_KEY_ID and \
          AWS_SECRET_ACCESS_KEY.
          """)
    }
  }
}
