import ArgumentParser
import Curl
import KittyShared

/// A command without a screen.
protocol ScriptCommand: ParsableCommand {
  /// Runs the command and prints its result.
  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure)
}

/// A command that prints a report about the server's responses.
protocol ReportingCommand: ScriptCommand {
  var place: ServerOption { get }
  var output: OutputOptions { get }
  /// Sends the requests and returns the report.
  func report(_ connection: Connection) async throws(CommandFailure) -> Report
}

extension ReportingCommand {
  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(place, surroundings).signedIn()
    try output.write(try await report(connection), surroundings)
  }
}

/// The option for the server's address.
struct ServerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server. Default: $KITTYCASH_SERVER, else the server of the last login, else \(ServerAddress.standard.url).",
      valueName: "url"))
  var server: String?
}

/// The options for the output format.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the JSON of the server as one document.")
  var json = false
  @Flag(help: "Print lines of fields separated by tabs, without titles.")
  var plain = false

  func validate() throws {
    if json && plain { throw ValidationError("--json and --plain cannot be combined.") }
  }

  func write(_ report: Report, _ surroundings: CommandEnvironment) throws(CommandFailure) {
    if json { return try surroundings.write(SafeJSON.bytes(report.json)) }
    if plain {
      let lines = report.fields.map { $0.map(\.string).joined(separator: "\t") + "\n" }
      return try surroundings.write(Array(lines.joined().utf8))
    }
    let texts = report.tables.map { $0.text(hasColour: surroundings.hasColour) }.filter { !$0.isEmpty }
    try surroundings.write(Array(texts.joined(separator: "\n").utf8))
    if let note = report.note { surroundings.printMessage(note) }
  }
}

/// The server that a command uses, and the session or token for it.
struct Connection: Sendable {
  let choice: ServerChoice
  let tokens: TokenFile
  var api: APIClient
  /// `true` when `$KITTYCASH_TOKEN` is set: it replaces the stored session.
  let isTokenGiven: Bool
  let today: Day
  /// The request id of all requests of this command, so that they can be found together in the server's log.
  let requestID: String

  /// - Throws: `CommandFailure` for an invalid address.
  init(_ place: ServerOption, _ surroundings: CommandEnvironment) throws(CommandFailure) {
    do throws(ServerAddress.Invalid) {
      choice = try ServerChoice(option: place.server, environment: surroundings.environment)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    tokens = TokenFile(server: choice.address, environment: surroundings.environment)
    today = surroundings.today
    requestID = "\(ID(at: .now))"
    api = APIClient(server: choice.address, http: HTTPClient())
    api.requestID = requestID
    api.pauses = surroundings.pauses
    let given = surroundings.environment["KITTYCASH_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
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

/// Runs a command and prints its error.
enum ScriptRun {
  static func run(_ command: any ScriptCommand, _ surroundings: CommandEnvironment) async -> CommandStatus {
    do {
      try await command.perform(surroundings)
      return .done
    } catch {
      let request = error.requestID.map { " (request \($0))" } ?? ""
      surroundings.printMessage("kittycash: \(error.message)\(request)")
      return error.status
    }
  }
}
