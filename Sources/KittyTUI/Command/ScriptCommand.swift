import ArgumentParser
import KittyShared

/// A command without a screen.
protocol ScriptCommand: ParsableCommand {
  /// Runs the command and prints its result.
  func perform(_ environment: CommandEnvironment) async throws(CommandFailure)
}

/// A command that prints a report about the server's responses.
protocol ReportingCommand: ScriptCommand {
  var serverOption: ServerOption { get }
  var output: OutputOptions { get }
  /// Sends the requests and returns the report.
  func report(_ connection: Connection) async throws(CommandFailure) -> Report
}

extension ReportingCommand {
  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    try output.write(try await report(connection), environment)
  }
}

/// The options for the server's address and its certificate.
struct ServerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server. Default: $KITTYCASH_SERVER, else the server of the last login, else \(ServerAddress.standard.url).",
      valueName: "url"))
  var server: String?
  @Option(
    help: ArgumentHelp(
      "The certificates of the authorities that may sign that of the server (PEM), instead of this machine's. ($KITTYCASH_CA)",
      valueName: "file"))
  var ca: String?
}

/// Runs a command and prints its error.
enum ScriptRun {
  static func run(_ command: any ScriptCommand, _ environment: CommandEnvironment) async -> CommandStatus {
    do {
      try await command.perform(environment)
      return .done
    } catch {
      let request = error.requestID.map { " (request \($0))" } ?? ""
      environment.printMessage("kittycash: \(error.message)\(request)")
      return error.status
    }
  }
}
