import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The source of the key to a bucket and of its region, in the order of Amazon's own tools: environment variables, then
/// the profile `AWS_PROFILE` (or `default`) of the files `~/.aws/credentials` (`AWS_SHARED_CREDENTIALS_FILE`) and
/// `~/.aws/config` (`AWS_CONFIG_FILE`). Roles of containers and instances are not read.
struct AWSCredentials: Sendable {
  /// An access key.
  struct Key: Sendable, Equatable {
    var id: String
    var secret: String
    /// Only for a key that is valid for some hours.
    var sessionToken: String?
  }

  private let profile: String
  private let keyOfVariables: Key?
  private let credentialsFile: String?
  private let configFile: String?
  private let regionOfVariables: String?

  init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    func file(_ name: String) -> String? { value("HOME").map { "\($0)/.aws/\(name)" } }
    profile = value("AWS_PROFILE") ?? "default"
    if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
      keyOfVariables = Key(id: id, secret: secret, sessionToken: value("AWS_SESSION_TOKEN"))
    } else {
      keyOfVariables = nil
    }
    credentialsFile = value("AWS_SHARED_CREDENTIALS_FILE") ?? file("credentials")
    configFile = value("AWS_CONFIG_FILE") ?? file("config")
    regionOfVariables = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION")
  }

  /// The region of `AWS_REGION`, `AWS_DEFAULT_REGION`, or the file `config`.
  var region: String? { regionOfVariables ?? configValues["region"] }

  /// A sentence about the file `config` when it exists and cannot be read; `nil` otherwise.
  var configProblem: String? {
    guard let configFile, case .failure(let error) = Self.text(of: configFile),
      error != .noSuchFileOrDirectory
    else { return nil }
    return "\(configFile) cannot be read: \(error)."
  }

  /// Returns the key to sign with. The files are read each time, because temporary keys in them are replaced before
  /// they expire.
  /// - Throws: `PhotoStorageFailure` that names the places where no key was found.
  func key() throws -> Key {
    if let keyOfVariables { return keyOfVariables }
    guard let credentialsFile else {
      throw PhotoStorageFailure(
        description: "No key to the bucket was found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    }
    let text = Self.text(of: credentialsFile)
    let stored = (try? text.get()).flatMap { Self.key(in: Self.values(of: profile, in: $0)) }
    if let key = stored ?? Self.key(in: configValues) { return key }
    switch text {
    case .failure(let error):
      throw PhotoStorageFailure(
        description: """
          No key to the bucket was found: \(credentialsFile) cannot be read (\(error)), and AWS_ACCESS_KEY_ID and \
          AWS_SECRET_ACCESS_KEY are not set.
          """)
    case .success:
      throw PhotoStorageFailure(
        description:
          "\(credentialsFile) has no key for the profile \"\(profile)\". Name another profile with AWS_PROFILE."
      )
    }
  }

  /// The values of the profile in the file `config`, where its section is called `profile NAME`.
  private var configValues: [String: String] {
    guard let text = configFile.flatMap({ try? Self.text(of: $0).get() }) else { return [:] }
    let values = Self.values(of: "profile \(profile)", in: text)
    return profile == "default" && values.isEmpty ? Self.values(of: profile, in: text) : values
  }

  private static func key(in values: [String: String]) -> Key? {
    guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      return nil
    }
    return Key(id: id, secret: secret, sessionToken: values["aws_session_token"])
  }

  private static func text(of path: String) -> Result<String, Errno> {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return .success(
        String(decoding: try file.closeAfter { try file.read(upTo: 1 << 20) }, as: UTF8.self))
    } catch let error as Errno { return .failure(error) } catch { return .failure(.ioError) }
  }

  /// Returns the values in a section of a file. Indented lines belong to the line above and are skipped.
  private static func values(of section: String, in text: String) -> [String: String] {
    var values: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let text = line.trimmed
      if text.hasPrefix("["), text.hasSuffix("]") {
        isInside =
          text.dropFirst().dropLast().split(whereSeparator: \.isWhitespace).joined(separator: " ") == section
      } else if isInside, let first = line.first, !first.isWhitespace, first != "#", first != ";",
        let equals = line.firstIndex(of: "=")
      {
        values[line[..<equals].trimmed.lowercased()] = line[line.index(after: equals)...].trimmed
      }
    }
    return values
  }
}
