import ArgumentParser
import KittyShared

/// `kittycash login`.
struct LoginCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "login", abstract: "Sign in and store the session.",
    discussion: """
      Asks for the password without showing it. Without a terminal it reads the password from the first line \
      of standard input, and the code of a second factor from the second line. Commands without --server use \
      the server of the last login.
      """)

  @OptionGroup var serverOption: ServerOption
  @Option(help: "Your user name. Without it you are asked for it.")
  var name: String?

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment)
    connection.api.token = nil
    let url = connection.choice.address.url
    if connection.choice.address.isExposed {
      environment.printMessage(
        "Warning: \(url) is not encrypted: others on the network can read what you send.")
    }
    guard name != nil || environment.isInteractive else {
      throw CommandFailure(.usage, "The user name is missing: add --name NAME.")
    }
    var given = name
    if given == nil { given = try environment.ask("Name: ", false) }
    guard let name = given, !name.isEmpty,
      let password = try environment.ask("Password for \(name) at \(url): ", true), !password.isEmpty
    else { throw CommandFailure(.usage, "The password is missing: send it on standard input.") }
    var credentials = Credentials(name: name, password: password)
    credentials.deviceToken = try connection.deviceToken(of: name)
    let session: Session
    do throws(CommandFailure) {
      session = try await connection.signIn(credentials)
    } catch  where error.needsSecondFactor {
      guard let code = try environment.ask("Code of your second factor: ", false), !code.isEmpty else {
        let expected = "the six digits of your authenticator app, or a recovery code"
        throw CommandFailure(
          .notSignedIn,
          environment.isInteractive
            ? "Not signed in: a second factor is required. Run the command again and enter \(expected)."
            : "Not signed in: a second factor is required. Send \(expected) as the second line of standard input.",
          requestID: error.requestID)
      }
      credentials.code = code
      session = try await connection.signIn(credentials)
    }
    do { try connection.tokens.write(session, at: url) } catch {
      throw CommandFailure(.failed, "\(error)")
    }
    environment.printMessage("Signed in to \(url) as \(session.user.name).")
    if connection.isTokenGiven {
      environment.printMessage(
        "Warning: $KITTYCASH_TOKEN is set, so the other commands use it instead of this session. Unset it to use the session."
      )
    }
  }
}

extension Connection {
  fileprivate func signIn(_ credentials: Credentials) async throws(CommandFailure) -> Session {
    try await ask { (api) throws(ClientFailure) in try await api.signIn(credentials) }
  }
}

extension CommandFailure {
  /// `true` when the password was right and a second factor is required.
  fileprivate var needsSecondFactor: Bool { code == "second_factor_needed" }
}
