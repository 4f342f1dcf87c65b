import FoundationEssentials

/// Where the key to a bucket comes from, as for Amazon's own tools: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
/// `AWS_SESSION_TOKEN`, else the file `~/.aws/credentials` (`AWS_SHARED_CREDENTIALS_FILE`), and there the part that
/// `AWS_PROFILE` names, or `default`.
struct AWSCredentials: Sendable {
  /// A key and what belongs to it.
  struct Key: Sendable, Equatable {
    var id: String
    var secret: String
    var sessionToken: String?
  }

  private let fixed: Key?
  private let file: String?
  private let profile: String

  init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
      fixed = Key(id: id, secret: secret, sessionToken: value("AWS_SESSION_TOKEN"))
    } else {
      fixed = nil
    }
    file = value("AWS_SHARED_CREDENTIALS_FILE") ?? value("HOME").map { $0 + "/.aws/credentials" }
    profile = value("AWS_PROFILE") ?? "default"
  }

  /// The key to sign with. The file is read each time: what made it puts a new key in before the old one ends.
  /// - Throws: `PhotoStorageFailure` that says where a key was looked for.
  func key() throws -> Key {
    if let fixed { return fixed }
    guard let file else {
      throw PhotoStorageFailure(
        description: "There is no key to the bucket. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    }
    guard let data = try? Data(contentsOf: URL(filePath: file)) else {
      throw PhotoStorageFailure(
        description: """
          There is no key to the bucket: \(file) cannot be read, and AWS_ACCESS_KEY_ID and \
          AWS_SECRET_ACCESS_KEY are not set.
          """)
    }
    guard let key = Self.key(of: profile, in: String(decoding: data, as: UTF8.self)) else {
      throw PhotoStorageFailure(
        description: "\(file) has no key for the profile \"\(profile)\". Name another one with AWS_PROFILE.")
    }
    return key
  }

  /// The key in a part of a credentials file.
  static func key(of profile: String, in text: String) -> Key? {
    var values: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmed }) {
      if line.hasPrefix("["), line.hasSuffix("]") {
        isInside = line.dropFirst().dropLast().trimmed == profile
      } else if isInside, !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") {
        values[line[..<equals].trimmed.lowercased()] = line[line.index(after: equals)...].trimmed
      }
    }
    guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      return nil
    }
    return Key(id: id, secret: secret, sessionToken: values["aws_session_token"])
  }
}

extension StringProtocol {
  /// Without white space around it.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
