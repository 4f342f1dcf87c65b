import KittyShared

/// The server that a command uses, and the session or token for it.
struct Connection: Sendable {
  let choice: ServerChoice
  let tokens: TokenFile
  var api: APIClient
  /// `true` when `$KITTYCASH_TOKEN` is set: it replaces the stored session.
  let isTokenGiven: Bool
  /// Returns the date now in a time zone; `nil` stands for that of this machine.
  private let date: @Sendable (_ timeZone: String?) -> Day
  /// The request id of all requests of this command, so that they can be found together in the server's log.
  let requestID: String

  /// - Throws: `CommandFailure` for an invalid address.
  init(_ serverOption: ServerOption, _ environment: CommandEnvironment) throws(CommandFailure) {
    do throws(ServerAddress.Invalid) {
      choice = try ServerChoice(option: serverOption.server, environment: environment.variables)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    tokens = TokenFile(server: choice.address, environment: environment.variables)
    date = environment.date
    requestID = "\(ID(at: .now))"
    let settings = ClientSettings(flags: .init(ca: serverOption.ca), environment: environment.variables)
    api = APIClient(server: choice.address, authorities: settings.authorities)
    api.requestID = requestID
    api.pauses = environment.pauses
    let given = environment.variables["KITTYCASH_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    isTokenGiven = given != nil
    api.token = given
  }

  /// Returns the connection with a token: that of `$KITTYCASH_TOKEN`, else that of the stored session.
  /// - Throws: `CommandFailure` without a token.
  func signedIn() throws(CommandFailure) -> Connection {
    if api.token != nil { return self }
    guard let stored = try stored() else {
      throw CommandFailure(
        .notSignedIn, "You are not signed in to \(choice.address.url). Run \"kittycash login\".")
    }
    var connection = self
    connection.api.token = stored.token
    return connection
  }

  /// The stored session.
  func stored() throws(CommandFailure) -> TokenFile.Content? {
    do throws(PrivateFile.Unsafe) { return try tokens.read() } catch {
      throw CommandFailure(.failed, error.description)
    }
  }

  /// The token of this device that an earlier sign-in of a user gave.
  func deviceToken(of name: String) throws(CommandFailure) -> String? {
    do throws(PrivateFile.Unsafe) { return try tokens.devices.token(of: name) } catch {
      throw CommandFailure(.failed, error.description)
    }
  }

  /// Returns the default date of an entry: the day in the time zone of the account, else in that of this machine.
  func today() async throws(CommandFailure) -> Day {
    try await ask { (api) throws(ClientFailure) in
      do throws(ClientFailure) {
        let user: User = try await api.call(Endpoints.me)
        return date(user.timeZone)
      } catch {
        // A token for one group cannot read the account.
        guard case .problem(let problem) = error, problem.status == 403 else { throw error }
        return date(nil)
      }
    }
  }

  /// Calls the API.
  /// - Parameter key: The idempotency key of a change.
  /// - Throws: `CommandFailure` with the message and exit code of a command.
  func ask<Value>(
    key: ID? = nil, _ body: (APIClient) async throws(ClientFailure) -> Value
  ) async throws(CommandFailure) -> Value {
    do { return try await body(api) } catch {
      if case .problem(let problem) = error, problem.status == 401, api.token != nil {
        let url = choice.address.url
        throw CommandFailure(
          .notSignedIn,
          isTokenGiven
            ? "\(url) does not accept the token in $KITTYCASH_TOKEN: it is incomplete, expired or revoked. "
              + "Set another token, or unset it and run \"kittycash login\"."
            : "You are no longer signed in to \(url). Run \"kittycash login\".",
          requestID: problem.requestId ?? requestID)
      }
      throw CommandFailure(error, requestID: requestID, key: key)
    }
  }
}
