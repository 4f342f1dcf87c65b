import ArgumentParser
import Curl
import KittyShared

/// A command without a screen.
protocol ScriptCommand: ParsableCommand {
  /// Does it, and prints what it found.
  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure)
}

/// A command that asks the server and reports.
protocol ReportingCommand: ScriptCommand {
  var place: ServerOption { get }
  var output: OutputOptions { get }
  /// Asks the server.
  func report(_ connection: Connection) async throws(CommandFailure) -> Report
}

extension ReportingCommand {
  func perform(_ surroundings: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(place, surroundings).signedIn()
    try output.write(try await report(connection), surroundings)
  }
}

/// Where the server is.
struct ServerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server. Default: $KITTYCASH_SERVER, else that of the last login, else \(ServerAddress.standard.url).",
      valueName: "url"))
  var server: String?
}

/// How a command prints what it found.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the server's JSON, one document.")
  var json = false
  @Flag(help: "Print fields with a tab between them, without titles.")
  var plain = false

  func validate() throws {
    if json && plain { throw ValidationError("Choose --json or --plain, not both.") }
  }

  func write(_ report: Report, _ surroundings: CommandEnvironment) throws(CommandFailure) {
    if json { return try surroundings.write(SafeJSON.bytes(report.json)) }
    if plain {
      let lines = report.fields.map { $0.map(\.string).joined(separator: "\t") + "\n" }
      return try surroundings.write(Array(lines.joined().utf8))
    }
    let texts = report.tables.map { $0.text(hasColour: surroundings.hasColour) }.filter { !$0.isEmpty }
    try surroundings.write(Array(texts.joined(separator: "\n").utf8))
    if let note = report.note { surroundings.say(note) }
  }
}

/// The server that a command talks to, and as whom.
struct Connection: Sendable {
  let choice: ServerChoice
  let tokens: TokenFile
  var api: APIClient
  /// Whether `$KITTYCASH_TOKEN` is set: it goes before the stored session.
  let isTokenGiven: Bool
  let today: Day
  /// Everything that one command sends has the same id, so that the server's log shows it together.
  let requestID: String

  /// - Throws: `CommandFailure` for an address that is none.
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

  /// The same with a token: that of `$KITTYCASH_TOKEN`, else that of the stored session.
  /// - Throws: `CommandFailure` when there is none.
  func signedIn() throws(CommandFailure) -> Connection {
    if api.token != nil { return self }
    guard let stored = try stored() else {
      throw CommandFailure(
        .notSignedIn, "You are not signed in to \(choice.address.url): run \"kittycash login\".")
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

  /// Asks the server, and says what went wrong in a command's words.
  /// - Parameter key: The key of a change.
  func ask<Value>(
    key: ID? = nil, _ body: (APIClient) async throws(ClientFailure) -> Value
  ) async throws(CommandFailure) -> Value {
    do { return try await body(api) } catch {
      if case .problem(let problem) = error, problem.status == 401, api.token != nil {
        let url = choice.address.url
        throw CommandFailure(
          .notSignedIn,
          isTokenGiven
            ? "\(url) does not take the token in $KITTYCASH_TOKEN: it is not whole, it has ended, or it was revoked. "
              + "Put another one there, or unset it and run \"kittycash login\"."
            : "You are no longer signed in to \(url): run \"kittycash login\".",
          requestID: problem.requestId ?? requestID)
      }
      throw CommandFailure(error, requestID: requestID, key: key)
    }
  }
}

/// Runs a command and says how it ended.
enum ScriptRun {
  static func run(_ command: any ScriptCommand, _ surroundings: CommandEnvironment) async -> CommandStatus {
    do {
      try await command.perform(surroundings)
      return .done
    } catch {
      let request = error.requestID.map { " (request \($0))" } ?? ""
      surroundings.say("kittycash: \(error.sentence)\(request)")
      return error.status
    }
  }
}
