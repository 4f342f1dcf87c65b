import ArgumentParser
import KittyShared

/// `kittycash confirm-email`.
struct ConfirmEmailCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm-email",
    abstract: "Confirm the address of your account with the token from the mail.",
    discussion: """
      Asks for the token without showing it. Without a terminal it reads the token from the first line of standard \
      input. Only a confirmed address gets mails that replace a forgotten password.
      """)

  @OptionGroup var serverOption: ServerOption

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    guard let token = try environment.ask("Token of the mail: ", true), !token.isEmpty else {
      throw CommandFailure(.usage, "The token is missing: send it on standard input.")
    }
    let user: User = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.confirmEmail, body: EmailConfirmation(token: token))
    }
    environment.printMessage("The address \(user.email ?? "of your account") is confirmed.")
  }
}
