import ArgumentParser
import KittyShared
import Logging

/// The options of every command for administrators.
struct AdministrationOptions: ParsableArguments {
  @OptionGroup var flags: Settings.Flags
  @Flag(help: "Print JSON, for programs.") var json = false

  /// Runs `body` with the dependencies of a server whose data exists and is up to date. Nothing but the line of
  /// `OperatorLog` is logged: errors are printed on standard error.
  func run(_ body: (Dependencies) async throws -> Void) async throws {
    let settings = try await Settings.orExit(flags)
    let logger = Logger.silent
    try await Startup.run(logger) { try await withExistingData(settings, logger: logger, body) }
    OperatorLog.note(settings)
  }

  /// Prints a value as JSON, or a text for people.
  func output(_ value: some Encodable, _ text: @autoclosure () -> String) throws {
    StandardOutput.write(line: json ? try JSON.text(of: value) : text())
  }
}
