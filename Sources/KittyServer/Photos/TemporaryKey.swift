import FoundationEssentials
import KittyShared

/// A key that expires, as the services of Amazon give it out.
struct TemporaryKey: Sendable {
  let key: AWSCredentials.Key
  let expires: Instant

  /// Reads the answer of a container's or an instance's service.
  /// - Parameter source: The service, as the subject of a sentence.
  /// - Throws: `PhotoStorageFailure`, which never repeats the answer: it may contain a key.
  init(json: [UInt8], from source: String) throws {
    guard let document = try? JSON.decode(Document.self, from: Data(json)) else {
      throw PhotoStorageFailure(description: "\(source) sent no JSON object.")
    }
    if let code = document.code, code != "Success" {
      throw PhotoStorageFailure(
        description: """
          \(source) has no key for the role: \(String(code.filter(\.isLetter).prefix(60))). Check that the role exists and \
          that its trust policy names the service that uses it.
          """)
    }
    try self.init(
      id: document.id, secret: document.secret, token: document.token, expiration: document.expiration,
      from: source)
  }

  /// - Parameters:
  ///   - expiration: RFC 3339; `nil` for a key that does not expire.
  ///   - source: The service, as the subject of a sentence.
  /// - Throws: `PhotoStorageFailure` when a part is missing or cannot be sent.
  init(id: String?, secret: String?, token: String?, expiration: String?, from source: String) throws {
    var expires = Instant(milliseconds: .max)
    if let expiration {
      guard let instant = try? JSON.decode(Instant.self, from: Data("\"\(expiration)\"".utf8)) else {
        throw PhotoStorageFailure(description: "\(source) sent a key with an unknown form of expiry.")
      }
      expires = instant
    }
    guard let id, let secret, [id, secret, token ?? "-"].allSatisfy(Self.isVisible) else {
      throw PhotoStorageFailure(description: "\(source) sent an answer without a key.")
    }
    self.expires = expires
    key = AWSCredentials.Key(id: id, secret: secret, sessionToken: token)
  }

  /// Returns `true` for a text of visible ASCII that is not empty: it can be sent in a header.
  static func isVisible(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }

  private struct Document: Decodable {
    let code: String?
    let id: String?
    let secret: String?
    let token: String?
    let expiration: String?

    enum CodingKeys: String, CodingKey {
      case code = "Code"
      case id = "AccessKeyId"
      case secret = "SecretAccessKey"
      case token = "Token"
      case expiration = "Expiration"
    }
  }
}
