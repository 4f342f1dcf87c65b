import Glibc

/// Questions on the terminal.
enum Prompt {
  /// Asks for a line. The prompt goes to standard error, and only if standard input is a terminal.
  /// - Returns: The line without its end; `nil` at the end of the input.
  /// - Throws: `CommandFailure` when the user pressed Ctrl-C.
  static func ask(_ prompt: SafeText, isSecret: Bool) throws(CommandFailure) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return line(endingAt: []) }
    printPrompt(prompt.string)
    guard isSecret else { return line(endingAt: []) }
    var before = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else {
      throw CommandFailure(
        .failed, "The terminal cannot hide a password. Send the password on standard input.")
    }
    var hidden = before
    // Ctrl-C, Ctrl-\ and Ctrl-Z must not stop the program while the terminal hides the input: Ctrl-C ends the
    // line instead, and the others are ordinary characters.
    hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
    hidden.c_cc.11 = interrupt
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
      throw CommandFailure(
        .failed, "The terminal cannot hide a password. Send the password on standard input.")
    }
    let text = line(endingAt: [interrupt])
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
    printPrompt("\n")
    if let text, text.utf8.last == interrupt { throw CommandFailure(.failed, "Stopped.") }
    return text
  }

  /// The byte that Ctrl-C sends.
  private static let interrupt: UInt8 = 3

  /// Reads the next line of standard input, at most 4096 bytes. It reads byte by byte, so that the lines after it
  /// stay unread.
  private static func line(endingAt ends: Set<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 4096 {
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
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
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
