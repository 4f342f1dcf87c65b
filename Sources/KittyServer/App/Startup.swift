import ArgumentParser
import Logging
import POSIX
import ServiceLifecycle

/// Start and end of a command.
enum Startup {
  /// Runs `body`. An error ends the program with a sentence on standard error and exit code 1.
  static func run(_ logger: Logger, _ body: () async throws -> Void) async throws {
    // Files and folders are for this user and the group only.
    CurrentProcess.setFileCreationMask([.otherReadWriteExecute])
    FileDescriptorLimit.raise()
    do {
      try await body()
    } catch {
      logger.critical("stopped", metadata: ["error": "\(error)"])
      throw ExitMessage(message: "kittycash-server: \(sentence(for: error))")
    }
  }

  /// Runs `body` with the log of the settings, and waits at the end until the last line is written.
  /// - Parameter program: The program's name in the log: `kittycash-server` or `kittycash-worker`.
  static func run(
    _ settings: Settings, as program: String, _ body: (Logger, LogOutput) async throws -> Void
  ) async throws {
    let output = LogOutput(file: settings.logFile.map { LogFile($0) })
    defer { output.file?.flush() }
    let logger = JSONLogHandler.logger(program, level: settings.logLevel, to: output)
    try await run(logger) { try await body(logger, output) }
  }

  /// Runs services until SIGTERM or SIGINT, then stops them within ten seconds.
  static func serve(
    _ services: [ServiceGroupConfiguration.ServiceConfiguration], logger: Logger
  ) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(9)
    try await ServiceGroup(configuration: configuration).run()
  }
}

extension Logger {
  /// Writes nothing: for commands whose output is for people.
  static var silent: Logger { Logger(label: "kittycash-server") { _ in SwiftLogNoOpLogHandler() } }
}

extension Settings {
  /// Reads the settings. An invalid one ends the program with its name, the reason, and exit code 64 (`EX_USAGE`).
  static func orExit(_ flags: Flags) async throws -> Settings {
    do {
      return try await Settings(flags: flags)
    } catch let invalid as Invalid {
      throw ValidationError(invalid.description)
    }
  }
}
