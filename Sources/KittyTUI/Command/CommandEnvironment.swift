import FoundationEssentials
import Glibc
import KittyShared

/// What a command has around it: its streams, its environment, the day. Tests give it others.
struct CommandEnvironment: Sendable {
  var environment: [String: String]
  /// The day where the person is.
  var today: Day
  /// Whether standard output is a terminal.
  var isTerminal: Bool
  /// Whether somebody can be asked.
  var isInteractive: Bool
  /// How long to wait before what nobody answered is sent again.
  var pauses: [Duration]
  /// Writes to standard output.
  var write: @Sendable ([UInt8]) throws(CommandFailure) -> Void
  /// Says a sentence on standard error.
  var say: @Sendable (SafeText) -> Void
  /// Asks for a line, without an echo for a secret; reads the next line where there is nobody to ask.
  var ask: @Sendable (_ prompt: SafeText, _ isSecret: Bool) throws(CommandFailure) -> String?
  /// Reads standard input to its end, or to one byte more than the limit.
  var readAll: @Sendable (_ limit: Int) throws(CommandFailure) -> [UInt8]

  /// Those of this process.
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
      // Where standard error is closed there is nobody to tell.
      say: { _ = Self.write(Array("\($0.string)\n".utf8), to: STDERR_FILENO) },
      ask: { (prompt, isSecret) throws(CommandFailure) in try Prompt.ask(prompt, isSecret: isSecret) },
      readAll: { (limit) throws(CommandFailure) in try Self.readAll(limit) })
  }

  /// Whether colours may be used.
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
