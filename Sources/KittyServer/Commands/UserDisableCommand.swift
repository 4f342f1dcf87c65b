import ArgumentParser
import KittyShared

/// `kittycash-server user disable`.
struct UserDisableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Disable a user, and end the sessions.",
    discussion: UserCommand.sessionEnd)
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws { try await options.setDisabled(true, name) }
}

extension AdministrationOptions {
  /// Disables or enables a user, and prints the result.
  func setDisabled(_ isDisabled: Bool, _ name: String) async throws {
    try await run { dependencies in
      let name = name.lowercased()
      let write = WriteContext()
      let ended = try await dependencies.sessions.revoking(write) {
        try await UserStore(database: dependencies.database).setDisabled(
          isDisabled, name: name, at: .now, write)
      }
      guard let ended else { throw NotFoundError(user: name) }
      let count = ended.sessions
      try output(
        UserState(name: name, disabled: isDisabled, endedSessions: count),
        isDisabled
          ? "\(name) is disabled. Sessions that were ended: \(count)." : "\(name) can sign in again.")
    }
  }
}

/// The output of `user disable` and `user enable`.
struct UserState: Codable, Sendable {
  let name: String
  let disabled: Bool
  let endedSessions: Int
}
