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
  static let sessionEndDelay = """
    Servers with Redis end the sessions at once if this command has the same REDIS_URL. Without it, their caches accept \
    the sessions for up to 10 seconds.
    """
}

extension NotFoundError {
  init(user name: String) {
    self.init(description: "There is no user \"\(name)\". kittycash-server user list shows all.")
  }
}
