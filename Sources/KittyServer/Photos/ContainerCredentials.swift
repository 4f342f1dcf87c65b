import Curl
import FoundationEssentials
import KittyShared

/// The service that gives a container the key of its role: of the task (ECS) or the pod (EKS).
///
/// Amazon's platforms set the variables. Without TLS, only their own addresses and the loopback are asked: the request
/// contains a token.
struct ContainerCredentials: Sendable {
  /// The URL to ask, or the reason why it is not asked.
  let url: Result<String, PhotoStorageFailure>
  private let token: String?
  private let tokenFile: String?
  private let http: HTTPClient

  private static let name = "The service with the key of the container's role"

  /// Returns `nil` when no such service is configured.
  init?(_ variables: AWSVariables, _ http: HTTPClient) {
    if let path = variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      let isPath = path.hasPrefix("/") && Self.isPlain(path)
      url =
        isPath
        ? .success("http://169.254.170.2" + path)
        : .failure(
          PhotoStorageFailure(description: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash."))
    } else if let address = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
      url =
        Self.isAllowed(address)
        ? .success(address)
        : .failure(
          PhotoStorageFailure(
            description: """
              AWS_CONTAINER_CREDENTIALS_FULL_URI is refused: it must be an https URL, or an http URL of the loopback, \
              169.254.170.2, 169.254.170.23 or [fd00:ec2::23].
              """))
    } else {
      return nil
    }
    token = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    tokenFile = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
    self.http = http
  }

  /// Returns the key of the container's role.
  /// - Throws: `PhotoStorageFailure`. It does not repeat the URL, which may contain an id that gives access to the key.
  func key() async throws -> TemporaryKey {
    var request = HTTPRequest(method: "GET", url: try url.get())
    if let authorization = try authorization() { request.headers = [("Authorization", authorization)] }
    request.totalSeconds = 1
    request.usesProxy = false
    let response: HTTPResponse
    do { response = try await http.send(request, attempts: 3, pause: 50) } catch {
      throw PhotoStorageFailure(
        description: "\(Self.name) does not answer (\(error)). Check AWS_CONTAINER_CREDENTIALS_*.")
    }
    guard response.status == 200 else {
      throw PhotoStorageFailure(
        description: """
          \(Self.name) responded \(response.status). Check that the task or the service account has a role\
          \(response.status == 401 || response.status == 403 ? ", and AWS_CONTAINER_AUTHORIZATION_TOKEN*" : "").
          """)
    }
    return try TemporaryKey(json: response.body, from: Self.name)
  }

  /// The token of the request. Its file is read each time, because EKS replaces it.
  private func authorization() throws -> String? {
    guard let tokenFile else {
      return try token.map { try Self.checked($0, "AWS_CONTAINER_AUTHORIZATION_TOKEN") }
    }
    guard let content = try? Data(contentsOf: URL(filePath: tokenFile)) else {
      throw PhotoStorageFailure(
        description: "\(tokenFile), which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, cannot be read.")
    }
    return try Self.checked(String(decoding: content, as: UTF8.self).trimmed, tokenFile)
  }

  /// Refuses a token with line breaks: they would add headers.
  private static func checked(_ token: String, _ place: String) throws -> String {
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw PhotoStorageFailure(description: "\(place) does not contain a token of one line.")
    }
    return token
  }

  /// Returns `true` for a URL whose host may get the token.
  private static func isAllowed(_ address: String) -> Bool {
    guard isPlain(address), let parts = URLComponents(string: address), parts.user == nil,
      parts.password == nil, parts.fragment == nil, var host = parts.host?.lowercased(), !host.isEmpty
    else { return false }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    switch parts.scheme?.lowercased() {
    case "https": return true
    case "http": break
    default: return false
    }
    if ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(host) { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// Returns `true` for visible ASCII that two parsers of URLs read alike.
  private static func isPlain(_ text: String) -> Bool {
    TemporaryKey.isVisible(text) && !text.utf8.contains(where: "\\@\"<>^`{|}".utf8.contains)
  }
}
