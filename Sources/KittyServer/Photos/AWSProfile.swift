import KittyShared
import POSIX
import SystemPackage

/// The profile `AWS_PROFILE` (or `default`) in the files `~/.aws/credentials` (`AWS_SHARED_CREDENTIALS_FILE`) and
/// `~/.aws/config` (`AWS_CONFIG_FILE`). Both are read each time, because temporary keys in them are replaced before they
/// expire.
struct AWSProfile: Sendable {
  private let name: String
  /// `true` if `AWS_PROFILE` names the profile.
  private let isChosen: Bool
  private let credentialsFile: String?
  private let configFile: String?
  private let regionOfVariables: String?

  init(_ variables: AWSVariables) {
    func file(_ name: String) -> String? { variables["HOME"].map { "\($0)/.aws/\(name)" } }
    isChosen = variables["AWS_PROFILE"] != nil
    name = variables["AWS_PROFILE"] ?? "default"
    credentialsFile = variables["AWS_SHARED_CREDENTIALS_FILE"] ?? file("credentials")
    configFile = variables["AWS_CONFIG_FILE"] ?? file("config")
    regionOfVariables = variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"]
  }

  /// The region of `AWS_REGION`, `AWS_DEFAULT_REGION`, or the file `config`.
  var region: String? { regionOfVariables ?? configValues["region"] }

  /// A sentence about the file `config` when it exists and cannot be read; `nil` otherwise.
  var configProblem: String? { Self.problem(of: configFile).map { $0 + "." } }

  /// Returns the key of the profile; `nil` when there is none, and `AWS_PROFILE` does not ask for one.
  /// - Throws: `PhotoStorageFailure` for a file that exists and cannot be read: it was put there for its key, and the key of
  ///   a role must not replace it silently. Also for a profile that `AWS_PROFILE` names and that has no key.
  func key() throws -> AWSCredentials.Key? {
    let stored = credentialsFile.flatMap { try? Self.text(of: $0).get() }
    if let key = stored.flatMap({ Self.key(in: Self.values(of: name, in: $0)) }) ?? Self.key(in: configValues)
    {
      return key
    }
    if let problem = Self.problem(of: credentialsFile) ?? Self.problem(of: configFile) {
      throw PhotoStorageFailure(
        description: "No key to the bucket was found: \(problem). Let the user of the server read it.")
    }
    guard isChosen else { return nil }
    throw PhotoStorageFailure(
      description: """
        No key to the bucket was found: \(absence). Name another profile with AWS_PROFILE. Profiles with role_arn, \
        credential_process or sso_session are not supported.
        """)
  }

  /// The reason why `key` returned `nil`, as part of a sentence.
  var absence: String {
    guard let credentialsFile else { return "HOME is not set, so that there is no ~/.aws/credentials" }
    switch Self.text(of: credentialsFile) {
    case .failure(let error): return "\(credentialsFile) cannot be read (\(error))"
    case .success: return "\(credentialsFile) has no key for the profile \"\(name)\""
    }
  }

  /// The values of the profile in the file `config`, where its section is called `profile NAME`.
  private var configValues: [String: String] {
    guard let text = configFile.flatMap({ try? Self.text(of: $0).get() }) else { return [:] }
    let values = Self.values(of: "profile \(name)", in: text)
    return name == "default" && values.isEmpty ? Self.values(of: name, in: text) : values
  }

  private static func key(in values: [String: String]) -> AWSCredentials.Key? {
    guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      return nil
    }
    return AWSCredentials.Key(id: id, secret: secret, sessionToken: values["aws_session_token"])
  }

  private static func problem(of path: String?) -> String? {
    guard let path, case .failure(let error) = text(of: path), error != .noSuchFileOrDirectory else {
      return nil
    }
    return "\(path) cannot be read: \(error)"
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
