import Configuration
import FoundationEssentials
import SystemPackage

/// The texts of all settings, by the names of their environment variables. A flag overrides the environment, and the
/// environment overrides the file of `--config`.
struct SettingValues {
  private let reader: ConfigReader

  /// - Throws: `Settings.Invalid` when the file of `--config` cannot be read.
  init(flags: Settings.Flags, environment: [String: String]) async throws {
    var given: [AbsoluteConfigKey: ConfigValue] = [:]
    for case (let name, let value?) in flags.values {
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
    guard let text = text(name) else { return nil }
    do { return try parse(text) } catch let invalid as Settings.Invalid { throw invalid } catch {
      throw Settings.Invalid(name: name, value: "…", why: "\(error)")
    }
  }
}
