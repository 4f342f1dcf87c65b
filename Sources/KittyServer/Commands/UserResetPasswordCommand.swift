import ArgumentParser
import KittyShared

/// `kittycash-server user reset-password`.
struct UserResetPasswordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset-password",
    abstract:
      "Set a new password for a user, end the sessions, revoke the API tokens, and print the password.",
    discussion: UserCommand.sessionEnd)
  @OptionGroup var options: AdministrationOptions
  @OptionGroup var source: PasswordOptions
  @Argument(help: "The name to sign in with.") var name: String

  func run() async throws {
    try await options.run { dependencies in
      let (password, isRandom) = try source.password()
      let name = name.lowercased()
      guard let user = try await UserStore(database: dependencies.database).find(name: name)?.user else {
        throw NotFoundError(user: name)
      }
      let hash = try await dependencies.passwords.hash(password, "password", of: user)
      let write = WriteContext()
      let ended = try await dependencies.sessions.revoking(write) {
        try await UserStore(database: dependencies.database).setPassword(
          of: name, to: hash, at: .now, write)
      }
      guard let ended else { throw NotFoundError(user: name) }
      let count = ended.sessions
      try options.output(
        NewPassword(name: name, password: isRandom ? password : nil, endedSessions: count),
        (isRandom ? "The password of \(name) is \(password)" : "The password of \(name) was changed.")
          + "\nSessions that were ended: \(count).")
    }
  }
}

/// The output of a command that sets a password.
struct NewPassword: Codable, Sendable {
  var id: ID?
  let name: String
  /// `nil` for a password that the caller chose.
  let password: String?
  let endedSessions: Int?
}
