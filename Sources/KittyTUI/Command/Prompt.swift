import POSIX
import SystemPackage

/// Questions on the terminal.
enum Prompt {
  /// Asks for a line. The prompt goes to standard error, and only if standard input is a terminal.
  /// - Returns: The line without its end; `nil` at the end of the input.
  /// - Throws: `CommandFailure` when the user pressed Ctrl-C.
  static func ask(_ prompt: SafeText, isSecret: Bool) throws(CommandFailure) -> String? {
    guard input.isTerminal else { return line(endingAt: []) }
    printPrompt(prompt.string)
    guard isSecret else { return line(endingAt: []) }
    let mode: TerminalMode
    do {
      mode = try TerminalMode(of: input)
      // Ctrl-C, Ctrl-\ and Ctrl-Z must not stop the program while the terminal hides the input: Ctrl-C ends the
      // line instead, and the others are ordinary characters.
      try mode.hidingInput(endingLinesAt: interrupt).apply(to: input)
    } catch {
      throw CommandFailure(
        .failed, "The terminal cannot hide a password. Send the password on standard input.")
    }
    let text = line(endingAt: [interrupt])
    try? mode.apply(to: input)
    printPrompt("\n")
    if let text, text.utf8.last == interrupt { throw CommandFailure(.failed, "Stopped.") }
    return text
  }

  private static let input = FileDescriptor.standardInput
  /// The byte that Ctrl-C sends.
  private static let interrupt: UInt8 = 3

  /// Reads the next line of standard input, at most 4096 bytes. It reads byte by byte, so that the lines after it
  /// stay unread.
  private static func line(endingAt ends: Set<UInt8>) -> String? {
    var bytes: [UInt8] = []
    while bytes.count < 4096 {
      guard let byte = try? input.read(upTo: 1).first else {
        if bytes.isEmpty { return nil }
        break
      }
      if byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
      if ends.contains(byte) { break }
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func printPrompt(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}
