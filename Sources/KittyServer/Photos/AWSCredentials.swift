import FoundationEssentials
import KittyShared

/// Where the key to a bucket and its region come from, as for Amazon's own tools: variables, else the part that
/// `AWS_PROFILE` names, or `default`, of the files `~/.aws/credentials` (`AWS_SHARED_CREDENTIALS_FILE`) and
/// `~/.aws/config` (`AWS_CONFIG_FILE`).
struct AWSCredentials: Sendable {
  /// A key and what belongs to it.
  struct Key: Sendable, Equatable {
    var id: String
    var secret: String
    var sessionToken: String?
  }

  private let name: String
  private let fixed: Key?
  private let credentialsFile: String?
  private let configFile: String?
  private let fixedRegion: String?

  init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func file(_ name: String) -> String? { value("HOME").map { "\($0)/.aws/\(name)" } }
    name = value("AWS_PROFILE") ?? "default"
    if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
      fixed = Key(id: id, secret: secret, sessionToken: value("AWS_SESSION_TOKEN"))
    } else {
      fixed = nil
    }
    credentialsFile = value("AWS_SHARED_CREDENTIALS_FILE") ?? file("credentials")
    configFile = value("AWS_CONFIG_FILE") ?? file("config")
    fixedRegion = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")
  }

  /// The region: `AWS_REGION`, `AWS_DEFAULT_REGION`, or what the file `config` says.
  var region: String? { fixedRegion ?? configured["region"] }

  /// The key to sign with. The files are read each time: what made them puts a new key in before the old one ends.
  /// - Throws: `PhotoStorageFailure` that says where a key was looked for.
  func key() throws -> Key {
    if let fixed { return fixed }
    guard let credentialsFile else {
      throw PhotoStorageFailure(
        description: "There is no key to the bucket. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    }
    let text = Self.text(of: credentialsFile)
    let stored = text.flatMap { Self.key(in: Self.values(of: name, in: $0)) }
    if let key = stored ?? Self.key(in: configured) { return key }
    throw PhotoStorageFailure(
      description: text == nil
        ? """
        There is no key to the bucket: \(credentialsFile) cannot be read, and AWS_ACCESS_KEY_ID and \
        AWS_SECRET_ACCESS_KEY are not set.
        """
        : "\(credentialsFile) has no key for the profile \"\(name)\". Name another one with AWS_PROFILE.")
  }

  /// What the file `config` says of the profile, under the headline that it has there.
  private var configured: [String: String] {
    guard let text = configFile.flatMap(Self.text) else { return [:] }
    let values = Self.values(of: "profile \(name)", in: text)
    return name == "default" && values.isEmpty ? Self.values(of: name, in: text) : values
  }

  private static func key(in values: [String: String]) -> Key? {
    guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      return nil
    }
    return Key(id: id, secret: secret, sessionToken: values["aws_session_token"])
  }

  private static func text(of file: String) -> String? {
    (try? Data(contentsOf: URL(filePath: file))).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The values in a part of such a file. What is indented belongs to the line above it and is passed over.
  private static func values(of part: String, in text: String) -> [String: String] {
    var values: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.trimmed
      if words.hasPrefix("["), words.hasSuffix("]") {
        isInside =
          words.dropFirst().dropLast().split(whereSeparator: \.isWhitespace).joined(separator: " ") == part
      } else if isInside, let first = line.first, !first.isWhitespace, first != "#", first != ";",
        let equals = line.firstIndex(of: "=")
      {
        values[line[..<equals].trimmed.lowercased()] = line[line.index(after: equals)...].trimmed
      }
    }
    return values
  }
}
