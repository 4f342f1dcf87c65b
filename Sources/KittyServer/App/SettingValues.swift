import Configuration
import FoundationEssentials
import SystemPackage

/// The texts of all settings, by the names of their environment variables. A flag overrides the environment, and the
/// environment overrides the file of `--config`. A secret setting may be in a file of its own: `SMTP_URL_FILE` names the
/// file with `SMTP_URL`.
struct SettingValues {
  private let reader: ConfigReader

  /// - Throws: `Settings.Invalid` when the file of `--config` cannot be read.
  init(flags: Settings.Flags, environment: [String: String]) async throws {
    var given: [AbsoluteConfigKey: ConfigValue] = [:]
    for case (let name, let value?) in flags.values {
      if Settings.Flags.secrets.contains(name), Self.hasPassword(value) { throw Self.visiblePassword(name) }
      given[AbsoluteConfigKey(Self.key(name))] = ConfigValue(.string(value), isSecret: false)
    }
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: given),
      EnvironmentVariablesProvider(environmentVariables: environment),
    ]
    if let path = flags.config {
      do {
        providers.append(try await EnvironmentVariablesProvider(environmentFilePath: FilePath(path)))
      } catch {
        throw Settings.Invalid(name: "--config", value: path, why: "the file cannot be read.")
      }
    }
    reader = ConfigReader(providers: providers)
  }

  /// The configuration library's key of a variable: `data.dir` for `DATA_DIR`.
  private static func key(_ name: String) -> ConfigKey {
    ConfigKey(name.lowercased().split(separator: "_").map(String.init))
  }

  /// The text of a setting. An empty variable, as in `REDIS_URL=`, counts as not set.
  func text(_ name: String) -> String? {
    reader.string(forKey: Self.key(name)).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The text of a secret setting: its own, or the content of the file that the variable with `_FILE` names.
  /// - Throws: `Settings.Invalid` when both are set, and when the file cannot be read or is empty.
  func secretText(_ name: String) throws -> String? {
    let variable = name + "_FILE"
    guard let path = text(variable) else { return text(name) }
    guard text(name) == nil else {
      throw Settings.Invalid(name: variable, value: path, why: "\(name) is set too. Set one of them only.")
    }
    guard let content = try? Data(contentsOf: URL(filePath: path)) else {
      throw Settings.Invalid(name: variable, value: path, why: "the file cannot be read.")
    }
    let value = String(
      String(decoding: content, as: UTF8.self).reversed().drop(while: \.isWhitespace).reversed())
    guard !value.isEmpty else {
      throw Settings.Invalid(name: variable, value: path, why: "the file is empty.")
    }
    return value
  }

  /// Returns `true` for a URL with any password: in the part before the host, or in the query.
  static func hasPassword(_ url: String) -> Bool {
    hasLoginPassword(url) || url.lowercased().contains("password=")
  }

  /// Returns `true` for a URL with a password before the host.
  static func hasLoginPassword(_ url: String) -> Bool {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let authority = rest.prefix { !"/?#".contains($0) }
    let login = authority.lastIndex(of: "@").map { authority[..<$0] }
    return login?.contains(":") == true
  }

  private static func visiblePassword(_ name: String) -> Settings.Invalid {
    Settings.Invalid(
      name: "--" + name.lowercased().replacing("_", with: "-"), value: "…",
      why: """
        the list of processes shows its password to all users of this machine. Put the URL into the variable \(name), or \
        into a file that \(name)_FILE names.
        """)
  }

  /// A setting that is a number.
  func number(_ name: String, default standard: Int, _ range: ClosedRange<Int>) throws -> Int {
    try value(
      name, default: standard, why: "write a number from \(range.lowerBound) to \(range.upperBound)."
    ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// A setting that is a limit; `nil` for "off".
  func limit(_ name: String, default standard: Int?) throws -> Int? {
    if text(name) == "off" { return nil }
    return try optional(name, why: "write a number from 1, or off.") { text in
      Int(text).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    } ?? standard
  }

  /// A setting that is one of several words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default standard: Choice
  ) throws -> Choice {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return try value(name, default: standard, why: "choose one of \(words).", Choice.init(rawValue:))
  }

  /// A setting in a form of its own.
  /// - Parameters:
  ///   - why: The correct form, for the error.
  ///   - parse: Returns `nil` for a text that is not in that form.
  func value<Value>(
    _ name: String, default standard: Value, why: String, _ parse: (String) -> Value?
  ) throws -> Value {
    try optional(name, why: why, parse) ?? standard
  }

  /// Like `value`, for a setting without a default.
  func optional<Value>(_ name: String, why: String, _ parse: (String) -> Value?) throws -> Value? {
    guard let text = text(name) else { return nil }
    guard let value = parse(text) else { throw Settings.Invalid(name: name, value: text, why: why) }
    return value
  }

  /// A setting that may contain a password or key: an error does not repeat its value.
  /// - Parameter parse: Throws an error whose description is the correct form.
  func secret<Value>(_ name: String, _ parse: (String) throws -> Value) throws -> Value? {
    guard let text = try secretText(name) else { return nil }
    do { return try parse(text) } catch { throw Self.invalid(name, error) }
  }

  /// Like `secret`, for a value with a part that is asked from elsewhere.
  func resolvedSecret<Value>(
    _ name: String, _ resolve: (String) async throws -> Value
  ) async throws -> Value? {
    guard let text = try secretText(name) else { return nil }
    do { return try await resolve(text) } catch { throw Self.invalid(name, error) }
  }

  private static func invalid(_ name: String, _ error: any Error) -> Settings.Invalid {
    error as? Settings.Invalid ?? Settings.Invalid(name: name, value: "…", why: "\(error)")
  }
}
