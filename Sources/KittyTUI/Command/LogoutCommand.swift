import ArgumentParser
import KittyShared

/// `kittycash logout`.
struct LogoutCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout", abstract: "Sign out: end the session and remove it from this machine.")

  @OptionGroup var serverOption: ServerOption

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment)
    let url = connection.choice.address.url
    guard let stored = try connection.stored() else {
      throw CommandFailure(.notSignedIn, "You are not signed in to \(url).")
    }
    connection.api.token = stored.token
    do throws(CommandFailure) {
      try await connection.ask { (api) throws(ClientFailure) in try await api.call(Endpoints.signOut) }
    } catch  where error.status == .notSignedIn {
      // The session has already ended.
    }
    // The server stays that of the next login.
    connection.tokens.remove()
    UserFiles(server: connection.choice.address, user: stored.name, environment: environment.variables)
      .cache.remove()
    environment.printMessage("Signed out of \(url).")
  }
}
