import FoundationEssentials
import Glibc
import KittyShared

/// The surroundings of a command: streams, environment variables, date. Tests replace them.
struct CommandEnvironment: Sendable {
  var environment: [String: String]
  /// The date in the time zone of the user.
  var today: Day
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

  /// The environment of this process.
  static var ofProcess: CommandEnvironment {
    CommandEnvironment(
      environment: ProcessInfo.processInfo.environment, today: KittyTUI.today,
      isTerminal: isatty(STDOUT_FILENO) == 1, isInteractive: isatty(STDIN_FILENO) == 1,
      pauses: [.milliseconds(300), .seconds(1)],
      write: { (bytes) throws(CommandFailure) in
        guard Self.write(bytes, to: STDOUT_FILENO) else {
          throw CommandFailure(.failed, "Cannot write the output: \(Self.lastError).")
        }
      },
      // An error is ignored: with standard error closed it cannot be reported.
      printMessage: { _ = Self.write(Array("\($0.string)\n".utf8), to: STDERR_FILENO) },
      ask: { (prompt, isSecret) throws(CommandFailure) in try Prompt.ask(prompt, isSecret: isSecret) },
      readAll: { (limit) throws(CommandFailure) in try Self.readAll(limit) })
  }

  /// `true` when colours may be used.
  var hasColour: Bool {
    isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func readAll(_ limit: Int) throws(CommandFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure(.failed, "Cannot read standard input: \(lastError).")
      }
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return bytes
  }

  private static var lastError: String { unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "" }
}
