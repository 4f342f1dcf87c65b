import ArgumentParser
import KittyShared

/// `kittycash settings`.
struct SettingsCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Print or set the settings of the full screen over ssh.",
    discussion: """
      They are kept with your account on the server, in the form of config.toml. A client on your own machine reads its \
      own file instead.
      """)

  @OptionGroup var serverOption: ServerOption
  @Flag(help: "Replace them with standard input.") var set = false

  private static let maxBytes = 65_536

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    guard set else {
      let file: AccountFile? = try await connection.ask { (api) throws(ClientFailure) in
        do throws(ClientFailure) {
          return try await api.call(Endpoints.accountFile, [AccountSettings.name])
        } catch {
          guard case .problem(let problem) = error, problem.status == 404 else { throw error }
          return nil
        }
      }
      guard let file else {
        return environment.printMessage("Nothing is set. docs/client.md lists the settings.")
      }
      return try environment.write(Array((file.content ?? "").utf8))
    }
    let bytes = try environment.readAll(Self.maxBytes)
    guard !bytes.isEmpty else {
      throw CommandFailure(.usage, "Standard input is empty: nothing was changed.")
    }
    guard bytes.count <= Self.maxBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure(.usage, "The settings are a text of at most \(Self.maxBytes / 1024) KiB.")
    }
    let settings = ClientSettings(
      flags: .init(), environment: [:], file: ConfigFile(parsing: text), at: "settings")
    let problems = settings.problems + KeyMap.standard(settings, [:]).problems
    guard problems.isEmpty else {
      throw CommandFailure(.usage, "Not set. \(problems.map(\.string).joined(separator: "\n"))")
    }
    let _: AccountFile = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(
        Endpoints.writeAccountFile, [AccountSettings.name], body: NewAccountFile(content: text))
    }
    environment.printMessage("The settings are kept with your account.")
  }
}
