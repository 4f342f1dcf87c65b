import KittyShared

/// The settings of the full screen, with the account on the server.
struct AccountSettings: Sendable {
  let api: APIClient

  /// The name of the file, which has the form of `config.toml`.
  static let name = "config.toml"

  /// Reads the settings. The operator's variables count more. What concerns files and servers has no effect.
  func settings(_ environment: [String: String]) async -> ClientSettings {
    var text = ""
    // Without an answer the full screen opens with the standard settings, and says so when it reads the groups.
    if let file: AccountFile = try? await api.call(Endpoints.accountFile, [Self.name]) {
      text = file.content ?? ""
    }
    return ClientSettings(
      flags: .init(), environment: environment, file: ConfigFile(parsing: text), at: "settings")
  }
}
