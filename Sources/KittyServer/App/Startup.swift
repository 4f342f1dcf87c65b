import ArgumentParser
import Glibc
import KittyShared
import Logging
import ServiceLifecycle

/// Starting and stopping, the same for every command.
enum Startup {
  /// Runs `body`; an error ends the program with a sentence on standard error and exit code 1.
  static func run(_ logger: Logger, _ body: () async throws -> Void) async throws {
    // Files are for this user and their group alone.
    umask(0o007)
    FileDescriptorLimit.raise()
    do {
      try await body()
    } catch {
      logger.critical("stopped", metadata: ["error": "\(error)"])
      throw ExitMessage(message: "kittycash-server: \(sentence(for: error))")
    }
  }

  /// As `run`, with the log that the settings ask for; its last line is written when this ends.
  /// - Parameter program: Who writes the log: `kittycash-server` or `kittycash-worker`.
  static func run(
    _ settings: Settings, as program: String, _ body: (Logger, LogOutput) async throws -> Void
  ) async throws {
    let output = LogOutput(file: settings.logFile.map { LogFile($0) })
    defer { output.file?.flush() }
    let logger = JSONLogHandler.logger(program, level: settings.logLevel, to: output)
    try await run(logger) { try await body(logger, output) }
  }

  /// Runs services until SIGTERM or SIGINT, then stops them within ten seconds and closes what they used.
  static func serve(
    _ services: [ServiceGroupConfiguration.ServiceConfiguration], dependencies: Dependencies
  ) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: dependencies.logger)
    configuration.maximumGracefulShutdownDuration = .seconds(9)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch {
      await dependencies.close()
      throw error
    }
    await dependencies.close()
  }
}

/// Ends the program with this message and exit code 1.
struct ExitMessage: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}

extension Settings {
  /// The settings; a bad one ends the program with its name, why, and exit code 64 (`EX_USAGE`).
  static func orExit(_ flags: Flags) async throws -> Settings {
    do {
      return try await Settings(flags: flags)
    } catch let invalid as Invalid {
      throw ValidationError(invalid.description)
    }
  }
}
