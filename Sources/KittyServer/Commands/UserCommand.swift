import ArgumentParser

/// `kittycash-server user`.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "List and change users.",
    subcommands: [
      UserListCommand.self, UserAddCommand.self, UserDisableCommand.self, UserEnableCommand.self,
      UserResetPasswordCommand.self, UserRemoveSecondFactorCommand.self, UserInviteCommand.self,
    ])

  /// Help for the commands that end sessions: the effect on servers that are running.
  static let sessionEnd = """
    Servers that are running refuse the sessions at once, and with SQLite within a second. The command needs only their \
    database: it tells them through it.
    """
}

extension NotFoundError {
  init(user name: String) {
    self.init(description: "There is no user \"\(name)\". kittycash-server user list shows all.")
  }
}
