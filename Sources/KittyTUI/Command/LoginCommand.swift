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

      With --ssh a key signs instead of the password: that of --identity, or those of the running agent and of ~/.ssh, one \
      after another. "kittycash keys add" tells the server of a key.
      """)

  @OptionGroup var serverOption: ServerOption
  @Option(help: "Your user name. Without it you are asked for it.")
  var name: String?
  @Flag(help: "Sign in with a key of ssh instead of the password.")
  var ssh = false
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The key for --ssh: a private key, or a public one that the agent has.", valueName: "file"))
  var identity: String?

  func validate() throws {
    if identity != nil, !ssh { throw ValidationError("--identity is for --ssh.") }
  }

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
    guard let name = given, !name.isEmpty else { throw CommandFailure(.usage, "The user name is missing.") }
    let session =
      ssh
      ? try await connection.keySession(name, identity, environment)
      : try await connection.passwordSession(name, environment)
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
  /// Signs in with a password, and with a code where one is needed.
  fileprivate func passwordSession(
    _ name: String, _ environment: CommandEnvironment
  ) async throws(CommandFailure) -> Session {
    guard let password = try environment.ask("Password for \(name) at \(choice.address.url): ", true),
      !password.isEmpty
    else { throw CommandFailure(.usage, "The password is missing: send it on standard input.") }
    var credentials = Credentials(name: name, password: password)
    credentials.deviceToken = try deviceToken(of: name)
    do throws(CommandFailure) { return try await signIn(credentials) } catch  where error.needsSecondFactor {
      credentials.code = try environment.askForCode(after: error)
      return try await signIn(credentials)
    }
  }

  private func signIn(_ credentials: Credentials) async throws(CommandFailure) -> Session {
    try await ask { (api) throws(ClientFailure) in try await api.signIn(credentials) }
  }

  /// Signs in with the first key that the server accepts, and with a code where one is needed.
  fileprivate func keySession(
    _ name: String, _ identity: String?, _ environment: CommandEnvironment
  ) async throws(CommandFailure) -> Session {
    let signer = SSHSigner(tool: environment.tool, variables: environment.variables)
    let keys = if let identity { [SSHSigner.Key.file(identity)] } else { try await signer.keys() }
    var refusals: [String] = []
    for key in keys {
      do throws(CommandFailure) {
        do throws(CommandFailure) { return try await signIn(name, key, nil, signer) } catch
          where error.needsSecondFactor
        {
          let code = try environment.askForCode(after: error)
          return try await signIn(name, key, code, signer)
        }
      } catch  where error.isOfTheKey {
        refusals.append(error.message)
      }
    }
    let why = Set(refusals).sorted().joined(separator: " ")
    throw CommandFailure(
      .notSignedIn,
      keys.isEmpty
        ? "There is no key: ssh-add lists none, and ~/.ssh has none. Name one with --identity, or sign in with the password."
        : "No key was accepted, of \(keys.count) tried. \(why) Add one with \"kittycash keys add\" after a sign-in with the password."
    )
  }

  /// Signs a new challenge, since each works once.
  private func signIn(
    _ name: String, _ key: SSHSigner.Key, _ code: String?, _ signer: SSHSigner
  ) async throws(CommandFailure) -> Session {
    let challenge: SignInChallenge = try await ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.signInChallenge)
    }
    let message = SignInChallenge.message(
      host: choice.address.host, name: name, challenge: challenge.challenge)
    let input = NewKeySession(
      name: name, challenge: challenge.challenge, signature: try await signer.sign(message, with: key),
      code: code)
    return try await ask { (api) throws(ClientFailure) in try await api.signIn(input) }
  }
}

extension CommandEnvironment {
  /// Asks for the code of a second factor.
  /// - Parameter failure: The refusal for want of it.
  fileprivate func askForCode(after failure: CommandFailure) throws(CommandFailure) -> String {
    if let code = try ask("Code of your second factor: ", false), !code.isEmpty { return code }
    let expected = "the six digits of your authenticator app, or a recovery code"
    throw CommandFailure(
      .notSignedIn,
      isInteractive
        ? "Not signed in: a second factor is required. Run the command again and enter \(expected)."
        : "Not signed in: a second factor is required. Send \(expected) as the second line of standard input.",
      requestID: failure.requestID)
  }
}

extension CommandFailure {
  /// `true` when the password was right and a second factor is required.
  fileprivate var needsSecondFactor: Bool { code == "second_factor_needed" }

  /// `true` when another key may be accepted.
  fileprivate var isOfTheKey: Bool { code == "wrong_credentials" || (code == nil && status == .failed) }
}
