import Curl
import FoundationEssentials
import KittyShared

/// A role for the holder of a token, as Kubernetes gives it to a pod (IRSA on EKS): the token is exchanged for a key at
/// Amazon's Security Token Service (STS).
struct WebIdentity: Sendable {
  private let tokenFile: String
  private let role: String?
  private let session: String
  private let server: String?
  private let http: HTTPClient

  private static let name = "Amazon's STS"

  /// Returns `nil` when no token is configured.
  /// - Parameter region: The region whose STS is asked.
  init?(_ variables: AWSVariables, region: String?, _ http: HTTPClient) {
    guard let tokenFile = variables["AWS_WEB_IDENTITY_TOKEN_FILE"] else { return nil }
    self.tokenFile = tokenFile
    role = variables["AWS_ROLE_ARN"]
    session = variables["AWS_ROLE_SESSION_NAME"] ?? "kittycash"
    server =
      variables["AWS_ENDPOINT_URL_STS"] ?? variables["AWS_ENDPOINT_URL"]
      ?? region.map { "https://sts.\($0).amazonaws.com" }
    self.http = http
  }

  /// Returns a key of the role, for an hour.
  /// - Throws: `PhotoStorageFailure`.
  func key() async throws -> TemporaryKey {
    guard let role, let server else {
      throw PhotoStorageFailure(
        description: """
          AWS_WEB_IDENTITY_TOKEN_FILE is set, and \(self.role == nil ? "AWS_ROLE_ARN" : "AWS_REGION") is not. Set both.
          """)
    }
    // Read each time: Kubernetes replaces the token.
    guard let content = try? Data(contentsOf: URL(filePath: tokenFile)) else {
      throw PhotoStorageFailure(
        description: "\(tokenFile), which AWS_WEB_IDENTITY_TOKEN_FILE names, cannot be read.")
    }
    let token = String(decoding: content, as: UTF8.self).trimmed
    let fields = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session), ("WebIdentityToken", token),
    ]
    var request = HTTPRequest(method: "POST", url: server.hasSuffix("/") ? server : server + "/")
    request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
    let form = fields.map { "\($0)=\(S3Listing.escape($1))" }.joined(separator: "&")
    request.body = .bytes(Array(form.utf8))
    request.totalSeconds = 5
    let response: HTTPResponse
    do { response = try await http.send(request, attempts: 3, pause: 100) } catch {
      throw PhotoStorageFailure(description: "\(Self.name) at \(server) cannot be reached: \(error).")
    }
    let text = String(decoding: response.body, as: UTF8.self)
    func element(_ name: String) -> String? { S3Listing.element(name, in: text[...]) }
    guard response.status == 200 else {
      let code = element("Code").map { " " + String($0.filter(\.isLetter).prefix(60)) } ?? ""
      throw PhotoStorageFailure(
        description: """
          \(Self.name) responded \(response.status)\(code). Check that the trust policy of \(role) names the service account.
          """)
    }
    return try TemporaryKey(
      id: element("AccessKeyId"), secret: element("SecretAccessKey"), token: element("SessionToken"),
      expiration: element("Expiration"), from: Self.name)
  }
}
