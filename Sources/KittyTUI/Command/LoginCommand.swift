import ArgumentParser
import KittyShared

/// `kittycash login`.
struct LoginCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "login", abstract: "Sign in, and keep the session.",
    discussion: """
      The password is asked for without showing it, or read as the first line of standard input when that \
      is no terminal; the code of a second factor likewise, as the next line. Commands that name no server \
      use that of the last login.
      """)

  @OptionGroup var place: ServerOption
  @Option(help: "Your user name; asked for when it is left out.")
  var name: String?

  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(place, surroundings)
    connection.api.token = nil
    let url = connection.choice.address.url
    if connection.choice.address.isExposed {
      surroundings.say("Careful: \(url) is not encrypted, and others on the way can read what you send.")
    }
    guard name != nil || surroundings.isInteractive else {
      throw CommandFailure(.usage, "Say who signs in: --name NAME.")
    }
    var given = name
    if given == nil { given = try surroundings.ask("Name: ", false) }
    guard let name = given, !name.isEmpty,
      let password = try surroundings.ask("Password for \(name) at \(url): ", true), !password.isEmpty
    else { throw CommandFailure(.usage, "Send the password on standard input.") }
    var credentials = Credentials(name: name, password: password)
    let session: Session
    do throws(CommandFailure) {
      session = try await connection.signIn(credentials)
    } catch  where error.wantsCode {
      guard let code = try surroundings.ask("Code of your second factor: ", false), !code.isEmpty else {
        let what = "the six digits of your authenticator app, or a recovery code"
        throw CommandFailure(
          .notSignedIn,
          surroundings.isInteractive
            ? "Not signed in: the password is not enough. Run it again and write \(what)."
            : "Not signed in: the password is not enough. Send \(what) as the second line of standard input.",
          requestID: error.requestID)
      }
      credentials.code = code
      session = try await connection.signIn(credentials)
    }
    do {
      try connection.tokens.write(.init(server: url, name: session.user.name, token: session.token))
      try ServerChoice.file(surroundings.environment).write(Array("\(url)\n".utf8))
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
    surroundings.say("Signed in to \(url) as \(session.user.name).")
    if connection.isTokenGiven {
      surroundings.say(
        "$KITTYCASH_TOKEN is set and goes first: unset it, or the other commands use it instead of this session."
      )
    }
  }
}

/// `kittycash logout`.
struct LogoutCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout", abstract: "Sign out: end the session and forget it.")

  @OptionGroup var place: ServerOption

  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(place, surroundings)
    let url = connection.choice.address.url
    guard let stored = try connection.stored() else {
      throw CommandFailure(.notSignedIn, "You are not signed in to \(url).")
    }
    connection.api.token = stored.token
    do throws(CommandFailure) {
      try await connection.ask { (api) throws(ClientFailure) in try await api.call(Endpoints.signOut) }
    } catch  where error.status == .notSignedIn {
      // It had ended already.
    }
    connection.tokens.remove()
    if ServerChoice.remembered(surroundings.environment) == connection.choice.address {
      ServerChoice.file(surroundings.environment).remove()
    }
    surroundings.say("Signed out of \(url).")
  }
}

extension Connection {
  fileprivate func signIn(_ credentials: Credentials) async throws(CommandFailure) -> Session {
    try await ask { (api) throws(ClientFailure) in try await api.signIn(credentials) }
  }
}

extension CommandFailure {
  /// Whether the password was right and a second factor is needed.
  fileprivate var wantsCode: Bool { code == "second_factor_needed" }
}
