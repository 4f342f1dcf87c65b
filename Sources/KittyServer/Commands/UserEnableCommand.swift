import ArgumentParser

/// `kittycash-server user enable`.
struct UserEnableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Enable a disabled user again.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws { try await options.setDisabled(false, name) }
}
