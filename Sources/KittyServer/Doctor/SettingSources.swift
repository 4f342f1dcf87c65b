import FoundationEssentials

/// The places that settings come from: the environment, and the file of `--config`.
struct SettingSources: Sendable {
  let environment: [String: String]
  /// The file of `--config`.
  let file: String?

  /// The names of all settings.
  static let names: Set<String> = {
    let flags = (try? Settings.Flags.parse([]))?.values.map { $0.name } ?? []
    return Set(flags + secrets + secrets.map { $0 + "_FILE" })
  }()

  /// The settings that may be secret, and so may be in a file of their own.
  static let secrets = Settings.Flags.secrets.sorted() + ["SECRETS_KEY", "PROXY_SECRET"]

  /// The names in the file of `--config`.
  /// - Throws: When the file cannot be read.
  func namesInFile() throws -> [String] {
    guard let file else { return [] }
    let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      let line = line.drop(while: \.isWhitespace)
      guard !line.hasPrefix("#"), let end = line.firstIndex(of: "=") else { return nil }
      return String(line[..<end].filter { !$0.isWhitespace })
    }
  }

  /// The files with secrets: those that a variable with `_FILE` names, and that of `--config`.
  var secretFiles: [(setting: String, path: String)] {
    Self.secrets.compactMap { name in
      environment[name + "_FILE"].flatMap { $0.isEmpty ? nil : (name + "_FILE", $0) }
    } + (file.map { [("--config", $0)] } ?? [])
  }

  /// Returns the setting whose name is almost this one; `nil` for a setting, and for a name that resembles none.
  static func suggestion(for name: String) -> String? {
    guard !names.contains(name) else { return nil }
    // Short names, such as HOST, resemble too many others.
    return names.filter { $0.contains("_") }.min { name.editDistance(to: $0) < name.editDistance(to: $1) }
      .flatMap { name.editDistance(to: $0) <= 2 ? $0 : nil }
  }
}
