import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The surroundings of a command: streams, environment variables, date. Tests replace them.
struct CommandEnvironment: Sendable {
  var variables: [String: String]
  /// Returns the date now in a time zone; `nil` stands for that of this machine.
  var date: @Sendable (_ timeZone: String?) -> Day
  /// `true` when standard output is a terminal.
  var isTerminal: Bool
  /// `true` when standard input is a terminal, so that the user can be asked.
  var isInteractive: Bool
  /// Pauses before each retry of a request without a response.
  var pauses: [Duration]
  /// Writes to standard output.
  var write: @Sendable ([UInt8]) throws(CommandFailure) -> Void
  /// Writes a line to standard error.
  var printMessage: @Sendable (SafeText) -> Void
  /// Asks for a line, without an echo for a secret. Without a terminal it reads the next line of standard input.
  var ask: @Sendable (_ prompt: SafeText, _ isSecret: Bool) throws(CommandFailure) -> String?
  /// Reads standard input to its end, or just beyond the limit.
  var readAll: @Sendable (_ limit: Int) throws(CommandFailure) -> [UInt8]
  /// Returns the path of a file with what `readAll` read and the rest of standard input.
  var spool: @Sendable (_ start: [UInt8]) throws(CommandFailure) -> String

  /// `true` when the program that reads the output has ended.
  var isClosed: @Sendable () -> Bool = { false }

  /// Runs programs such as ssh-keygen.
  var tool = Tool()

  /// The environment of this process.
  static var ofProcess: CommandEnvironment {
    CommandEnvironment(
      variables: ProcessInfo.processInfo.environment, date: { .of(.now, in: $0) },
      isTerminal: FileDescriptor.standardOutput.isTerminal,
      isInteractive: FileDescriptor.standardInput.isTerminal,
      pauses: [.milliseconds(300), .seconds(1)],
      write: { (bytes) throws(CommandFailure) in
        do { try FileDescriptor.standardOutput.writeAll(bytes) } catch {
          throw CommandFailure(.failed, "Cannot write the output: \(error).")
        }
      },
      // An error is ignored: with standard error closed it cannot be reported.
      printMessage: { _ = try? FileDescriptor.standardError.writeAll("\($0.string)\n".utf8) },
      ask: { (prompt, isSecret) throws(CommandFailure) in try Prompt.ask(prompt, isSecret: isSecret) },
      readAll: { (limit) throws(CommandFailure) in try Self.readAll(limit) },
      spool: { (start) throws(CommandFailure) in
        // Files in /tmp are in the memory of many machines.
        let folder = Self.temporaryFolder(ProcessInfo.processInfo.environment, or: "/var/tmp")
        return try SpooledInput.path(after: start, rest: .standardInput, in: FilePath(folder))
      },
      isClosed: { Readiness.wait(for: [.standardOutput], timeout: .zero)[0].isClosed })
  }

  /// The folder for temporary files: `TMPDIR`, unless it is missing or empty.
  static func temporaryFolder(_ variables: [String: String], or other: String) -> String {
    variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? other
  }

  /// `true` where the user may name files of this machine.
  var hasFiles: Bool { variables["KITTYCASH_FILES"] != "off" }

  /// - Throws: `CommandFailure` where the user must not name files of this machine.
  func requireFiles() throws(CommandFailure) {
    guard hasFiles else {
      throw CommandFailure(.usage, "\(EffectRunner.noFiles) Use - and send the file through the connection.")
    }
  }

  /// `true` when colours may be used.
  var hasColour: Bool {
    isTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
  }

  private static func readAll(_ limit: Int) throws(CommandFailure) -> [UInt8] {
    do { return try FileDescriptor.standardInput.read(upTo: limit + 1) } catch {
      throw CommandFailure(.failed, "Cannot read standard input: \(error).")
    }
  }
}
