import Curl
import KittyShared

/// The settings of the client. A flag counts more than an environment variable, and that more than `config.toml`.
struct ClientSettings: Hashable, Sendable {
  /// The mark between the whole units and the decimals of an amount.
  enum MarkChoice: String, CaseIterable, Sendable {
    /// That of the locale.
    case locale
    case point, comma

    /// Reads the mark itself.
    init?(mark: String) {
      switch mark {
      case ".": self = .point
      case ",": self = .comma
      default: return nil
      }
    }
  }

  /// The keys that the user gives an action.
  struct KeySetting: Hashable, Sendable {
    let action: String
    /// The names of the keys, such as `a` or `ctrl-s`.
    let keys: [String]
    /// The line in the file.
    let line: Int
  }

  var screen = ScreenSettings()
  /// `true` when requests are noted in a log.
  var isDebugging = false
  /// The authorities that may sign the certificate of the server.
  var authorities = Authorities.system()
  var keys: [KeySetting] = []
  /// The values that could not be used, as sentences with their place.
  var problems: [SafeText] = []

  /// The values of the flags; `nil` for one that was not given.
  struct Flags: Sendable {
    var usesMouse: Bool?
    var theme: ScreenSettings.ThemeName?
    var colour: ScreenSettings.Colour?
    var isPlain: Bool?
    var isASCII: Bool?
    var pictures: ScreenSettings.Pictures?
    var decimalMark: MarkChoice?
    var idleMinutes: Int?
    var isDebugging: Bool?
    /// The file with the certificates of the trusted authorities.
    var ca: String?
  }

  /// The settings without flags, variables and a file.
  init() {}

  /// Collects the settings. A value that cannot be used is reported, and the next source counts.
  init(flags: Flags, environment: [String: String]) {
    let path = ConfigFile.path(environment)
    self.init(flags: flags, environment: environment, file: ConfigFile(path: path), at: path)
  }

  /// - Parameter path: The path of the file, for messages.
  init(flags: Flags, environment: [String: String], file: ConfigFile, at path: String) {
    var sources = Sources(environment: environment, file: file, path: path)
    screen.usesMouse = sources.flag("mouse", flags.usesMouse) ?? true
    screen.theme = sources.choice("theme", flags.theme) ?? .terminal
    screen.colour = sources.choice("color", flags.colour) ?? .auto
    screen.isPlain = sources.flag("accessible", flags.isPlain, others: ["ACCESSIBLE"]) ?? false
    screen.isASCII = sources.flag("ascii", flags.isASCII) ?? false
    screen.pictures = sources.choice("pictures", flags.pictures) ?? .auto
    screen.decimalMark =
      switch sources.choice("decimal-mark", flags.decimalMark, also: MarkChoice.init(mark:)) ?? .locale {
      case .point: "."
      case .comma: ","
      case .locale: DecimalMark.ofLocale(environment)?.character ?? "."
      }
    screen.idleMinutes = sources.number("idle-minutes", flags.idleMinutes, in: 1...1440)
    isDebugging = sources.flag("debug", flags.isDebugging) ?? false
    authorities = Self.authorities(sources.filePath("ca", flags.ca), environment)
    keys = sources.keys()
    sources.reportUnknown()
    problems = sources.problems
  }

  /// Returns the authorities of a file, else those of the variables that curl and OpenSSL read, else those of the system.
  private static func authorities(
    _ file: String?, _ environment: [String: String]
  ) -> Authorities {
    if let file { return .file(file) }
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let bundle = variable("CURL_CA_BUNDLE") { return .system(file: bundle) }
    return .system(file: variable("SSL_CERT_FILE"), folder: variable("SSL_CERT_DIR"))
  }
}

/// The places of the settings, and the problems that are found in them.
private struct Sources {
  let environment: [String: String]
  let file: ConfigFile
  let path: String
  private(set) var problems: [SafeText]
  private var known: Set<String> = []

  init(environment: [String: String], file: ConfigFile, path: String) {
    self.environment = environment
    self.file = file
    self.path = path
    problems = file.problems.map { Self.place(path, $0.line) + SafeText($0.words) }
  }

  private static func place(_ path: String, _ line: Int) -> SafeText {
    line == 0 ? "\(path): " : "\(path), line \(line): "
  }

  /// Returns an option that is on or off.
  /// - Parameter others: The variables with this meaning that other programs use too.
  mutating func flag(_ name: String, _ given: Bool?, others: [String] = []) -> Bool? {
    value(name, given, words: "true or false", others: others) {
      switch $0 {
      case .flag(let value): value
      case .number(1), .text("1"), .text("true"), .text("yes"), .text("on"): true
      case .number(0), .text("0"), .text("false"), .text("no"), .text("off"): false
      default: nil
      }
    }
  }

  /// Returns an option that is a whole number.
  mutating func number(_ name: String, _ given: Int?, in range: ClosedRange<Int>) -> Int? {
    value(name, given, words: "the whole numbers from \(range.lowerBound) to \(range.upperBound)") {
      switch $0 {
      case .number(let number) where range.contains(number): number
      case .text(let text): Int(text).flatMap { range.contains($0) ? $0 : nil }
      default: nil
      }
    }
  }

  /// Returns the path of a file. `~` stands for the home folder.
  mutating func filePath(_ name: String, _ given: String?) -> String? {
    let found = value(name, given, words: "the path of a file in quotation marks") {
      if case .text(let text) = $0, !text.isEmpty { text } else { nil }
    }
    guard let found, found.hasPrefix("~/") else { return found }
    return (environment["HOME"] ?? "/") + found.dropFirst()
  }

  /// Returns an option with several values.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ given: Choice?, also other: (String) -> Choice? = { _ in nil }
  ) -> Choice? where Choice.RawValue == String {
    value(name, given, words: Choice.allCases.map(\.rawValue).joined(separator: ", ")) {
      if case .text(let text) = $0 { Choice(rawValue: text) ?? other(text) } else { nil }
    }
  }

  private mutating func value<Value>(
    _ name: String, _ given: Value?, words: String, others: [String] = [],
    _ read: (ConfigFile.Value) -> Value?
  ) -> Value? {
    known.insert(name)
    if let given { return given }
    let variable = "KITTYCASH_" + name.uppercased().replacing("-", with: "_")
    for variable in [variable] + others {
      guard let text = environment[variable], !text.isEmpty else { continue }
      if let value = read(.text(text)) { return value }
      problems.append("$\(variable): \"\(text)\" is not a value of it. Use one of: \(words).")
    }
    guard let entry = file.entries.first(where: { $0.table.isEmpty && $0.key == name }) else { return nil }
    if let value = read(entry.value) { return value }
    problems.append(
      Self.place(path, entry.line) + "this is not a value of \"\(name)\". Use one of: \(words).")
    return nil
  }

  /// Returns the keys of the table `keys`.
  mutating func keys() -> [ClientSettings.KeySetting] {
    var settings: [ClientSettings.KeySetting] = []
    for entry in file.entries where entry.table == "keys" {
      switch entry.value {
      case .text(let key): settings.append(.init(action: entry.key, keys: [key], line: entry.line))
      case .list(let keys): settings.append(.init(action: entry.key, keys: keys, line: entry.line))
      case .number(let number):
        settings.append(.init(action: entry.key, keys: ["\(number)"], line: entry.line))
      case .flag:
        problems.append(
          Self.place(path, entry.line)
            + "write the key of \"\(entry.key)\" in quotation marks, such as \"a\".")
      }
    }
    return settings
  }

  /// Reports the keys and tables of the file that have no meaning.
  mutating func reportUnknown() {
    for entry in file.entries where entry.table != "keys" {
      if !entry.table.isEmpty {
        problems.append(
          Self.place(path, entry.line) + "there is no table \"\(entry.table)\"; the only one is [keys].")
      } else if !known.contains(entry.key) {
        let names = known.sorted().joined(separator: ", ")
        problems.append(
          Self.place(path, entry.line) + "there is no option \"\(entry.key)\". Use one of: \(names).")
      }
    }
  }
}
